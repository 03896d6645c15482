import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { HandClock, openAppScene, withNotes } from '../support/app-scene.ts';
import { filesIn } from '../support/cli.ts';
import { startDriveServer } from '../support/drive-server.ts';
import { addDriveDestination } from '../support/test-drive.ts';
import { openTestEngine } from '../support/test-engine.ts';

it('does not wait for a person who has yet to sign in', async () => {
  await using server = await startDriveServer({ consent: 'ask' });
  await using scene = await openAppScene({ prepare: async (engine) => void (await addDriveDestination(engine, server)) });
  const { client } = await scene.begin();
  const clientFile = join(scene.path, 'client.json');
  await server.clientFile(clientFile);
  const signIn = await client.destinations.signIn({ name: 'gdrive', clientFile });
  expect((await signIn.next()).value).toMatchObject({ type: 'address' });
  const over = signIn.next().catch((error: unknown) => errorFacts(error).code);
  scene.electron.app.quit();
  expect([await over, await scene.electron.app.ended.promise]).toEqual(['home-busy', 0]);
});

describe('quitting during a run', () => {
  it('ends it at a safe point, says so meanwhile, and leaves nothing half-written', async () => {
    await using scene = await openAppScene({ prepare: withNotes(50_000) });
    const { client, told } = await scene.begin();
    const { app, tray } = scene.electron;
    const began = told('step-progress');
    const finished = told('run-finished');
    await client.jobs.trigger({ job: 'notes' });
    await began;
    tray.choose('Quit when notes is at a safe point');
    let hasEnded = false;
    void app.ended.promise.then(() => {
      hasEnded = true;
    });
    expect((await scene.electron.notified('Nightjar quits at a safe point')).body).toContain('notes is under way');
    expect((await finished).status).toBe('cancelled');
    expect(hasEnded).toBe(false);
    expect(await app.ended.promise).toBe(0);
    expect(scene.electron.calls.slice(-2)).toEqual(['quit', 'quit']);

    const engine = await openTestEngine(scene.path);
    const [run] = engine.catalog.runs({ job: 'notes', limit: 1 });
    expect([run?.status, engine.notices, engine.catalog.snapshots('notes')]).toEqual(['cancelled', [], []]);
    engine.close();
    expect(Object.keys(filesIn(join(scene.path, 'usb')))).toEqual(['nightjar-destination.json']);
    expect(Object.keys(filesIn(scene.home.stagingFolder))).toEqual([]);
  });

  it('shows in the tray what it waits for, and ends at once when it is asked for again', async () => {
    const clock = new HandClock();
    await using scene = await openAppScene({ prepare: withNotes(50_000), ports: { clock } });
    const { client, engine, host, told } = await scene.begin();
    const { app, tray } = scene.electron;
    const began = told('step-progress');
    await client.jobs.trigger({ job: 'notes' });
    await began;
    // A client that never gets to its end keeps the engine.
    const held = Promise.withResolvers<void>();
    const kept = host.keep(held.promise);
    app.quit();
    await tray.shows((shown) => shown.labels().some((label) => label === 'Quit at once'));
    // One Ctrl-C comes twice where something passes it on.
    app.quit();
    expect(scene.electron.calls.filter((call) => call.startsWith('exit'))).toEqual([]);
    clock.nowMs = clock.now() + 1000;
    tray.choose('Quit at once');
    expect(await app.ended.promise).toBe(0);
    expect(scene.electron.calls.at(-1)).toBe('exit 0');
    const isClosed = new Promise<void>((resolve) => app.once('asked to quit', () => resolve()));
    held.resolve();
    await kept;
    await isClosed;
    expect(() => engine.catalog.runs({ limit: 1 })).toThrow();
  });

  it('closes windows for good, and keeps where they were', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    const [window] = scene.electron.windows;
    if (window === undefined) throw new Error('there is no window');
    window.bounds = { x: 100, y: 120, width: 1000, height: 700 };
    expect([window.close(), window.isShown]).toEqual([false, false]);
    scene.electron.app.quit();
    await scene.electron.app.ended.promise;
    expect(window.isDestroyed()).toBe(true);
    const engine = await openTestEngine(scene.path);
    expect(engine.settings.current.app?.window).toEqual({ x: 100, y: 120, width: 1000, height: 700, isMaximized: false });
    engine.close();
  });
});
