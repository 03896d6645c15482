import { spawnSync } from 'node:child_process';
import { copyFile, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import { runSqliteTask } from '../../electron/engine/sqlite/sqlite-tasks.ts';
import type { SnapshotFacts } from '../../electron/engine/sqlite/worker-protocol.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { checkInvariants, makeSampleDatabase } from '../support/sample-databases.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addNotes, countNotes, makeNotes } from '../support/test-engine.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

function snapshot(source: string, target: string): Promise<SnapshotFacts> {
  return runSqliteTask(forkedWorkers, { kind: 'snapshot', path: source, target, lockWaitMs: 10_000 });
}

describe.each(['wal', 'rollback'] as const)('under a writer that commits every 5 ms, %s mode', (journalMode) => {
  it('finishes without a restart, and the copy is consistent', async () => {
    const source = join(folder.path, 'live.db');
    await makeSampleDatabase(source, { bytes: 60_000_000, journalMode, seed: 7 });
    const writer = await startLiveWriter(source, { everyMs: 5 });
    for (const round of [1, 2, 3]) {
      const target = join(folder.path, `copy-${round}.db`);
      const facts = await snapshot(source, target);
      expect(facts).toMatchObject({ method: expect.stringMatching(/^(clone|copy)$/), restarts: 0, journalMode });
      const inspected = await runSqliteTask(forkedWorkers, { kind: 'inspect', path: target, shownAs: target, check: 'integrity_check' });
      expect(inspected.pageCount * inspected.pageSize).toBe((await stat(target)).size);
      expect(checkInvariants(target)).toEqual([]);
    }
    expect((await writer.stop()).commits).toBeGreaterThan(0);
  });
});

describe('what is in a snapshot', () => {
  it('holds what was committed only to the WAL', async () => {
    const source = join(folder.path, 'live.db');
    makeNotes(source, 10);
    const live = new Database(source);
    live.pragma('wal_autocheckpoint = 0');
    addNotes(live, 500);
    const target = join(folder.path, 'copy.db');
    await snapshot(source, target);
    live.close();
    expect(countNotes(target)).toBe(510);
  });

  it('leaves out what was not committed', async () => {
    const source = join(folder.path, 'live.db');
    makeNotes(source, 10);
    const live = new Database(source);
    live.exec('BEGIN');
    live.exec("INSERT INTO note (body) VALUES ('not yet')");
    const target = join(folder.path, 'copy.db');
    await snapshot(source, target);
    live.close();
    expect(countNotes(target)).toBe(10);
  });

  it.each([512, 1024, 65_536])('keeps pages of %i bytes', async (pageSize) => {
    const source = join(folder.path, 'live.db');
    const made = new Database(source);
    made.pragma(`page_size = ${pageSize}`);
    made.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    addNotes(made, 100);
    made.close();
    const target = join(folder.path, 'copy.db');
    await snapshot(source, target);
    expect(await readFile(target)).toHaveLength((await stat(source)).size);
    expect(countNotes(target)).toBe(100);
  });

  it('needs no sidecars and keeps the journal mode', async () => {
    const source = join(folder.path, 'live.db');
    makeNotes(source, 10);
    const live = new Database(source);
    live.exec("INSERT INTO note (body) VALUES ('x')");
    const target = join(folder.path, 'copy.db');
    await snapshot(source, target);
    live.close();
    expect((await readdir(folder.path)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
    const facts = await runSqliteTask(forkedWorkers, { kind: 'inspect', path: target, shownAs: target, check: 'quick_check' });
    expect(facts.journalMode).toBe('wal');
    expect((await readdir(folder.path)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
  });
});

describe('the source', () => {
  it('gets no sidecars where it had none, and keeps its bytes', async () => {
    const source = join(folder.path, 'quiet.db');
    makeNotes(source, 100);
    const before = await readFile(source);
    const facts = await snapshot(source, join(folder.path, 'copy.db'));
    expect(facts.method).toBe('quiet');
    expect(await readFile(source)).toEqual(before);
    expect((await readdir(folder.path)).toSorted()).toEqual(['copy.db', 'quiet.db']);
  });

  it('may be a database whose writer crashed: its WAL counts, and its files stay as they are', async () => {
    const source = join(folder.path, 'crashed.db');
    makeNotes(source, 10);
    crash(source, "PRAGMA wal_autocheckpoint=0; INSERT INTO note (body) VALUES ('only in the log');");
    const moved = join(folder.path, 'moved.db');
    // The index is not copied along: so a database looks that was brought from elsewhere.
    for (const ending of ['', '-wal']) await copyFile(source + ending, moved + ending);
    const before = await Promise.all([readFile(moved), readFile(`${moved}-wal`)]);
    const target = join(folder.path, 'copy.db');
    const facts = await snapshot(moved, target);
    expect(facts.method).toBe('quiet');
    expect(countNotes(target)).toBe(11);
    expect(await Promise.all([readFile(moved), readFile(`${moved}-wal`)])).toEqual(before);
    expect((await readdir(folder.path)).filter((name) => name.startsWith('moved')).toSorted()).toEqual(['moved.db', 'moved.db-wal']);
  });

  it('may have a hot rollback journal: the copy is rolled back, the source is not touched', async () => {
    const source = join(folder.path, 'hot.db');
    makeNotes(source, 2000, 'delete');
    // A tiny cache makes SQLite spill unfinished pages into the file, so that the journal is needed to read it.
    crash(source, "PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; UPDATE note SET body = body || 'half';");
    const before = await Promise.all([readFile(source), readFile(`${source}-journal`)]);
    const target = join(folder.path, 'copy.db');
    await snapshot(source, target);
    const copy = new Database(target);
    expect(copy.prepare("SELECT count(*) FROM note WHERE body LIKE '%half'").pluck().get()).toBe(0);
    copy.close();
    expect(await Promise.all([readFile(source), readFile(`${source}-journal`)])).toEqual(before);
  });
});

/** Runs SQL in a process that then dies without closing the database. */
function crash(path: string, sql: string): void {
  const script = `const D = require('better-sqlite3'); const d = new D(process.argv[1]); d.exec(process.argv[2]); process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['-e', script, path, sql], { cwd: join(import.meta.dirname, '../..') });
}
