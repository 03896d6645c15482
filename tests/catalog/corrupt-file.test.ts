import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Catalog } from '../../electron/engine/catalog/catalog.ts';
import { type OpenedCatalog, openCatalogDatabase, readCatalogDatabase } from '../../electron/engine/catalog/database.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const nowMs = Date.parse('2026-11-22T03:17:00Z');
const asideName = 'catalog.db.damaged-2026-11-22T031700.000Z';
let folder: TempFolder;
let path: string;
beforeEach(async () => {
  folder = await makeTempFolder();
  path = join(folder.path, 'catalog.db');
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Opens, lets the test look, and closes. A catalog that was made anew says that it has to read the destination. */
function opened<T>(look: (answer: OpenedCatalog & { unread: string[] }) => T): T {
  const catalog = openCatalogDatabase(path, nowMs, ['usb']);
  const answer = { ...catalog, unread: new Catalog(catalog.database).unreadDestinations() };
  try {
    return look(answer);
  } finally {
    answer.database.close();
  }
}

/** A catalog of some hundred pages. */
function fillCatalog(): void {
  opened(({ database }) => {
    const catalog = new Catalog(database);
    catalog.setUnread('usb', false);
    database.transaction(() => {
      for (let run = 0; run < 3000; run++) {
        catalog.startRun({ id: `run-${run}`, job: 'notes', trigger: 'schedule', startedAtMs: run });
        catalog.startStep(`run-${run}`, 0, 'guard', run);
      }
    })();
  });
}

function writeGarbage(offset: number, bytes: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, 0xa5), 0, bytes, offset);
  closeSync(file);
}

describe('opening the catalog', () => {
  it('makes a new one where there is none, for its owner alone, and finds it again', () => {
    opened(({ database, unread, setAside }) => {
      expect({ unread, setAside }).toEqual({ unread: ['usb'], setAside: undefined });
      new Catalog(database).setUnread('usb', false);
    });
    expect(opened(({ unread }) => unread)).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('counts one as new that died before it had its tables', () => {
    const unfinished = new Database(path);
    unfinished.pragma('journal_mode = WAL');
    unfinished.close();
    expect(opened(({ unread }) => unread)).toEqual(['usb']);
  });

  it('does not forget what it has to read when it dies before that', () => {
    opened(() => {});
    expect(opened(({ unread }) => unread)).toEqual(['usb']);
  });
});

describe('a damaged catalog is set aside, and a new one opens:', () => {
  it.each<[string, () => void]>([
    ['text instead of a database', () => writeFileSync(path, 'not a database, '.repeat(1000))],
    ['a file of zeros', () => writeFileSync(path, Buffer.alloc(20_000))],
    ['garbage over its header', () => writeGarbage(0, 100)],
    ['garbage over its schema', () => writeGarbage(100, 400)],
    ['garbage in the middle of a page', () => writeGarbage(100 * 4096 + 1000, 500)],
    ['garbage over several pages', () => writeGarbage(10 * 4096, 5 * 4096)],
    ['cut to half', () => truncateSync(path, statSync(path).size / 2)],
    ['cut in its last page', () => truncateSync(path, statSync(path).size - 100)],
    ['cut to its first page', () => truncateSync(path, 4096)],
    ['cut in its first page', () => truncateSync(path, 1000)],
    ['cut in its header', () => truncateSync(path, 50)],
  ])('%s', (_, damage) => {
    fillCatalog();
    damage();
    const damaged = readFileSync(path);
    const answer = opened(({ database, unread, setAside = '' }) => ({
      unread,
      setAside: basename(setAside),
      runs: new Catalog(database).runs(),
    }));
    expect(answer).toEqual({ unread: ['usb'], setAside: asideName, runs: [] });
    expect(readFileSync(join(folder.path, asideName)).equals(damaged)).toBe(true);
    expect(opened(({ setAside }) => setAside)).toBeUndefined();
  });

  it('cut to nothing, of which there is nothing to set aside', () => {
    fillCatalog();
    truncateSync(path, 0);
    expect(opened(({ database, unread }) => ({ unread, runs: new Catalog(database).runs() }))).toEqual({ unread: ['usb'], runs: [] });
  });
});

describe('the catalog of a newer program', () => {
  it.each(['wal', 'delete'])('is refused and left as it is, in journal mode %s', (mode) => {
    fillCatalog();
    const database = new Database(path);
    database.pragma(`journal_mode = ${mode}`);
    database.pragma('user_version = 9990');
    database.close();
    const before = readFileSync(path);
    expect(() => openCatalogDatabase(path, nowMs)).toThrow(expect.objectContaining({ code: 'catalog-newer', hint: expect.any(String) }));
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder.path)).toEqual(['catalog.db']);
  });
});

describe('reading the catalog beside an engine', () => {
  it('sees what the engine writes, and cannot write', () => {
    opened(({ database }) => {
      const reader = readCatalogDatabase(path);
      new Catalog(database).startRun({ id: 'run-1', job: 'notes', trigger: 'manual', startedAtMs: 1 });
      expect(reader?.prepare('SELECT id FROM run').pluck().all()).toEqual(['run-1']);
      expect(() => reader?.exec('DELETE FROM run')).toThrow('readonly');
      reader?.close();
    });
  });

  it('gives null where there is none, and creates nothing', () => {
    expect(readCatalogDatabase(path)).toBeNull();
    expect(existsSync(path)).toBe(false);
  });

  it.each([0, 9990])('gives null for one of version %d', (version) => {
    const database = new Database(path);
    database.pragma(`user_version = ${version}`);
    database.exec('CREATE TABLE other (id TEXT)');
    database.close();
    expect(readCatalogDatabase(path)).toBeNull();
  });
});
