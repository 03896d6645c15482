import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../electron/domain/engine-event.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { pauseJob, resumeJob } from '../../electron/engine/operations/pause-job.ts';
import { adoptSeries } from '../../electron/engine/operations/set-up-job.ts';
import { type SettingsWatch, watchSettings } from '../../electron/engine/settings-watch.ts';
import { gitJobOf } from '../support/store-scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, openTestEngine } from '../support/test-engine.ts';
import { type TurnedClock, turnedClock } from '../support/turned-clock.ts';

const quietMs = 500;
const doubtMs = 5000;

interface WatchedScene extends AsyncDisposable {
  readonly engine: Engine;
  readonly clock: TurnedClock;
  readonly watch: SettingsWatch;
  readonly path: string;
  /** What was told of settings, in its order. */
  readonly told: readonly EngineEvent[];
  /** How often something that was changed by hand was taken in. */
  takenIn(): number;
  /** Resolves to the next thing that is told of settings. */
  next(): Promise<EngineEvent>;
  /** The settings in the file, to be changed by hand. */
  read(): { preferences: Record<string, unknown>; jobs: Record<string, unknown>[]; destinations: Record<string, unknown>[] };
  write(settings: unknown): void;
  setAside(): string[];
}

/** An engine with a job `notes` and a git job `journal` whose settings file is watched. */
async function makeScene(): Promise<WatchedScene> {
  const folder = await makeTempFolder();
  const clock = turnedClock();
  const engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
  addJob(engine, { name: 'notes', path: '/data/notes.db', destinations: ['usb'] });
  const journal = gitJobOf('journal', { path: '/data/journal', stores: [''] });
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, journal] }));
  const told: EngineEvent[] = [];
  let tell = Promise.withResolvers<EngineEvent>();
  engine.listen((event) => {
    if (!event.type.startsWith('settings-')) return;
    told.push(event);
    tell.resolve(event);
    tell = Promise.withResolvers();
  });
  let takenIn = 0;
  const watch = watchSettings(engine, () => {
    takenIn++;
  });
  const path = join(engine.home.path, 'settings.json');
  return {
    engine,
    clock,
    watch,
    path,
    told,
    takenIn: () => takenIn,
    next: () => tell.promise,
    read: () => JSON.parse(readFileSync(path, 'utf8')),
    write: (settings) => writeFileSync(path, JSON.stringify(settings)),
    setAside: () => readdirSync(engine.home.path).filter((name) => name.includes('broken')),
    [Symbol.asyncDispose]: async () => {
      watch.close();
      engine.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Changes one preference by hand, in place. */
function setByHand(scene: WatchedScene, preferences: Readonly<Record<string, number>>): void {
  const edited = scene.read();
  Object.assign(edited.preferences, preferences);
  scene.write(edited);
}

describe('a settings file that is changed by hand', () => {
  it('is in force once its save is finished, is told once, and is kept as the last good one', async () => {
    await using scene = await makeScene();
    const { clock, engine, path } = scene;
    chmodSync(path, 0o644);
    const event = scene.next();
    setByHand(scene, { gzipLevel: 9 });
    await clock.waiting(quietMs);
    expect([scene.told, engine.settings.current.preferences.gzipLevel]).toEqual([[], 6]);
    clock.hurry(quietMs);
    expect(await event).toEqual({ type: 'settings-changed', atMs: clock.now() });
    expect(engine.settings.current.preferences.gzipLevel).toBe(9);
    expect(JSON.parse(readFileSync(join(engine.home.path, 'settings.last-good.json'), 'utf8')).preferences.gzipLevel).toBe(9);
    expect([statSync(path).mode & 0o777, scene.told.length, scene.takenIn(), scene.setAside()]).toEqual([0o600, 1, 1, []]);
  });

  it('may be put in its place by a rename', async () => {
    await using scene = await makeScene();
    const edited = scene.read();
    edited.preferences.staleHours = 99;
    const event = scene.next();
    writeFileSync(`${scene.path}.swp`, JSON.stringify(edited));
    renameSync(`${scene.path}.swp`, scene.path);
    scene.clock.hurry(quietMs);
    expect(await event).toMatchObject({ type: 'settings-changed' });
    expect(scene.engine.settings.current.preferences.staleHours).toBe(99);
  });

  it.each([
    ['half written', (path: string) => writeFileSync(path, '{"preferences": {"gzip')],
    ['emptied', (path: string) => writeFileSync(path, '')],
    ['moved away', (path: string) => rmSync(path)],
  ])('is waited for while it is %s', async (_, begin) => {
    await using scene = await makeScene();
    const { clock, path } = scene;
    const edited = scene.read();
    edited.preferences.gzipLevel = 1;
    const event = scene.next();
    begin(path);
    clock.hurry(quietMs);
    await clock.waiting(doubtMs);
    expect(scene.told).toEqual([]);
    scene.write(edited);
    clock.hurry(doubtMs);
    expect(await event).toMatchObject({ type: 'settings-changed' });
    expect([scene.engine.settings.current.preferences.gzipLevel, scene.setAside()]).toEqual([1, []]);
  });

  it.each([
    ['is not JSON', () => '{"jobs": [', /is not JSON/],
    ['is empty', () => '', /is not JSON/],
    ['has an unknown field', (text: string) => text.replace('"preferences"', '"preference"'), /not known: preference/],
    [
      'has a number out of range',
      (text: string) => text.replace('"gzipLevel": 6', '"gzipLevel": 12'),
      /preferences\.gzipLevel: it must be at most 9/,
    ],
    ['names a destination that is not there', (text: string) => text.replace(/"usb"\s*\]/, '"nas"]'), /there is no destination "nas"/],
    ['has a schedule that never comes', (text: string) => text.replace('17 3 * * *', '0 0 30 2 *'), /never comes/],
    [
      'moves a git job',
      (text: string) => text.replace('/data/journal', '/data/other'),
      /the path of the git job journal cannot change.*nightjar job set journal --git \/data\/other/,
    ],
  ])('that %s is set aside with one message, and the last good settings stay in force and are put back', async (_, edit, message) => {
    await using scene = await makeScene();
    const { clock, engine, path } = scene;
    const before = readFileSync(path, 'utf8');
    const inForce = engine.settings.current;
    const edited = edit(before);
    expect(edited).not.toBe(before);
    const event = scene.next();
    writeFileSync(path, edited);
    clock.hurry(quietMs, doubtMs);
    const refused = await event;
    const [name = ''] = scene.setAside();
    const aside = join(engine.home.path, name);
    expect(refused).toEqual({
      type: 'settings-refused',
      reason: expect.stringMatching(message),
      setAside: aside,
      atMs: expect.any(Number),
    });
    expect([readFileSync(path, 'utf8'), engine.settings.current, scene.setAside().length]).toEqual([before, inForce, 1]);
    expect(readFileSync(aside, 'utf8')).toBe(edited);
    expect([statSync(path).mode & 0o777, statSync(aside).mode & 0o777]).toEqual([0o600, 0o600]);
    expect(readFileSync(join(engine.home.path, 'logs', 'nightjar.log'), 'utf8')).toContain('the last good settings stay in force');
    // That it was put back is no change of a person's, so the next thing that is told is the next one.
    const next = scene.next();
    setByHand(scene, { gzipLevel: 8 });
    expect(await next).toMatchObject({ type: 'settings-changed' });
    expect(scene.told).toHaveLength(2);
  });

  it('that is taken away for good is put back', async () => {
    await using scene = await makeScene();
    const before = readFileSync(scene.path, 'utf8');
    const event = scene.next();
    rmSync(scene.path);
    scene.clock.hurry(quietMs, doubtMs);
    expect(await event).toMatchObject({
      type: 'settings-refused',
      setAside: null,
      reason: expect.stringContaining('taken away; it was put back'),
    });
    expect([readFileSync(scene.path, 'utf8'), scene.setAside()]).toEqual([before, []]);
  });

  it('and by a command at the same time loses neither change', async () => {
    await using scene = await makeScene();
    setByHand(scene, { gzipLevel: 9 });
    scene.engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, staleHours: 7 } }));
    expect(scene.engine.settings.current.preferences).toMatchObject({ gzipLevel: 9, staleHours: 7 });
    expect(scene.read().preferences).toMatchObject({ gzipLevel: 9, staleHours: 7 });
    const changed = { type: 'settings-changed', atMs: scene.clock.now() };
    expect([scene.told, scene.takenIn()]).toEqual([[changed, changed], 1]);
  });

  it.each([
    ['pauses', 'notes', (engine: Engine) => pauseJob(engine, 'notes', undefined), { paused: true }],
    ['resumes', 'notes', (engine: Engine) => resumeJob(engine, 'NOTES'), { paused: false }],
    ['adopts the snapshots of', 'notes', (engine: Engine) => adoptSeries(engine, 'notes'), { adopted: true }],
  ])('and by a command that %s the same job loses neither change', async (_, name, act, change) => {
    await using scene = await makeScene();
    const edited = scene.read();
    const jobs = edited.jobs.map((job) => (job.name === name ? { ...job, limitSeconds: 77 } : job));
    scene.write({ ...edited, jobs });
    await act(scene.engine);
    expect(scene.read().jobs[0]).toMatchObject({ name, limitSeconds: 77, ...change });
    expect(scene.engine.settings.current.jobs[0]).toMatchObject({ name, limitSeconds: 77, ...change });
  });

  it('and takes a job away is not undone by a command for that job', async () => {
    await using scene = await makeScene();
    const edited = scene.read();
    scene.write({ ...edited, jobs: edited.jobs.filter(({ name }) => name !== 'notes') });
    expect(() => pauseJob(scene.engine, 'notes', undefined)).toThrow('there is no job "notes"');
    expect(scene.read().jobs.map(({ name }) => name)).toEqual(['journal']);
  });

  it('brings the queue of a git job in line', async () => {
    await using scene = await makeScene();
    scene.engine.queue('journal').enqueue([{ item: 'a.md', paths: ['a.md'], reason: 'changed' }], scene.clock.now());
    const edited = scene.read();
    edited.jobs = edited.jobs.map((job) =>
      job.name === 'journal' ? { ...job, source: { ...(job.source as object), stores: ['b'] } } : job,
    );
    const event = scene.next();
    scene.write(edited);
    scene.clock.hurry(quietMs);
    await event;
    expect(scene.engine.queue('journal').items()).toEqual([]);
  });
});

describe('the settings watch', () => {
  it('is not stirred by our own changes, nor by a file that says the same in another form', async () => {
    await using scene = await makeScene();
    scene.clock.hurry(quietMs, doubtMs);
    scene.engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, gzipLevel: 4 } }));
    scene.write(scene.read());
    scene.clock.tick();
    const event = scene.next();
    setByHand(scene, { gzipLevel: 5 });
    await event;
    expect([scene.told.length, scene.takenIn(), scene.setAside()]).toEqual([2, 1, []]);
  });

  it('finds by a look from time to time what no notice told of', async () => {
    await using scene = await makeScene();
    const { clock, engine, watch } = scene;
    watch.close();
    setByHand(scene, { gzipLevel: 2 });
    // A new watch has no notice of what was written before it, and looks.
    const again = watchSettings(engine, () => {});
    const event = scene.next();
    clock.hurry(quietMs);
    await event;
    expect(engine.settings.current.preferences.gzipLevel).toBe(2);
    again.close();
  });

  it('outlasts a file that cannot be read for a while, and says so once', async () => {
    await using scene = await makeScene();
    const { clock, engine, path, watch } = scene;
    watch.close();
    const before = readFileSync(path, 'utf8');
    rmSync(path);
    mkdirSync(path);
    const again = watchSettings(engine, () => {});
    clock.tick();
    clock.tick();
    const said = readFileSync(join(engine.home.path, 'logs', 'nightjar.log'), 'utf8');
    expect(said.match(/the settings file cannot be read: [^"]*EISDIR/g)).toHaveLength(1);
    rmSync(path, { recursive: true });
    writeFileSync(path, before.replace('"gzipLevel": 6', '"gzipLevel": 3'));
    const event = scene.next();
    clock.tick();
    clock.hurry(quietMs);
    expect(await event).toMatchObject({ type: 'settings-changed' });
    expect(engine.settings.current.preferences.gzipLevel).toBe(3);
    again.close();
  });

  it('ends when it is closed', async () => {
    await using scene = await makeScene();
    scene.watch.close();
    scene.watch.close();
    scene.clock.hurry(quietMs, doubtMs);
    setByHand(scene, { gzipLevel: 2 });
    scene.clock.tick();
    scene.engine.settings.change((settings) => settings);
    expect([scene.takenIn(), scene.engine.settings.current.preferences.gzipLevel]).toEqual([0, 6]);
  });
});
