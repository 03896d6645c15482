import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, type TestContext } from 'vitest';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { gaugeDisks } from '../../electron/engine/operations/gauge-disks.ts';
import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import { runSqliteTask } from '../../electron/engine/sqlite/sqlite-tasks.ts';
import { mountCloningDisk } from '../support/cloning-disk.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, openTestEngine } from '../support/test-engine.ts';

const mebibyte = 1024 * 1024;
const { signal } = new AbortController();

/** Runs `work` with a database of 48 MB that somebody has open, on a disk that clones, or skips the test and says why. */
async function withLive(context: TestContext, work: (live: string, disk: string, elsewhere: string) => Promise<void>): Promise<void> {
  await using folder = await makeTempFolder();
  const path = join(folder.path, 'disk');
  const disk = await mountCloningDisk('xfs', path, 768 * mebibyte);
  if (typeof disk === 'string') {
    process.stdout.write(`NOT TRIED, the space of a clone: ${disk}\n`);
    return context.skip(disk);
  }
  await using _ = disk;
  const live = join(path, 'live.db');
  await makeSampleDatabase(live, { bytes: 48 * mebibyte, journalMode: 'wal', seed: 9 });
  const open = new Database(live);
  open.exec("UPDATE meta SET value = value WHERE key = 'notes'");
  try {
    await work(live, path, folder.path);
  } finally {
    open.close();
  }
}

async function usedOn(disk: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(disk);
  return (blocks - bfree) * bsize;
}

it('is less than a twentieth of the database', async (context) => {
  await withLive(context, async (live, disk) => {
    const before = await usedOn(disk);
    const task = { kind: 'snapshot', path: live, target: join(disk, 'copy.db'), lockWaitMs: 5000 } as const;
    const { bytes, method } = await runSqliteTask(forkedWorkers, task);
    const taken = (await usedOn(disk)) - before;
    process.stdout.write(`a clone of ${bytes} bytes took ${taken}\n`);
    expect([method, taken < bytes / 20]).toEqual(['clone', true]);
  });
});

it('is known beforehand, by a trial of which nothing is left', async (context) => {
  await withLive(context, async (live, disk, elsewhere) => {
    const probe = async (folder: string) => {
      const task = { kind: 'probe', path: live, lockWaitMs: 5000, trialFolder: join(folder, 'trial') } as const;
      return (await runSqliteTask(forkedWorkers, task)).canClone;
    };
    const before = await readdir(disk);
    expect([await probe(disk), await probe(elsewhere)]).toEqual([true, false]);
    expect([await readdir(disk), await readdir(elsewhere)]).toEqual([before, ['disk', 'disk.image']]);
  });
});

it('is what the disk guard plans with, and the run then takes a clone', async (context) => {
  await withLive(context, async (live, disk) => {
    const engine = await openTestEngine(disk);
    try {
      engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, reserveBytes: 0 } }));
      await addFolderDestination(engine, disk, 'usb');
      const job = addJob(engine, { name: 'notes', path: live, destinations: ['usb'] });
      const { volumes } = await gaugeDisks(engine, signal);
      const writes = volumes.flatMap(({ next }) => next.flatMap((need) => need.writes));
      const { run, snapshot } = await runBackup(engine, { job, trigger: 'manual', retain: false, signal });
      const rawBytes = snapshot.manifest.raw.bytes;
      const copy = writes.find(({ what }) => what === 'changes while it is cloned');
      expect(copy?.bytes).toBeLessThan(rawBytes / 15);
      const facts = (name: string) => run.steps.find((step) => step.name === name)?.facts;
      expect(facts('snapshot')).toMatchObject({ method: 'clone', bytes: rawBytes });
      expect(Object.entries(facts('guard') ?? {}).filter(([name]) => name.startsWith('needs on'))).toEqual(
        volumes.flatMap(({ next, path }) => next.map(({ needBytes }) => [`needs on ${path}`, needBytes])),
      );
      expect(await readdir(engine.home.stagingFolder)).toEqual([]);
    } finally {
      engine.close();
    }
  });
});
