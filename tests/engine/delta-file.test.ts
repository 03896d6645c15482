import { copyFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreRecipe } from '../../electron/domain/restore-recipe.ts';
import { forkedWorkers } from '../../electron/engine/platform/workers.ts';
import { runSqliteTask } from '../../electron/engine/sqlite/sqlite-tasks.ts';
import type { DeltaBase, DeltaFacts, DeltaOutcome } from '../../electron/engine/sqlite/worker-protocol.ts';
import { baseObject, changedPagesOf, describeBase, layOver, sha256 } from '../support/delta-scene.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const at = (name: string) => join(folder.path, name);

interface Options {
  readonly pageSize?: number;
  readonly pragmas?: readonly string[];
  readonly rows?: number;
}

/** A database whose pages are full of notes of some 300 bytes. */
function makeBase({ pageSize = 1024, pragmas = [], rows = 1000 }: Options = {}): DeltaBase {
  edit('base.db', (database) => {
    database.pragma(`page_size = ${pageSize}`);
    for (const pragma of pragmas) database.pragma(pragma);
    database.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
    addRows(database, rows);
  });
  return describeBase(at('base.db'));
}

function addRows(database: Database.Database, rows: number): void {
  const insert = database.prepare('INSERT INTO note (body) VALUES (?)');
  database.transaction(() => {
    for (let row = 0; row < rows; row++) insert.run(`note ${row} ${'some text of it '.repeat(18)}`);
  })();
}

function edit(name: string, change: (database: Database.Database) => void): void {
  const database = new Database(at(name));
  try {
    change(database);
  } finally {
    database.close();
  }
}

/** Makes the next day's copy from the base. */
async function editCopy(change: (database: Database.Database) => void): Promise<void> {
  await copyFile(at('base.db'), at('copy.db'));
  edit('copy.db', change);
}

function makeDelta(base: DeltaBase, some: { readonly mostBytes?: number } = {}): Promise<DeltaOutcome> {
  const task = { kind: 'delta', path: at('copy.db'), shownAs: 'notes', base, target: at('copy.delta'), ...some } as const;
  return runSqliteTask(forkedWorkers, task);
}

/** Makes a delta of the copy and expects that laying it over the base gives the copy byte for byte. */
async function expectDelta(base: DeltaBase): Promise<DeltaFacts> {
  const outcome = await makeDelta(base);
  if ('reason' in outcome) throw new Error(`no delta was made: ${outcome.reason}`);
  const copy = await readFile(at('copy.db'));
  const { pageSize } = base;
  const changed = changedPagesOf(await readFile(at('base.db')), copy, pageSize);
  expect(outcome).toEqual({
    raw: { bytes: copy.length, sha256: sha256(copy) },
    pageSize,
    pageCount: copy.length / pageSize,
    changedPages: changed.length,
    deltaBytes: (await stat(at('copy.delta'))).size,
  });
  expect(layOver(at('base.db'), at('copy.delta'), 100).equals(copy)).toBe(true);
  return outcome;
}

async function expectFull(base: DeltaBase, reason: string, some?: { readonly mostBytes: number }): Promise<void> {
  expect(await makeDelta(base, some)).toEqual({ reason });
  expect((await readdir(folder.path)).filter((name) => name.startsWith('copy.')).toSorted()).toEqual(['copy.db']);
}

/** What a database may go through between a base and the next copy. */
const edits: readonly [what: string, options: Options, change: (database: Database.Database) => void][] = [
  ['grew', {}, (database) => addRows(database, 200)],
  ['lost its last rows and was vacuumed', {}, (database) => database.exec('DELETE FROM note WHERE id > 700; VACUUM')],
  ['became smaller by itself', { pragmas: ['auto_vacuum = FULL'] }, (database) => database.exec('DELETE FROM note WHERE id > 700')],
  [
    'was made smaller step by step',
    { pragmas: ['auto_vacuum = INCREMENTAL'] },
    (database) => {
      database.exec('DELETE FROM note WHERE id > 700');
      database.pragma('incremental_vacuum(50)');
    },
  ],
  ['moved pages to become smaller', { pragmas: ['auto_vacuum = FULL'] }, (database) => database.exec('DELETE FROM note WHERE id < 100')],
  ['has free pages', {}, (database) => database.exec('DELETE FROM note WHERE id BETWEEN 300 AND 500')],
  [
    'got a table and an index',
    {},
    (database) => database.exec('CREATE TABLE tag (name TEXT UNIQUE); CREATE INDEX by_body ON note(body) WHERE id > 900'),
  ],
  ['changed its first page alone', {}, (database) => database.pragma('user_version = 7')],
  ['did not change', {}, () => {}],
  ['is in WAL mode', { pragmas: ['journal_mode = WAL'] }, (database) => database.exec("UPDATE note SET body = 'x' WHERE id % 50 = 0")],
  ['has pages of 512 bytes', { pageSize: 512 }, (database) => addRows(database, 300)],
  ['has pages of 64 KiB', { pageSize: 65_536, rows: 5000 }, (database) => addRows(database, 800)],
  ['is in UTF-16', { pragmas: ["encoding = 'UTF-16be'"] }, (database) => addRows(database, 100)],
];

describe('a database that', () => {
  it.each(edits)('%s is restored byte for byte from base and delta', async (_, options, change) => {
    const base = makeBase(options);
    await editCopy(change);
    await expectDelta(base);
  });

  it('lost half of its pages is cut off where it ends', async () => {
    const base = makeBase();
    await editCopy((database) => database.exec('DELETE FROM note WHERE id > 400; VACUUM'));
    const { pageCount, changedPages } = await expectDelta(base);
    expect(pageCount * base.pageSize).toBeLessThan((await stat(at('base.db'))).size / 2);
    expect(changedPages).toBeLessThan(pageCount / 2);
  });

  it('did not change has an empty delta', async () => {
    const base = makeBase();
    await editCopy(() => {});
    expect(await expectDelta(base)).toMatchObject({ changedPages: 0 });
  });

  it('changed by more than there is room for is stored as a full', async () => {
    const base = makeBase();
    await editCopy((database) => addRows(database, 200));
    await expectFull(base, 'no-room', { mostBytes: 3 * 4096 });
  });

  it('grew by exactly as many pages as it had has a delta; by one more it is stored as a full', async () => {
    const base = makeBase({ pageSize: 512 });
    const bytes = await readFile(at('base.db'));
    // Pages beyond what the header counts: only the bytes matter here.
    const tail = Buffer.alloc(bytes.length, 'x');
    await writeFile(at('copy.db'), Buffer.concat([bytes, tail]));
    expect(await expectDelta(base)).toMatchObject({ changedPages: bytes.length / 512 });
    await rm(at('copy.delta'));
    await writeFile(at('copy.db'), Buffer.concat([bytes, tail, Buffer.alloc(512)]));
    await expectFull(base, 'most-pages');
  });
});

describe('a copy is stored as a full', () => {
  it('where its page size is another one', async () => {
    const base = makeBase();
    await editCopy((database) => {
      database.pragma('page_size = 4096');
      database.exec('VACUUM');
    });
    await expectFull(base, 'page-size');
  });

  it('where its text is in another encoding', async () => {
    const base = makeBase();
    edit('copy.db', (database) => {
      database.pragma("encoding = 'UTF-16le'");
      database.pragma('page_size = 1024');
      database.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
      addRows(database, 1000);
    });
    await expectFull(base, 'encoding');
  });

  it('where it is another database', async () => {
    const base = makeBase();
    edit('copy.db', (database) => {
      database.pragma('page_size = 1024');
      database.exec('CREATE TABLE picture (content BLOB NOT NULL)');
      const insert = database.prepare('INSERT INTO picture VALUES (randomblob(5000))');
      database.transaction(() => {
        for (let row = 0; row < 100; row++) insert.run();
      })();
    });
    await expectFull(base, 'most-pages');
  });

  it('where a VACUUM has moved most of its pages', async () => {
    const base = makeBase();
    await editCopy((database) => database.exec('DELETE FROM note WHERE id < 100; VACUUM'));
    await expectFull(base, 'most-pages');
  });

  it('where it is no whole number of pages', async () => {
    const base = makeBase();
    await editCopy(() => {});
    await truncate(at('copy.db'), (await stat(at('copy.db'))).size - 1);
    await expectFull(base, 'part-page');
  });

  it.each(['gone', 'cut short', 'changed'])('where the digests of the base are %s', async (how) => {
    const base = makeBase();
    await editCopy((database) => addRows(database, 50));
    const { path } = base.pages;
    const digests = await readFile(path);
    if (how === 'gone') await rm(path);
    else if (how === 'cut short') await truncate(path, digests.length - 16);
    else await writeFile(path, digests.fill(7, 160, 161));
    await expectFull(base, 'base-digests');
  });
});

describe('a delta file', () => {
  it('is a plain SQLite database: the pages that differ, and what it says of itself', async () => {
    const base = makeBase();
    await editCopy((database) => database.exec("UPDATE note SET body = 'changed' WHERE id % 100 = 0"));
    const { raw, pageCount, changedPages } = await expectDelta(base);
    expect(changedPages).toBeGreaterThan(5);
    edit('copy.delta', (delta) => {
      expect(delta.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").raw().all()).toEqual([
        ['meta', 'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)'],
        ['page', 'CREATE TABLE page (pgno INTEGER PRIMARY KEY, data BLOB)'],
      ]);
      expect(Object.fromEntries(delta.prepare('SELECT key, value FROM meta').raw().all() as [string, string][])).toEqual({
        format: 'nightjar-delta-1',
        base: baseObject,
        base_raw_sha256: base.rawSha256,
        page_size: '1024',
        page_count: String(pageCount),
        raw_sha256: raw.sha256,
        recipe: restoreRecipe,
      });
      expect(delta.prepare('SELECT count(*) FROM page').pluck().get()).toBe(changedPages);
    });
    expect((await readdir(folder.path)).toSorted()).toEqual(['base.db', 'base.db.pages', 'copy.db', 'copy.delta']);
  });

  it('is the same for the same copy, and readable by its owner alone', async () => {
    const base = makeBase();
    await editCopy((database) => addRows(database, 50));
    await makeDelta(base);
    const first = await readFile(at('copy.delta'));
    if (process.platform !== 'win32') expect((await stat(at('copy.delta'))).mode & 0o777).toBe(0o600);
    await rm(at('copy.delta'));
    await makeDelta(base);
    expect((await readFile(at('copy.delta'))).equals(first)).toBe(true);
  });

  it('is hardly larger, compressed, than the pages that changed', async () => {
    await makeSampleDatabase(at('base.db'), { bytes: 8_000_000, journalMode: 'wal', seed: 7 });
    const base = describeBase(at('base.db'));
    await editCopy((database) => {
      database.exec("UPDATE events SET payload = replace(payload, 'e', 'a') WHERE id % 300 = 0");
      database.exec("UPDATE notes SET body = body || ' more of it' WHERE id % 100 = 0");
    });
    const { changedPages, pageCount } = await expectDelta(base);
    expect(changedPages / pageCount).toBeGreaterThan(0.02);
    const copy = await readFile(at('copy.db'));
    const changed = changedPagesOf(await readFile(at('base.db')), copy, base.pageSize);
    const bare = Buffer.concat(changed.map((pgno) => copy.subarray((pgno - 1) * base.pageSize, pgno * base.pageSize)));
    expect(gzipSync(await readFile(at('copy.delta'))).length / gzipSync(bare).length).toBeLessThan(1.1);
  });

  it('takes the place of no other file', async () => {
    const base = makeBase();
    await editCopy((database) => addRows(database, 50));
    await writeFile(at('copy.delta'), 'something else');
    await expect(makeDelta(base)).rejects.toMatchObject({ code: 'target-exists' });
    expect(await readFile(at('copy.delta'), 'utf8')).toBe('something else');
  });
});
