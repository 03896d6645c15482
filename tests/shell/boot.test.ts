import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdEngine } from '../../electron/api/held-engine.ts';
import { openAppScene, withNotes } from '../support/app-scene.ts';
import { openSandbox } from '../support/cli.ts';
import { openTestEngine } from '../support/test-engine.ts';
import { version } from '../support/version.ts';

describe('the app', () => {
  it('begins in this order, and nothing of Electron that needs it ready comes before', async () => {
    await using scene = await openAppScene();
    await scene.begin();
    expect(scene.electron.calls).toEqual(['path userData', 'lock', 'scheme app', 'ready', 'handle app', 'tray', 'window']);
    expect(scene.electron.app.userData).toBe(join(scene.home.path, 'app'));
  });

  it('is there once: the second one leaves at once, and has touched nothing', async () => {
    await using scene = await openAppScene();
    scene.electron.app.hasLock = false;
    expect(await scene.boot()).toBeNull();
    expect(scene.electron.calls).toEqual(['path userData', 'lock', 'quit']);
    expect(await scene.electron.app.ended.promise).toBe(0);
  });

  it.each(['second-instance', 'activate'])('shows its window when somebody starts it again (%s)', async (event) => {
    await using scene = await openAppScene({ surroundings: { args: ['--at-login'] } });
    await scene.begin();
    const { app, windows } = scene.electron;
    expect(windows).toEqual([]);
    app.emit(event);
    expect(windows.map(({ urls }) => urls)).toEqual([['app://nightjar/#/']]);
    windows[0]?.close();
    app.emit(event);
    expect(windows.map(({ isShown }) => isShown)).toEqual([true]);
  });

  it('shows its window when somebody starts it again before it has begun', async () => {
    await using scene = await openAppScene({ surroundings: { args: ['--at-login'] } });
    const beginning = scene.begin();
    scene.electron.app.emit('second-instance');
    await beginning;
    expect(scene.electron.windows.length).toBe(1);
  });

  it('that the system starts at login shows nothing but its icon', async () => {
    await using scene = await openAppScene({ surroundings: { platform: 'darwin' } });
    scene.electron.app.loginItem = { ...scene.electron.app.loginItem, wasOpenedAtLogin: true };
    await scene.begin();
    expect([scene.electron.windows.length, scene.electron.trays.length, scene.electron.app.policy]).toEqual([0, 1, 'accessory']);
  });

  it('stays with its window where there is no tray, and says so to that', async () => {
    await using scene = await openAppScene({ hasNoTray: true, surroundings: { args: ['--at-login'] } });
    const { client } = await scene.begin();
    const [window] = scene.electron.windows;
    expect((await client.desktop.info()).hasTray).toBe(false);
    expect([window?.close(), window?.isMinimized(), window?.isDestroyed()]).toEqual([false, true, false]);
  });

  it.each([
    ['/usr/bin:/bin', '/usr/bin:/bin:/opt/homebrew/bin:/usr/local/bin'],
    ['/opt/homebrew/bin:/usr/bin', '/opt/homebrew/bin:/usr/bin:/usr/local/bin'],
  ])('finds programs where people have them on macOS, with a PATH of %s', async (PATH, found) => {
    await using scene = await openAppScene({ surroundings: { platform: 'darwin', environment: { PATH, LANG: 'C' } } });
    const { engine } = await scene.begin();
    expect(engine.ports.environment).toEqual({ PATH: found, LANG: 'C' });
  });

  it('keeps the one settings file as every other Nightjar does, through its own store', async () => {
    await using scene = await openAppScene({ prepare: withNotes() });
    const { client } = await scene.begin();
    await client.settings.set({ key: 'staleHours', value: 48 });
    const written = JSON.parse(readFileSync(join(scene.home.path, 'settings.json'), 'utf8'));
    expect([written.preferences.staleHours, written.jobs[0].name]).toEqual([48, 'notes']);
  });
});

describe('the app whose data folder is taken', () => {
  it('says by whom, offers its window, and ends', async () => {
    await using box = await openSandbox();
    const other = box.start(['serve']);
    await once(other.child.stdout ?? other.child, 'data');
    await using scene = await openAppScene({ home: box.home, version });
    expect(await scene.boot()).toBeNull();
    const { dialog, openedOutside } = scene.electron;
    expect(dialog.asked.map(({ message, buttons }) => ({ message, buttons }))).toEqual([
      { message: 'Another Nightjar is at work', buttons: ['Open its window', 'Quit'] },
    ]);
    expect(dialog.asked[0]?.detail).toContain(`process ${other.pid}`);
    expect(dialog.asked[0]?.detail).toMatch(/launcher\.cjs serve|cli\.(ts|js) serve/);
    expect(openedOutside).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+$/)]);
    expect(await scene.electron.app.ended.promise).toBe(1);
  });

  it('ends without a word more where nobody wants that window', async () => {
    await using scene = await openAppScene();
    const engine = await openTestEngine(scene.path);
    const held = await holdEngine(engine);
    scene.electron.dialog.presses.push(1);
    expect(await scene.boot()).toBeNull();
    await held.close();
    expect([scene.electron.dialog.asked.length, scene.electron.openedOutside]).toEqual([1, []]);
  });

  it('waits for a command that is about to end', async () => {
    await using scene = await openAppScene();
    const engine = await openTestEngine(scene.path);
    const booting = scene.begin();
    engine.close();
    expect((await booting).engine.home.path).toBe(scene.home.path);
  });

  it('says why settings cannot be used, with what to do, and leaves them as they are', async () => {
    await using scene = await openAppScene();
    mkdirSync(scene.home.path, { recursive: true });
    writeFileSync(join(scene.home.path, 'settings.json'), '{ "jobs": 1');
    expect(await scene.boot()).toBeNull();
    expect(scene.electron.dialog.asked).toEqual([
      {
        message: 'Nightjar cannot begin',
        detail: expect.stringMatching(/^The settings file .*settings\.json is not JSON: .*\n\nCorrect it, or move it away/s),
        buttons: ['Quit'],
      },
    ]);
    expect(readFileSync(join(scene.home.path, 'settings.json'), 'utf8')).toBe('{ "jobs": 1');
  });
});
