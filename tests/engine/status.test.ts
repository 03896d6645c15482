import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composeHeadline } from '../../electron/domain/headline.ts';
import type { SqliteJob } from '../../electron/domain/model.ts';
import { parseStatusFile } from '../../electron/domain/status-file.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { assessHome } from '../../electron/engine/operations/assess.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { drillJob, dueDrills } from '../../electron/engine/operations/drill.ts';
import { runJob } from '../../electron/engine/operations/run-job.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { watchHealth } from '../../electron/engine/schedule/watchman.ts';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addDriveDestination } from '../support/test-drive.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-11-26T03:17:00Z');

let folder: TempFolder;
let engine: Engine;
let clock: ReturnType<typeof standingClock>;
let live: string;
let job: SqliteJob;
let freeBytes: number;

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = standingClock(systemClock, start);
  freeBytes = 100e9;
  live = join(folder.path, 'notes.db');
  makeNotes(live, 100);
  const disk = { of: async (path: string) => ({ id: 'disk', path, freeBytes, totalBytes: 200e9 }) };
  engine = await openTestEngine(folder.path, { clock, disk });
  for (const name of ['usb', 'nas']) await addFolderDestination(engine, folder.path, name);
  job = addJob(engine, { name: 'notes', path: live, destinations: ['usb', 'nas'] });
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

const run = async (of = job) => {
  const watchman = watchHealth(engine);
  try {
    return await runJob(engine, { job: of, trigger: 'schedule' });
  } finally {
    await watchman.close();
  }
};
const health = () => {
  const [first] = assessHome(engine.settings.current, engine.catalog, clock.now());
  if (first === undefined) throw new Error('there is no job');
  return first;
};
const headline = () => composeHeadline(assessHome(engine.settings.current, engine.catalog, clock.now()), clock.now(), 'UTC');
const statusAt = async (place: string) => parseStatusFile(await readFile(join(folder.path, place, 'notes', 'STATUS.json'), 'utf8'));
const unplug = (place: string) => rename(join(folder.path, place), join(folder.path, `${place}-away`));
const plugIn = (place: string) => rename(join(folder.path, `${place}-away`), join(folder.path, place));
const damage = (place: string) => writeFile(join(folder.path, place, 'notes', '2026-11-26.db.gz'), 'garbage');

describe('health', () => {
  it('has for each place what was verified and proven there, and when; and the headline of it', async () => {
    await run();
    await drillJob(engine, job, { trigger: 'manual' });
    const { lastProvenMs, places, staging, state } = health();
    expect({ lastProvenMs, state, free: staging?.freeBytes }).toEqual({ lastProvenMs: start, state: 'good', free: 100e9 });
    expect(places).toMatchObject(
      ['usb', 'nas'].map((place) => ({
        place,
        lastVerifiedMs: start,
        drill: { last: { outcome: 'proven' }, lastProvenMs: start, postponed: null },
        space: { freeBytes: 100e9, daysLeft: null },
      })),
    );
    expect(headline().sentence).toBe('All good: notes backed up 03:17 today, next 03:17 tomorrow');
  });

  it('is not good where one destination missed the newest snapshot, until that is there again', async () => {
    await run();
    clock.set(start + dayMs);
    await unplug('nas');
    expect((await run()).run.status).toBe('warning');
    expect(headline()).toEqual({
      state: 'warning',
      sentence: expect.stringMatching(/^notes: nas missed the newest snapshot: its last verified one is of 2026-11-26 03:17; /),
    });
    expect(await statusAt('usb')).toMatchObject({ state: 'warning', headline: headline().sentence });
    await plugIn('nas');
    clock.set(start + dayMs + 60_000);
    await run();
    expect(health()).toMatchObject({ state: 'good', healthy: true });
  });

  it('lets a failed drill be louder than everything, until one proves the place', async () => {
    await run();
    await damage('usb');
    await drillJob(engine, job, { trigger: 'manual' });
    clock.set(start + dayMs);
    await run();
    expect(headline()).toMatchObject({ state: 'failed', sentence: expect.stringMatching(/^notes: the drill of usb failed: /) });
    expect(health().findings.map(({ kind }) => kind)).toEqual(['drill-failed', 'verify-failed']);
    await drillJob(engine, job, { trigger: 'manual' });
    expect(health().findings.map(({ kind }) => kind)).toEqual(['verify-failed']);
  });

  it('does not take what a clock that was ahead has dated for the newest', async () => {
    await run();
    await drillJob(engine, job, { trigger: 'manual' });
    clock.set(start + 10 * dayMs);
    const { snapshot } = await runBackup(engine, { job, trigger: 'manual', retain: true });
    await drillJob(engine, job, { trigger: 'manual' });
    clock.set(start + 3_600_000);
    expect(health()).toMatchObject({
      state: 'warning',
      lastGoodMs: start,
      lastProvenMs: start,
      lastRun: { atMs: start, status: 'succeeded' },
      problems: [`the clock was ahead when ${snapshot.manifest.object.name} was made: it is dated 2026-12-06 03:17`],
    });
    expect(health().places.map(({ lastVerifiedMs }) => lastVerifiedMs)).toEqual([start, start]);
    // Three days on there is one that is late, and a drill that is due, whatever is dated later.
    clock.set(start + 3 * dayMs);
    expect(health().findings.map(({ kind }) => kind)).toEqual(['stale', 'stale', 'warning']);
    expect(dueDrills(engine, job)).toEqual(['usb', 'nas']);
    await unplug('usb');
    await unplug('nas');
    await expect(run()).rejects.toThrow();
    expect(health().lastRun).toMatchObject({ status: 'failed', atMs: start + 3 * dayMs });
    clock.set(start + 10 * dayMs);
    expect(health().lastGoodMs).toBe(start + 10 * dayMs);
  });

  it('lets what a clock that was ahead has dated stand where there is nothing else', async () => {
    clock.set(start + 10 * dayMs);
    await run();
    await drillJob(engine, job, { trigger: 'manual' });
    clock.set(start);
    expect(health()).toMatchObject({ state: 'warning', lastGoodMs: start + 10 * dayMs, lastRun: { status: 'succeeded' } });
    expect(health().problems).toHaveLength(1);
    expect(dueDrills(engine, job)).toEqual(['usb', 'nas']);
  });

  it('says what shrank, above a run that failed since', async () => {
    await run();
    const database = new Database(live);
    database.exec('DELETE FROM note WHERE id > 10');
    database.close();
    clock.set(start + dayMs);
    await run();
    await unplug('usb');
    await unplug('nas');
    clock.set(start + dayMs + 60_000);
    await expect(run()).rejects.toThrow();
    expect(health().findings.map(({ kind }) => kind)).toEqual(['shrunk', 'run-failed']);
    expect(headline().sentence).toMatch(/^notes: it shrank on 2026-11-27: the table note has 10 rows instead of 100, .*acknowledge notes/);
    expect(health().losses).toHaveLength(2);
  });

  it('forecasts when a disk is full from what the runs have left', async () => {
    for (const day of [0, 1, 2]) {
      clock.set(start + day * dayMs);
      freeBytes = 100e9 - day * 30e9;
      await run();
    }
    expect(health().places.map(({ space }) => space?.daysLeft)).toEqual([1, 1]);
    expect(health()).toMatchObject({
      state: 'warning',
      problems: expect.arrayContaining(['usb is full in 1 day, as it has filled lately']),
    });
  });
});

describe('STATUS.json', () => {
  it('is beside the snapshots at each destination, and is replaced by the next run', async () => {
    await run();
    expect(await statusAt('usb')).toEqual({
      format: 'nightjar-status',
      version: 1,
      job: 'notes',
      host: 'test-host',
      writtenAt: '2026-11-26T03:17:00.000Z',
      lastVerified: '2026-11-26T03:17:00.000Z',
      staleAfter: '2026-11-27T15:17:00.000Z',
      lastRun: { status: 'succeeded', startedAt: '2026-11-26T03:17:00.000Z', endedAt: '2026-11-26T03:17:00.000Z', error: null },
      nextSlot: '2026-11-27T03:17:00.000Z',
      lastProven: null,
      state: 'good',
      headline: 'All good: notes backed up 03:17 today, next 03:17 tomorrow',
    });
    clock.set(start + dayMs);
    await run();
    expect([await statusAt('usb'), await statusAt('nas')]).toMatchObject([
      { lastVerified: '2026-11-27T03:17:00.000Z' },
      { lastVerified: '2026-11-27T03:17:00.000Z' },
    ]);
  });

  it('says of a run that failed that it did, and keeps what was verified before', async () => {
    await run();
    clock.set(start + dayMs);
    await rename(live, `${live}.away`);
    await expect(run()).rejects.toMatchObject({ code: 'source-missing' });
    expect(await statusAt('usb')).toMatchObject({
      lastVerified: '2026-11-26T03:17:00.000Z',
      lastRun: { status: 'failed', error: expect.stringContaining(live) },
      state: 'failed',
    });
  });

  it('that cannot be written never fails a run', async () => {
    await run();
    const path = join(folder.path, 'usb', 'notes', 'STATUS.json');
    await rename(path, `${path}.aside`);
    // A folder in its place: nothing can be renamed over it.
    await mkdir(join(path, 'taken'), { recursive: true });
    clock.set(start + dayMs);
    const { run: done } = await run();
    expect(done.status).toBe('succeeded');
    expect(await readFile(join(engine.home.logFolder, 'nightjar.log'), 'utf8')).toContain('the status at usb could not be written');
  });

  it('is never taken for a snapshot: not by a new catalog, not by retention, and by no sweep', async () => {
    const keepsOne = addJob(engine, { ...job, path: live, retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    for (const day of [0, 1, 2]) {
      clock.set(start + day * dayMs);
      await run(keepsOne);
    }
    const before = engine.catalog.snapshots('notes').map(({ id }) => id);
    engine.catalog.forgetDestination('usb');
    engine.catalog.forgetDestination('nas');
    clock.set(start + 2 * dayMs + 60_000);
    const { run: done } = await run(keepsOne);
    expect(done.warnings).toEqual([]);
    expect(engine.catalog.snapshot(before[0] ?? '')).toBeDefined();
    expect((await statusAt('usb')).lastRun?.status).toBe('succeeded');
  });

  it('is not written over that of another database', async () => {
    await run();
    const theirs = await statusAt('usb');
    const other = join(folder.path, 'other.db');
    makeNotes(other, 3);
    clock.set(start + dayMs);
    const foreign = addJob(engine, { ...job, path: other, source: { ...job.source, path: other } });
    await expect(run(foreign)).rejects.toMatchObject({ code: 'series-foreign' });
    expect(await statusAt('usb')).toEqual(theirs);
  });
});

describe('STATUS.json in Drive', () => {
  let server: DriveServer;
  beforeEach(async () => {
    server = await startDriveServer({ folder: join(folder.path, 'google') });
    return () => server.close();
  });

  it('is one file that is replaced, and no snapshot', async () => {
    await addDriveDestination(engine, server);
    const remote = addJob(engine, { ...job, path: live, destinations: ['gdrive'] });
    for (const day of [0, 1]) {
      clock.set(start + day * dayMs);
      await run(remote);
    }
    const files = server.files().filter(({ name }) => name === 'STATUS.json');
    expect(files).toHaveLength(1);
    expect(engine.catalog.snapshots('notes')).toHaveLength(2);
    const blocks: Buffer[] = [];
    for await (const block of engine.destination('gdrive').get('notes/STATUS.json')) blocks.push(block);
    expect(parseStatusFile(Buffer.concat(blocks).toString())).toMatchObject({ lastVerified: '2026-11-27T03:17:00.000Z' });
  });
});
