import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { acknowledgeLosses } from '../../electron/engine/operations/acknowledge.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { recordTaken } from '../../electron/engine/operations/record-snapshot.ts';
import { planRetain, retainAt } from '../../electron/engine/operations/retain.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, addNotes, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-01-10T03:17:00Z');

let folder: TempFolder;
let engine: Engine;
let clock: ReturnType<typeof standingClock>;
let live: string;
let job: SqliteJob;
let days: number;

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = standingClock(systemClock, start);
  days = 0;
  live = join(folder.path, 'notes.db');
  makeNotes(live, 100);
  engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
  const retention = { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 };
  job = addJob(engine, { name: 'notes', path: live, destinations: ['usb'], retention });
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

/** The run of the next day. */
const nextRun = async (of = job) => {
  clock.set(start + days++ * dayMs);
  return runBackup(engine, { job: of, trigger: 'schedule', retain: true });
};
const change = (work: (database: Database.Database) => void) => {
  const database = new Database(live);
  work(database);
  database.close();
};
const loseRows = () => change((database) => database.exec('DELETE FROM note WHERE id > 10'));
const open = () => engine.catalog.evidence().openAnomalies('notes');
const stored = async () => (await readdir(join(folder.path, 'usb', 'notes'))).filter((name) => name.endsWith('.db.gz')).toSorted();

describe('a snapshot that has much less than the one before', () => {
  it('is kept, ends its run with a warning that says what shrank, and freezes pruning', async () => {
    const before = await nextRun();
    loseRows();
    const { run, retained, snapshot } = await nextRun();
    expect(run.status).toBe('warning');
    expect(run.warnings).toEqual([
      'this snapshot has much less than the one before: the table note has 10 rows instead of 100, all tables together have 10 rows instead of 100; nothing of notes is pruned until: nightjar job acknowledge notes',
    ]);
    expect(retained).toMatchObject([{ removed: [], frozenBy: [expect.stringContaining('10 rows'), expect.anything()] }]);
    expect(await stored()).toEqual(['2026-01-10.db.gz', '2026-01-11.db.gz']);
    expect(open()).toMatchObject([{ snapshotId: snapshot.id, foundAtMs: start + dayMs, former: { snapshotId: before.snapshot.id } }]);
  });

  it('does not become the new normal by a second run, nor by a restart', async () => {
    const before = await nextRun();
    loseRows();
    await nextRun();
    engine.close();
    engine = await openTestEngine(folder.path, { clock });
    const again = await nextRun();
    expect(again.run.warnings).toHaveLength(1);
    expect(open().map(({ former }) => former.snapshotId)).toEqual([before.snapshot.id, before.snapshot.id]);
    expect(await stored()).toHaveLength(3);
  });

  it('freezes also after the rows are back, until a person has acknowledged it', async () => {
    await nextRun();
    loseRows();
    await nextRun();
    change((database) => addNotes(database, 90));
    const { retained, run } = await nextRun();
    expect(run.status).toBe('succeeded');
    expect(retained[0]?.frozenBy).not.toEqual([]);
    expect(await stored()).toHaveLength(3);
  });

  it('is acknowledged with its date; then pruning goes on, and later snapshots are compared with it', async () => {
    await nextRun();
    loseRows();
    await nextRun();
    expect(planRetain(engine, job, 'usb').map(({ reasons }) => reasons)).toEqual([
      ['newest verified', 'daily 1'],
      ['frozen until what shrank is acknowledged'],
    ]);
    expect(acknowledgeLosses(engine, job)).toMatchObject([{ acknowledgedAtMs: clock.now() }]);
    const { retained, run } = await nextRun();
    expect(run.status).toBe('succeeded');
    expect(retained[0]?.frozenBy).toEqual([]);
    expect(await stored()).toEqual(['2026-01-12.db.gz']);
    expect(() => acknowledgeLosses(engine, job)).toThrow(expect.objectContaining({ code: 'usage-invalid' }));
    change((database) => database.exec('DROP TABLE note; CREATE TABLE other (id INTEGER)'));
    expect((await nextRun()).run.warnings[0]).toContain('the table note with 10 rows is gone');
  });

  it('keeps the trash of its destination, also when another job prunes there', async () => {
    const other = join(folder.path, 'other.db');
    makeNotes(other, 30);
    const neighbour = addJob(engine, { ...job, name: 'other', path: other, source: { ...job.source, path: other } });
    for (let run = 0; run < 2; run++) await nextRun();
    const trash = async () => (await readdir(join(folder.path, 'usb', '.nightjar-trash'))).length;
    expect(await trash()).toBeGreaterThan(0);
    loseRows();
    await nextRun();
    clock.set(start + 60 * dayMs);
    await runBackup(engine, { job: neighbour, trigger: 'schedule', retain: true });
    await retainAt(engine, neighbour, engine.destination('usb'));
    expect(await trash()).toBeGreaterThan(0);
    acknowledgeLosses(engine, job);
    await retainAt(engine, neighbour, engine.destination('usb'));
    expect((await readdir(join(folder.path, 'usb', '.nightjar-trash'))).filter((name) => name < '2026-02')).toEqual([]);
  });

  it('does not become the new normal where its run died before it was recorded', async () => {
    const before = await nextRun();
    loseRows();
    const { snapshot } = await nextRun();
    const catalog = new Database(engine.home.catalogPath);
    catalog.exec(
      `DELETE FROM anomaly; DELETE FROM copy WHERE snapshot_id = '${snapshot.id}'; DELETE FROM snapshot WHERE id = '${snapshot.id}'`,
    );
    catalog.close();
    const next = await nextRun();
    expect(next.run.warnings).toEqual([expect.stringContaining('2026-01-11.db.gz: this snapshot has much less'), expect.anything()]);
    expect(Object.fromEntries(open().map(({ former, snapshotId }) => [snapshotId, former.snapshotId]))).toEqual({
      [snapshot.id]: before.snapshot.id,
      [next.snapshot.id]: before.snapshot.id,
    });
  });

  it('is not one that was taken earlier and is recorded late: it is compared with what was there before it', async () => {
    const keeping = { ...job, retention: { ...job.retention, daily: 30 } };
    loseRows();
    const first = await nextRun(keeping);
    const late = await nextRun(keeping);
    change((database) => addNotes(database, 90));
    const second = await nextRun(keeping);
    const forgetLate = (sql = '') => {
      const catalog = new Database(engine.home.catalogPath);
      catalog.exec(
        `${sql}; DELETE FROM copy WHERE snapshot_id = '${late.snapshot.id}'; DELETE FROM snapshot WHERE id = '${late.snapshot.id}'`,
      );
      catalog.close();
    };
    const copies = [{ destination: 'usb', verified: { level: 'quick', atMs: clock.now() } }] as const;
    forgetLate();
    expect(recordTaken(engine, late.snapshot.manifest, copies)).toEqual([]);
    // Nor with what was there before a fall that came after it.
    loseRows();
    await nextRun(keeping);
    expect(open().map(({ former }) => former.snapshotId)).toEqual([second.snapshot.id]);
    forgetLate();
    expect(recordTaken(engine, late.snapshot.manifest, copies)).toEqual([]);
    // What it has lost itself is found.
    forgetLate(`UPDATE snapshot SET manifest_json = replace(manifest_json, '"rows":10', '"rows":50') WHERE id = '${first.snapshot.id}'`);
    expect(recordTaken(engine, late.snapshot.manifest, copies)).toContain('the table note has 10 rows instead of 50');
  });

  it('is nothing to a job that has switched it off', async () => {
    await nextRun();
    loseRows();
    const off = addJob(engine, { ...job, path: live, anomaly: { ...job.anomaly, enabled: false } });
    expect((await nextRun(off)).run.status).toBe('succeeded');
    expect(open()).toEqual([]);
  });
});
