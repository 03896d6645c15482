import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { checkInvariants } from '../support/sample-databases.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openApplication } from './application.ts';
import { makeBrain } from './brain.ts';
import { comparePages, digestPages, measureChange } from './changed-pages.ts';
import { type Day, days } from './days.ts';

const bytes = 4 * 1024 ** 2;

async function makeSmallBrain(path: string): Promise<void> {
  await makeBrain(path, bytes, 1, new AbortController().signal);
}

async function spend(path: string, day: Day): Promise<void> {
  const application = await openApplication(path);
  await application.spendDay(day, 7);
  await application.close();
}

function countNotes(path: string): number {
  const database = new Database(path, { readonly: true });
  try {
    return Number(database.prepare('SELECT count(*) FROM notes').pluck().get());
  } finally {
    database.close();
  }
}

test('the same seeds make the same database and the same days', async () => {
  await using folder = await makeTempFolder();
  const paths = ['one.db', 'other.db'].map((name) => join(folder.path, name));
  for (const path of paths) {
    await makeSmallBrain(path);
    await spend(path, days.mixed);
  }
  const [one = '', other = ''] = paths;
  expect(await comparePages(one, other)).toEqual([]);
});

test('a day changes the rows that it says, keeps the invariants, and leaves an empty WAL', async () => {
  await using folder = await makeTempFolder();
  const found: Record<string, { notes: number; broken: string[]; areFewPagesChanged: boolean }> = {};
  for (const [name, day] of Object.entries(days)) {
    const path = join(folder.path, `${name}.db`);
    await makeSmallBrain(path);
    const [before, notes] = [await digestPages(path), countNotes(path)];
    await spend(path, day);
    const { changedPages, pages, limitBytes } = await measureChange(path, before);
    const areFewPagesChanged = changedPages > 0 && changedPages < pages / 2 && limitBytes > 0 && limitBytes < changedPages * 4096;
    found[name] = { notes: countNotes(path) - notes, broken: checkInvariants(path), areFewPagesChanged };
  }
  const sound = { broken: [], areFewPagesChanged: true };
  expect(found).toEqual({
    edits: { notes: 0, ...sound },
    mixed: { notes: expect.any(Number), ...sound },
    appends: { notes: expect.any(Number), ...sound },
  });
  expect(found['appends']?.notes).toBeGreaterThan(found['mixed']?.notes ?? 0);
});

test('a copy with another page, or with one less, is not the source', async () => {
  await using folder = await makeTempFolder();
  const [source, copy] = [join(folder.path, 'source.db'), join(folder.path, 'copy.db')];
  await makeSmallBrain(source);
  copyFileSync(source, copy);
  const bytesOf = readFileSync(copy);
  bytesOf[4096 * 3 + 5] = (bytesOf[4096 * 3 + 5] ?? 0) ^ 1;
  writeFileSync(copy, bytesOf);
  expect(await comparePages(source, copy)).toEqual(["1 pages are not the source's, the first 4"]);
  copyFileSync(source, copy);
  writeFileSync(copy, readFileSync(copy).subarray(0, -4096));
  expect(await comparePages(source, copy)).toEqual(['pages are missing at its end']);
});
