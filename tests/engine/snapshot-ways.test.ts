import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { appendFile, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import type { WorkerHost } from '../../electron/engine/ports.ts';
import { copyFiles } from '../../electron/engine/sqlite/copy-files.ts';
import { recover } from '../../electron/engine/sqlite/recover.ts';
import { runSqliteTask, type TaskOptions } from '../../electron/engine/sqlite/sqlite-tasks.ts';
import type { CopyOrder, SnapshotFacts, SnapshotMethod } from '../../electron/engine/sqlite/worker-protocol.ts';
import { type CloningKind, mountCloningDisk } from '../support/cloning-disk.ts';
import { checkInvariants, makeSampleDatabase } from '../support/sample-databases.ts';
import { filesOf } from '../support/scene.ts';
import { steeredWorkers, withoutCloning, withoutCopier } from '../support/steered-workers.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { countNotes, makeNotes } from '../support/test-engine.ts';
import { ballastProblems, prepareForWildWriters, startWildWriter } from '../support/wild-writer.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const diskBytes = 512 * 1024 * 1024;
const mebibyte = 1024 * 1024;

function snapshot(workers: WorkerHost, path: string, target: string, options: TaskOptions = {}): Promise<SnapshotFacts> {
  return runSqliteTask(workers, { kind: 'snapshot', path, target, lockWaitMs: 60_000 }, options);
}

/** Runs `work` in a folder on a file system that clones, or skips the test and says why. */
async function onCloningDisk(context: TestContext, kind: CloningKind, work: (path: string) => Promise<void>): Promise<void> {
  const path = join(folder.path, kind);
  const disk = await mountCloningDisk(kind, path, diskBytes);
  if (typeof disk === 'string') {
    process.stdout.write(`NOT TRIED, clones on ${kind}: ${disk}\n`);
    return context.skip(disk);
  }
  await using _ = disk;
  await work(path);
}

/** What is wrong with one copy of a database that wild writers change, and how far they were in it. */
function judgeCopy(target: string): { problems: string[]; transfers: number } {
  const copy = new Database(target);
  try {
    // Without it a file of WAL mode would get sidecars.
    copy.pragma('locking_mode = EXCLUSIVE');
    const integrity = copy.pragma('integrity_check', { simple: true });
    const problems = integrity === 'ok' ? [...checkInvariants(copy), ...ballastProblems(copy)] : [String(integrity).slice(0, 200)];
    return { problems, transfers: copy.prepare<[], number>("SELECT value FROM meta WHERE key = 'transfers'").pluck().get() ?? 0 };
  } finally {
    copy.close();
  }
}

interface Trial {
  readonly workers: WorkerHost;
  readonly journalMode: 'wal' | 'rollback';
  readonly method: SnapshotMethod;
  readonly snapshots: number;
}

/** Takes so many snapshots under two wild writers, in a folder, and resolves to all that was wrong with them. */
async function snapshotsUnderWriters(path: string, { workers, journalMode, method, snapshots }: Trial): Promise<string[]> {
  const source = join(path, 'live.db');
  const staging = join(path, 'staging');
  await mkdir(staging, { recursive: true });
  await makeSampleDatabase(source, { bytes: 3_000_000, journalMode, seed: 11 });
  prepareForWildWriters(source);
  await using one = await startWildWriter(source, 1);
  await using two = await startWildWriter(source, 2);
  const problems: string[] = [];
  let lastTransfers = 0;
  for (let n = 1; n <= snapshots; n++) {
    const target = join(staging, 'copy.db');
    const facts = await snapshot(workers, source, target);
    const found = facts.method === method ? [] : [`it was taken by ${facts.method}`];
    if ((await stat(target)).size !== facts.bytes) found.push(`${(await stat(target)).size} bytes, told are ${facts.bytes}`);
    // The copy does not change any more, and is judged sooner without them.
    for (const writer of [one, two]) writer.stop();
    const left = await readdir(staging);
    if (left.length > 1) found.push(`there are ${left}`);
    const { problems: wrong, transfers } = judgeCopy(target);
    if (transfers < lastTransfers) found.push(`it is older than the one before: ${transfers} transfers, ${lastTransfers}`);
    lastTransfers = transfers;
    problems.push(...[...found, ...wrong].map((problem) => `snapshot ${n}: ${problem}`));
    await rm(target);
    for (const writer of [one, two]) writer.goOn();
  }
  process.stdout.write(
    `${snapshots} of ${method}, ${journalMode}: ${lastTransfers} transfers, ${one.commits()} and ${two.commits()} by each\n`,
  );
  return problems;
}

const sampleFactor = Number(process.env.NIGHTJAR_TEST_SAMPLE ?? 1);

describe('under two writers at full speed, which checkpoint in every mode, grow, shrink and roll back', () => {
  it.for([
    { workers: withoutCloning, journalMode: 'wal', method: 'copy', snapshots: 60 * sampleFactor },
    { workers: withoutCloning, journalMode: 'rollback', method: 'copy', snapshots: 20 * sampleFactor },
    { workers: withoutCopier, journalMode: 'wal', method: 'online', snapshots: 20 * sampleFactor },
    { workers: withoutCopier, journalMode: 'rollback', method: 'online', snapshots: 10 * sampleFactor },
  ] as const)('$snapshots snapshots by $method in $journalMode mode are whole', { timeout: 480_000 * sampleFactor }, async (trial) => {
    expect(await snapshotsUnderWriters(folder.path, trial)).toEqual([]);
  });

  it.for([
    { kind: 'xfs', journalMode: 'wal', snapshots: 60 * sampleFactor },
    { kind: 'xfs', journalMode: 'rollback', snapshots: 20 * sampleFactor },
    { kind: 'btrfs', journalMode: 'wal', snapshots: 40 * sampleFactor },
    { kind: 'btrfs', journalMode: 'rollback', snapshots: 10 * sampleFactor },
  ] as const)('$snapshots clones on $kind in $journalMode mode are whole', { timeout: 480_000 * sampleFactor }, async (trial, context) => {
    await onCloningDisk(context, trial.kind, async (path) => {
      expect(await snapshotsUnderWriters(path, { workers: forkedWorkers, method: 'clone', ...trial })).toEqual([]);
    });
  });
});

/** Opens a database in a process of its own, works on it, and keeps it open until it is disposed of. */
async function startOpener(path: string, statements: string): Promise<AsyncDisposable> {
  const script = `
    const db = new (require('better-sqlite3'))(process.argv[1]);
    ${statements}
    process.stdout.write('open');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['-e', script, path], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const logged = "db.pragma('wal_autocheckpoint = 0'); db.exec(\"INSERT INTO note (body) VALUES ('only in the log')\");";

describe('a source that somebody has open', () => {
  const hosts = { copy: withoutCloning, online: withoutCopier } as const;
  const cases = (['wal', 'delete'] as const).flatMap((journalMode) =>
    (['copy', 'online'] as const).map((method) => ({ journalMode, method })),
  );

  it.for(cases)('keeps its bytes and its files, by $method in $journalMode mode', async ({ journalMode, method }) => {
    const source = join(folder.path, 'live.db');
    makeNotes(source, 500, journalMode);
    await using _ = await startOpener(source, logged);
    const { '-shm': before, ...content } = await filesOf(source);
    const facts = await snapshot(hosts[method], source, join(folder.path, 'copy.db'));
    const { '-shm': after, ...contentAfter } = await filesOf(source);
    expect([facts.method, contentAfter, after !== undefined]).toEqual([method, content, before !== undefined]);
    expect(countNotes(join(folder.path, 'copy.db'))).toBe(501);
  });

  it.for(['xfs', 'btrfs'] as const)('keeps its bytes and its files when it is cloned on %s', async (kind, context) => {
    await onCloningDisk(context, kind, async (path) => {
      const source = join(path, 'live.db');
      makeNotes(source, 500);
      await using _ = await startOpener(source, logged);
      const { '-shm': __, ...content } = await filesOf(source);
      const facts = await snapshot(forkedWorkers, source, join(path, 'copy.db'));
      const { '-shm': ___, ...contentAfter } = await filesOf(source);
      expect([facts.method, contentAfter]).toEqual(['clone', content]);
      expect((await readdir(path)).toSorted()).toEqual(['copy.db', 'live.db', 'live.db-shm', 'live.db-wal']);
      expect(countNotes(join(path, 'copy.db'))).toBe(501);
    });
  });

  it('is copied from another file system than it is on', async (context) => {
    await onCloningDisk(context, 'xfs', async (path) => {
      const source = join(path, 'live.db');
      makeNotes(source, 500);
      await using _ = await startOpener(source, logged);
      await using elsewhere = await mountCloningDiskOrFail(join(folder.path, 'other'));
      const facts = await snapshot(forkedWorkers, source, join(folder.path, 'other', 'copy.db'));
      expect([facts.method, countNotes(join(folder.path, 'other', 'copy.db'))]).toEqual(['copy', 501]);
      void elsewhere;
    });
  });

  it('counts with its log, also through a symbolic link', async () => {
    const source = join(folder.path, 'live.db');
    makeNotes(source, 10);
    await using _ = await startOpener(source, logged);
    await mkdir(join(folder.path, 'elsewhere'));
    const link = join(folder.path, 'elsewhere', 'link.db');
    await symlink(source, link);
    const facts = await snapshot(withoutCloning, link, join(folder.path, 'copy.db'));
    expect([facts.method, countNotes(join(folder.path, 'copy.db'))]).toEqual(['copy', 11]);
    const { walBytes } = await runSqliteTask(forkedWorkers, { kind: 'probe', path: link, lockWaitMs: 0 });
    expect(walBytes).toBeGreaterThan(0);
    expect(await readdir(join(folder.path, 'elsewhere'))).toEqual(['link.db']);
  });

  it('gives a copy without what lies behind its last page', async () => {
    const source = join(folder.path, 'live.db');
    makeNotes(source, 100, 'delete');
    const { size } = await stat(source);
    await appendFile(source, Buffer.alloc(3 * 4096));
    const facts = await snapshot(withoutCloning, source, join(folder.path, 'copy.db'));
    expect([facts, (await stat(join(folder.path, 'copy.db'))).size]).toEqual([
      expect.objectContaining({ method: 'copy', bytes: size }),
      size,
    ]);
  });

  it('that another takes the place of while it is copied is not mixed with it', async () => {
    const [source, other] = [join(folder.path, 'live.db'), join(folder.path, 'other.db')];
    makeNotes(source, 100, 'delete');
    makeNotes(other, 200, 'delete');
    const workers = steeredWorkers({
      hear: (message) => (message.type === 'done' && message.result !== null ? { type: 'done', result: { mayClone: false } } : message),
      beforePost: (message) => {
        if (isOrder(message)) renameSync(other, source);
      },
    });
    const facts = await snapshot(workers, source, join(folder.path, 'copy.db'));
    expect([facts.method, countNotes(join(folder.path, 'copy.db'))]).toEqual(['online', 200]);
  });
});

async function mountCloningDiskOrFail(path: string): Promise<AsyncDisposable> {
  const disk = await mountCloningDisk('xfs', path, diskBytes);
  if (typeof disk === 'string') throw new Error(disk);
  return disk;
}

function isOrder(message: unknown): message is CopyOrder {
  return 'means' in (message as object);
}

describe('a log that begins anew while it is copied', () => {
  it('is left out of the copy: what it held is in the file', async () => {
    const [source, target] = [join(folder.path, 'live.db'), join(folder.path, 'copy.db')];
    const rows = 6000;
    const made = new Database(source);
    made.pragma('journal_mode = WAL');
    made.exec(`CREATE TABLE item (id INTEGER PRIMARY KEY, round INTEGER NOT NULL, content BLOB NOT NULL);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO item SELECT i, 0, zeroblob(3500) FROM n`);
    made.close();
    const open = "const db = new (require('better-sqlite3'))(process.argv[1]); db.pragma('wal_autocheckpoint = 0');";
    // In small transactions, so that a part of the log is a log as well.
    const inSlices = `for (let id = 0; id < ${rows}; id += 500) db.exec('UPDATE item SET round = round + 1 WHERE id > ' + id + ' AND id <= ' + (id + 500));`;
    const twice = `${inSlices} ${inSlices}`;
    // All of the log is in the file, so that a reader needs none of it and keeps nobody from beginning it anew.
    await using _ = await startOpener(source, `db.pragma('wal_autocheckpoint = 0'); ${twice} db.pragma('wal_checkpoint(FULL)');`);
    await using __ = await startOpener(source, "db.exec('BEGIN'); db.prepare('SELECT count(*) FROM item').get();");
    let isAnew = false;
    await copyFiles(source, target, { means: 'copy', withLog: true }, () => {
      if (isAnew) return;
      isAnew = true;
      const ended = spawnSync(process.execPath, ['-e', `${open} ${twice}`, source], { cwd: join(import.meta.dirname, '../..') });
      if (ended.status !== 0) throw new Error(ended.stderr.toString());
    });
    expect(isAnew).toBe(true);
    recover(target);
    const copy = new Database(target, { readonly: true });
    const found = copy.prepare('SELECT DISTINCT round FROM item').pluck().all();
    copy.close();
    expect(found).toEqual([2]);
  });
});

describe('a snapshot of which a process is killed', () => {
  /** A WAL database that somebody has open, large enough that copying it is told of on the way. */
  async function makeLarge(path: string): Promise<AsyncDisposable> {
    await makeSampleDatabase(path, { bytes: 24 * mebibyte, journalMode: 'wal', seed: 5 });
    return startOpener(path, "db.prepare('SELECT count(*) FROM notes').get();");
  }

  /** Nobody holds a lock on it any more. */
  function lockWhole(path: string): void {
    const database = new Database(path, { timeout: 0 });
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.exec('BEGIN EXCLUSIVE; ROLLBACK');
    database.close();
  }

  it('goes on by another way where it was the one that copies files', async () => {
    const [source, target] = [join(folder.path, 'live.db'), join(folder.path, 'copy.db')];
    await using _ = await makeLarge(source);
    let orders = 0;
    const workers = steeredWorkers({
      beforePost: (message, second) => {
        if (!isOrder(message)) return;
        orders++;
        second.kill();
      },
    });
    const facts = await snapshot(workers, source, target);
    expect([facts.method, orders, workers.running(), checkInvariants(target)]).toEqual(['online', 1, 0, []]);
  });

  it('fails where it was the one that holds the source, and neither it nor the other is left, nor a lock', async () => {
    const source = join(folder.path, 'live.db');
    await using _ = await makeLarge(source);
    const workers = steeredWorkers({
      beforePost: (message, __, first) => {
        if (isOrder(message)) first.kill();
      },
    });
    await expect(snapshot(workers, source, join(folder.path, 'copy.db'))).rejects.toMatchObject({ code: 'worker-crashed' });
    expect(workers.running()).toBe(0);
    lockWhole(source);
  });

  it('ends with both when it is stopped on the way', async () => {
    const source = join(folder.path, 'live.db');
    await using _ = await makeLarge(source);
    const workers = steeredWorkers({});
    const stop = new AbortController();
    const running = snapshot(workers, source, join(folder.path, 'copy.db'), {
      signal: stop.signal,
      onProgress: () => stop.abort(new BackupError('cancelled', 'enough')),
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(workers.running()).toBe(0);
    lockWhole(source);
  });
});
