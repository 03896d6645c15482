import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSkippedFile, isSkippedFolder, nameForSource, rankDatabases, rankStores } from '../../electron/domain/found-sources.ts';
import { nameSchema, sameName } from '../../electron/domain/model.ts';

const dayMs = 86_400_000;
const nowMs = 1000 * dayMs;

describe('the name for a source', () => {
  it.each([
    ['a file without its ending', '/home/ada/notes.db', [], 'notes'],
    ['a folder', '/home/ada/wiki', [], 'wiki'],
    ['the folder of a file whose own name says nothing', '/home/ada/Brain/data.db', [], 'Brain'],
    ['a path of Windows', 'C:\\Users\\Ada\\Notes App\\notes.sqlite3', [], 'notes'],
    ['what a name cannot hold, left out', '/home/ada/my notes (old).db', [], 'my-notes-old'],
    ['letters of any language', '/home/ada/Größe.db', [], 'Größe'],
    ['a hidden file', '/home/ada/.notes.db', [], 'notes'],
    ['nothing that can be a name', '/🙂.db', [], 'db'],
    ['nothing at all', '/🙂', [], 'backup'],
    ['a name that no folder may have on Windows', '/home/ada/con.db', [], 'backup'],
    ['a name that is taken, in another case', '/home/ada/notes.db', ['Notes'], 'notes-2'],
    ['the next that is not taken', '/home/ada/notes.db', ['notes', 'notes-2', 'notes-3'], 'notes-4'],
  ])('is made of %s', (_, path, taken, name) => {
    expect(nameForSource(path, taken)).toBe(name);
  });

  it('can always be a name, and is no other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), (path, others) => {
        const first = nameForSource(path, others);
        const taken = [...others, first];
        const name = nameForSource(path, taken);
        expect(nameSchema.safeParse(name).success).toBe(true);
        expect(taken.some((other) => sameName(other, name))).toBe(false);
      }),
    );
  });
});

it('databases that were written lately come first, and among them the largest; no more than thirty', () => {
  const found = (path: string, daysAgo: number, bytes: number) => ({ path, bytes, lastWriteMs: nowMs - daysAgo * dayMs });
  const ranked = rankDatabases(
    [found('old', 800, 9e9), found('month', 20, 5e6), found('today', 0.5, 1e6), found('large', 0.9, 2e9), found('year', 300, 7e9)],
    nowMs,
  );
  expect(ranked.map(({ path }) => path)).toEqual(['large', 'today', 'month', 'year', 'old']);
  expect(
    rankDatabases(
      Array.from({ length: 40 }, (_, index) => found(`${index}`, 1, index)),
      nowMs,
    ),
  ).toHaveLength(30);
});

it('repositories that were worked in last come first', () => {
  expect(
    rankStores([
      { path: 'b', lastWriteMs: 1 },
      { path: 'c', lastWriteMs: 2 },
      { path: 'a', lastWriteMs: 1 },
    ]).map(({ path }) => path),
  ).toEqual(['c', 'a', 'b']);
});

it('folders of caches, browsers and tools are not searched, and files of browsers not looked into', () => {
  const skipped = [
    'node_modules',
    'Caches',
    'GPUCache',
    '.cache',
    'Firefox',
    'Google Chrome Cache',
    'com.apple.TCC',
    'Photos.app',
    'notes.db.before-restore-1',
  ];
  expect(skipped.filter((name) => !isSkippedFolder(name))).toEqual([]);
  expect(['Notes', 'journal', '.notes', 'Application Support', 'archive'].filter(isSkippedFolder)).toEqual([]);
  expect(['notes.db-wal', 'notes.db-shm', 'notes.db-journal', 'Cookies', 'history'].filter((name) => !isSkippedFile(name))).toEqual([]);
  expect(['notes.db', 'journal', 'wal'].filter(isSkippedFile)).toEqual([]);
});
