import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { Destination } from '../../electron/engine/destinations/destination.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { assessHome } from '../../electron/engine/operations/assess.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { pinSnapshot } from '../../electron/engine/operations/pin.ts';
import { planRetain, retainAt } from '../../electron/engine/operations/retain.ts';
import { verifySnapshot } from '../../electron/engine/operations/verify.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';

const day = 86_400_000;
const start = Date.parse('2026-01-10T03:17:00Z');
const { signal } = new AbortController();

let folder: TempFolder;
let engine: Engine;
let clock: ReturnType<typeof standingClock>;
let live: string;

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = standingClock(systemClock, start);
  live = join(folder.path, 'notes.db');
  makeNotes(live, 20);
  engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

function notesJob(fields: Partial<SqliteJob> = {}): SqliteJob {
  return addJob(engine, { name: 'notes', path: live, destinations: ['usb'], ...fields });
}
const backUp = (job: SqliteJob) => runBackup(engine, { job, trigger: 'manual', retain: true, signal });
/** Snapshots and their manifests, without what lies beside them. */
const stored = async (name = 'usb') =>
  (await readdir(join(folder.path, name, 'notes'))).filter((file) => !file.endsWith('.pages') && file !== 'RESTORE.txt').toSorted();

describe('a series of runs', () => {
  it('keeps what the policy says, day after day, and trashes the rest', async () => {
    const job = notesJob({ retention: { daily: 3, weekly: 0, monthly: 2, yearly: 0, minVerified: 1 } });
    for (let run = 0; run < 40; run++) {
      clock.set(start + run * day);
      await backUp(job);
    }
    const kept = ['2026-01-31', '2026-02-16', '2026-02-17', '2026-02-18'];
    expect(await stored()).toEqual(kept.flatMap((name) => [`${name}.db.gz`, `${name}.json`]));
    expect(engine.catalog.snapshots('notes').map(({ manifest }) => manifest.object.name)).toEqual(
      kept.map((name) => `${name}.db.gz`).toReversed(),
    );
    expect((await readdir(join(folder.path, 'usb', '.nightjar-trash'))).toSorted().at(0)).toMatch(/^2026-02-11T/);
    expect(planRetain(engine, job, 'usb').at(0)?.reasons).toEqual(['newest verified', 'daily 1', 'monthly 1']);
  });

  it('shows with a later day what would be gone by then', async () => {
    const job = notesJob({ retention: { daily: 2, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    await backUp(job);
    expect(planRetain(engine, job, 'usb', '2026-01-11')[0]?.reasons).toEqual(['daily 2']);
    expect(planRetain(engine, job, 'usb', '2026-01-12')[0]?.reasons).toEqual([]);
    expect(await stored()).toHaveLength(2);
  });

  it('names a repeat of the same day by its time, and keeps the day’s newest', async () => {
    const job = notesJob({ retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    await backUp(job);
    clock.set(start + 60_000);
    await backUp(job);
    expect(await stored()).toEqual(['2026-01-10_031800.db.gz', '2026-01-10_031800.json']);
  });

  it('never gives the name of an expired snapshot to another, which would be removed in its place', async () => {
    const job = notesJob({ retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    for (const minute of [0, 1, 2]) {
      clock.set(start + minute * 60_000);
      await backUp(job);
    }
    await retainAt(engine, job, engine.destination('usb'));
    expect(await stored()).toEqual(['2026-01-10_031900.db.gz', '2026-01-10_031900.json']);
  });

  it('never expires a pinned snapshot, and a new machine knows the pin', async () => {
    const job = notesJob({ retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    const { snapshot } = await backUp(job);
    await pinSnapshot(engine, snapshot, true);
    clock.set(start + day);
    await backUp(job);
    expect(await stored()).toHaveLength(4);
    engine.close();
    await rm(join(folder.path, 'home', 'catalog.db'));
    engine = await openTestEngine(folder.path, { clock });
    expect(engine.catalog.snapshot(snapshot.id)?.pinned).toBe(true);
  });

  it('leaves alone what it did not write, however much it looks like it', async () => {
    const job = notesJob({ retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    await mkdir(join(folder.path, 'usb', 'notes'));
    const foreign = ['2025-06-01-pre-apply.db.gz', '2025-06-01.db.gz', 'notes.txt', '2025-06-02.json', '.hidden'];
    for (const name of foreign) {
      await writeFile(join(folder.path, 'usb', 'notes', name), 'mine');
      await utimes(join(folder.path, 'usb', 'notes', name), 0, 0);
    }
    await backUp(job);
    clock.set(start + 5 * day);
    await backUp(job);
    expect(await stored()).toEqual([...foreign, '2026-01-15.db.gz', '2026-01-15.json'].toSorted());
  });
});

describe('the catalog and the destination', () => {
  it('is made anew from the manifests when it is lost, and again when it is damaged', async () => {
    const job = notesJob();
    await backUp(job);
    clock.set(start + day);
    await backUp(job);
    const before = engine.catalog.snapshots('notes');
    for (const harm of ['lost', 'damaged'] as const) {
      engine.close();
      const catalog = join(folder.path, 'home', 'catalog.db');
      await (harm === 'lost' ? rm(catalog) : writeFile(catalog, 'garbage'.repeat(1000)));
      engine = await openTestEngine(folder.path, { clock });
      const after = engine.catalog.snapshots('notes');
      expect(after.map(({ manifest }) => manifest)).toEqual(before.map(({ manifest }) => manifest));
      expect(after.flatMap(({ copies }) => copies.map(({ destination, state }) => ({ destination, state })))).toEqual([
        { destination: 'usb', state: 'stored' },
        { destination: 'usb', state: 'stored' },
      ]);
    }
    expect((await readdir(join(folder.path, 'home'))).some((name) => name.startsWith('catalog.db.damaged-'))).toBe(true);
  });

  it('reads a destination that was away as soon as it is back', async () => {
    await backUp(notesJob());
    engine.close();
    await rm(join(folder.path, 'home', 'catalog.db'));
    await rename(join(folder.path, 'usb'), join(folder.path, 'unplugged'));
    engine = await openTestEngine(folder.path, { clock });
    expect(engine.catalog.snapshots('notes')).toEqual([]);
    expect(engine.notices.join()).toContain('usb');
    engine.close();
    await rename(join(folder.path, 'unplugged'), join(folder.path, 'usb'));
    engine = await openTestEngine(folder.path, { clock });
    expect(engine.catalog.snapshots('notes')).toHaveLength(1);
  });

  it('notices a copy that is gone, says so in the status, and notices when it is back', async () => {
    const job = notesJob();
    const { snapshot } = await backUp(job);
    const object = join(folder.path, 'usb', 'notes', snapshot.manifest.object.name);
    await rename(object, `${object}.away`);
    clock.set(start + day);
    await backUp(job);
    const [health] = assessHome(engine.settings.current, engine.catalog, clock.now());
    expect(health).toMatchObject({ healthy: false, problems: [expect.stringContaining('not there any more')] });
    await rename(`${object}.away`, object);
    clock.set(start + 2 * day);
    await backUp(job);
    expect(assessHome(engine.settings.current, engine.catalog, clock.now())[0]).toMatchObject({ healthy: true });
  });

  it('takes a finished snapshot in whose run died before it was recorded', async () => {
    const job = notesJob();
    const { snapshot } = await backUp(job);
    engine.catalog.forgetDestination('usb');
    expect(engine.catalog.snapshots()).toEqual([]);
    clock.set(start + day);
    await backUp(job);
    expect(engine.catalog.snapshot(snapshot.id)?.copies[0]?.state).toBe('stored');
  });

  it('sweeps the object of a dead run after a day, and not before', async () => {
    const job = notesJob();
    const path = join(folder.path, 'usb', 'notes', '2026-01-10.db.gz');
    await mkdir(join(folder.path, 'usb', 'notes'));
    await copyFile(live, path);
    engine.catalog.addIntent({ runId: 'run-dead', destination: 'usb', objectName: 'notes/2026-01-10.db.gz', createdAtMs: start });
    clock.set(start + 60_000);
    await backUp(job);
    expect(await stored()).toContain('2026-01-10.db.gz');
    expect(await stored()).toContain('2026-01-10_031800.json');
    clock.set(start + 2 * day);
    await backUp(job);
    expect(await stored()).not.toContain('2026-01-10.db.gz');
  });

  it('refuses to mix the snapshots of two databases', async () => {
    await backUp(notesJob());
    engine.catalog.forgetDestination('usb');
    const other = join(folder.path, 'other.db');
    makeNotes(other, 3);
    const job = notesJob({ source: { kind: 'sqlite', path: other, check: 'quick_check' } });
    await expect(backUp(job)).rejects.toMatchObject({ code: 'series-foreign', message: expect.stringContaining(live) });
    expect(await stored()).toHaveLength(2);
  });
});

describe('destinations that fail', () => {
  it('does not keep the other from its copy when one is away', async () => {
    await addFolderDestination(engine, folder.path, 'nas');
    const job = notesJob({ destinations: ['nas', 'usb'] });
    await rename(join(folder.path, 'nas'), join(folder.path, 'unplugged'));
    const outcome = await backUp(job);
    expect(outcome).toMatchObject({ failed: [{ destination: 'nas' }], run: { status: 'warning' } });
    expect(outcome.snapshot.copies.map(({ destination }) => destination)).toEqual(['usb']);
    expect(await stat(join(folder.path, 'nas')).catch(() => null)).toBeNull();
  });

  it('sends once more when other bytes come back, and never calls it a snapshot when they do so again', async () => {
    const job = notesJob();
    for (const lies of [1, 2]) {
      let left = lies;
      const lying: Engine = {
        ...engine,
        destination: (name) => {
          const honest = engine.destination(name);
          const digest: Destination['digest'] = async (...args) => {
            const digests = await honest.digest(...args);
            return left-- > 0 ? { ...digests, sha256: '0'.repeat(64) } : digests;
          };
          return { ...honest, digest };
        },
      };
      clock.set(start + lies * day);
      const run = runBackup(lying, { job, trigger: 'manual', retain: true, signal });
      if (lies === 1) expect((await run).run.warnings).toEqual([expect.stringContaining('sent once more')]);
      else await expect(run).rejects.toMatchObject({ code: 'digest-mismatch' });
    }
    expect(await stored()).toEqual(['2026-01-11.db.gz', '2026-01-11.json']);
  });

  it('keeps the date of the last success beside a proof that failed, and red beats green', async () => {
    const job = notesJob();
    const { snapshot } = await backUp(job);
    const full = await verifySnapshot(engine, snapshot, 'full', signal);
    expect(full).toMatchObject({ ok: true, found: snapshot.manifest.sqlite.tables });
    const object = join(folder.path, 'usb', 'notes', snapshot.manifest.object.name);
    const bytes = await readFile(object);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(object, bytes);
    for (const level of ['quick', 'full'] as const) {
      const outcome = await verifySnapshot(engine, snapshot, level, signal);
      expect(outcome.ok).toBe(false);
      expect(outcome.snapshot.copies[0]).toMatchObject({
        verified: { level: 'full' },
        failure: { message: expect.stringContaining('2026-01-10') },
      });
    }
    clock.set(start + day);
    await backUp(job);
    expect(assessHome(engine.settings.current, engine.catalog, clock.now())[0]?.healthy).toBe(false);
  });

  it('never removes the last verified copies, and never more than a bounded number at once', async () => {
    const job = notesJob({ retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 3 } });
    for (let run = 0; run < 5; run++) {
      clock.set(start + run * day);
      await backUp(job);
    }
    const outcome = await retainAt(engine, job, engine.destination('usb'));
    expect(outcome.verdicts.map(({ reasons }) => reasons)).toEqual([
      ['newest verified', 'daily 1'],
      ['one of the last 3 verified'],
      ['one of the last 3 verified'],
    ]);
  });
});
