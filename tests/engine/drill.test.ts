import { readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { drillJob, dueDrills } from '../../electron/engine/operations/drill.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { systemDiskSpace } from '../../electron/engine/platform/disk-space.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';

const dayMs = 86_400_000;
/** A Thursday. */
const start = Date.parse('2026-11-26T03:17:00Z');

let folder: TempFolder;
let engine: Engine;
let clock: ReturnType<typeof standingClock>;
let job: SqliteJob;

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = standingClock(systemClock, start);
  engine = await openTestEngine(folder.path, { clock });
  const live = join(folder.path, 'notes.db');
  makeNotes(live, 20);
  for (const name of ['usb', 'nas']) await addFolderDestination(engine, folder.path, name);
  job = addJob(engine, { name: 'notes', path: live, destinations: ['usb', 'nas'] });
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

const backUp = async () => (await runBackup(engine, { job, trigger: 'schedule', retain: true })).snapshot;
const drill = (trigger: 'manual' | 'schedule' = 'manual') => drillJob(engine, job, { trigger });
const kept = () => engine.catalog.evidence().drills('notes');
const objectAt = (place: string) => join(folder.path, place, 'notes', '2026-11-26.db.gz');

describe('a drill', () => {
  it('brings the newest verified snapshot back from every destination, and keeps the dated result', async () => {
    const { id } = await backUp();
    clock.set(start + 60_000);
    const drills = await drill();
    expect(drills).toEqual(
      ['usb', 'nas'].map((place) => ({
        job: 'notes',
        place,
        level: 'full',
        outcome: 'proven',
        snapshotId: id,
        startedAtMs: start + 60_000,
        endedAtMs: start + 60_000,
        message: `2026-11-26.db.gz came back from ${place}, and its 20 rows are as they were stored`,
        code: null,
        rows: 20,
      })),
    );
    expect(kept().toSorted((a, b) => (a.place < b.place ? 1 : -1))).toEqual(drills);
    expect(engine.catalog.snapshot(id)?.copies.map(({ verified }) => verified?.level)).toEqual(['full', 'full']);
  });

  it.each(['a byte is another one', 'the end is missing', 'it is gone'])('fails where %s, and proves the other place', async (harm) => {
    const { id } = await backUp();
    const object = objectAt('usb');
    const bytes = await readFile(object);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    if (harm === 'a byte is another one') await writeFile(object, bytes);
    else if (harm === 'the end is missing') await truncate(object, bytes.length - 10);
    else await rm(object);
    const drills = await drill();
    expect(drills.map(({ code, outcome, place, rows, snapshotId }) => ({ code, outcome, place, rows, snapshotId }))).toEqual([
      { code: harm === 'it is gone' ? 'object-missing' : 'digest-mismatch', outcome: 'failed', place: 'usb', rows: null, snapshotId: id },
      { code: null, outcome: 'proven', place: 'nas', rows: 20, snapshotId: id },
    ]);
    const usb = engine.catalog.snapshot(id)?.copies.find(({ destination }) => destination === 'usb');
    expect(usb?.failure?.message).toBe(drills[0]?.message);
  });

  it('is postponed, and not failed, where the disk is away; staging is left clean', async () => {
    await backUp();
    await rename(join(folder.path, 'usb'), join(folder.path, 'unplugged'));
    const [usb, nas] = await drill();
    expect(usb).toMatchObject({ outcome: 'postponed', code: 'destination-absent', message: expect.stringContaining('usb') });
    expect(nas?.outcome).toBe('proven');
    const snapshot = engine.catalog.snapshots('notes')[0];
    expect(snapshot?.copies.find(({ destination }) => destination === 'usb')).not.toHaveProperty('failure');
  });

  it('is postponed where there is no room to rebuild the database in', async () => {
    await backUp();
    engine.close();
    const disk = { of: async (path: string) => ({ ...(await systemDiskSpace.of(path)), freeBytes: 1000 }) };
    engine = await openTestEngine(folder.path, { clock, disk });
    expect((await drill()).map(({ code, outcome }) => ({ code, outcome }))).toEqual([
      { code: 'disk-space-low', outcome: 'postponed' },
      { code: 'disk-space-low', outcome: 'postponed' },
    ]);
  });

  it('of a job without a verified snapshot is postponed where a person asks for it, and not due by itself', async () => {
    expect(await drill('schedule')).toEqual([]);
    expect((await drill())[0]).toMatchObject({ outcome: 'postponed', code: 'snapshot-unknown' });
    expect(kept()).toEqual([]);
    await backUp();
    expect(dueDrills(engine, job)).toEqual(['usb', 'nas']);
  });

  it('that is stopped throws and records nothing', async () => {
    await backUp();
    const stop = new AbortController();
    engine.listen((event) => {
      if (event.type === 'step-started') stop.abort();
    });
    await expect(drillJob(engine, job, { trigger: 'manual', signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(kept()).toEqual([]);
  });

  it('tells its progress as a run does', async () => {
    await backUp();
    const seen: string[] = [];
    engine.listen((event) => void seen.push(event.type === 'step-started' ? event.step : event.type));
    await drill();
    expect(seen.filter((what) => !['step-progress', 'step-finished'].includes(what))).toEqual([
      'run-started',
      ...['guard', 'fetch', 'check'],
      ...['guard', 'fetch', 'check'],
      'run-finished',
    ]);
  });
});

describe('drills that are due', () => {
  it('come after the first verified run, then after a Sunday, each place for itself', async () => {
    expect(dueDrills(engine, job)).toEqual([]);
    await backUp();
    expect(dueDrills(engine, job)).toEqual(['usb', 'nas']);
    await rename(join(folder.path, 'usb'), join(folder.path, 'unplugged'));
    expect((await drill('schedule')).map(({ outcome }) => outcome)).toEqual(['postponed', 'proven']);
    expect(dueDrills(engine, job)).toEqual([]);
    await rename(join(folder.path, 'unplugged'), join(folder.path, 'usb'));
    clock.set(start + dayMs);
    expect((await drill('schedule')).map(({ outcome, place }) => ({ outcome, place }))).toEqual([{ outcome: 'proven', place: 'usb' }]);
    clock.set(start + 2 * dayMs);
    expect(await drill('schedule')).toEqual([]);
    clock.set(start + 3 * dayMs);
    expect((await drill('schedule')).map(({ place }) => place)).toEqual(['usb', 'nas']);
  });

  it('do not come where the job has switched them off', async () => {
    await backUp();
    expect(dueDrills(engine, { ...job, drill: 'off' })).toEqual([]);
  });
});
