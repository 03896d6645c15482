import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  type CliSandbox,
  countNotes,
  databaseFilesAt,
  holdDatabase,
  type SnapshotDocument,
  writeCrashedNotes,
  writeNoise,
  writeNotes,
} from '../support/cli.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { openWindowScene } from '../support/window-scene.ts';

/** Sets a job up for `brain.db` and backs it up. */
async function backUp(box: CliSandbox): Promise<SnapshotDocument> {
  box.folder('usb');
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  await box.json(['job', 'add', 'brain', '--sqlite', box.at('brain.db'), '--to', 'usb']);
  return (await box.json<BackupDocument>(['backup', 'brain'])).snapshot;
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });
const whereTo = (page: Page) => page.getByLabel('Where to', { exact: true });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 2, name });

/** The rows of every table, as SQLite counts them in a file. */
function rowsIn(path: string): Record<string, number> {
  const database = new Database(path, { readonly: true });
  try {
    const names = database
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all() as string[];
    return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT count(*) FROM "${name}"`).pluck().get() as number]));
  } finally {
    database.close();
  }
}

const asRows = (tables: SnapshotDocument['tables']) => Object.fromEntries(tables.map(({ name, rows }) => [name, rows]));

describe('a copy', () => {
  it('goes to the file that was named, and over one that is there only when that is said', async () => {
    let snapshot: SnapshotDocument | undefined;
    await using scene = await openWindowScene({
      hash: '#/restore',
      prepare: async (box) => {
        writeNotes(box.at('brain.db'), { rows: 300 });
        snapshot = await backUp(box);
      },
    });
    const { box, page } = scene;
    await heading(page, /November|December|January|2026|2027/).waitFor();
    await link(page, 'Restore a copy…').click();
    const field = whereTo(page);
    expect(await field.inputValue()).toMatch(/\/brain-\d{4}-\d\d-\d\d-\d{4}\.db$/);
    await field.fill(box.at('brain.db'));
    expect(await button(page, 'Restore this copy').isDisabled()).toBe(true);

    writeFileSync(box.at('mine.db'), 'mine');
    await field.fill(box.at('mine.db'));
    await field.press('Escape');
    await button(page, 'Restore this copy').click();
    await button(page, 'Replace mine.db').waitFor();
    expect(readFileSync(box.at('mine.db'), 'utf8')).toBe('mine');

    // What was refused says nothing of another name, so nothing offers to replace that.
    writeFileSync(box.at('theirs.db'), 'theirs');
    await field.fill(box.at('theirs.db'));
    await button(page, /^Replace/).waitFor({ state: 'detached' });
    await field.fill(box.at('mine.db'));
    await field.press('Escape');
    await button(page, 'Restore this copy').click();

    await button(page, 'Replace mine.db').click();
    await heading(page, 'mine.db is restored').waitFor();
    expect(readdirSync(box.path).filter((name) => name.includes('mine'))).toEqual(['mine.db']);
    expect(rowsIn(box.at('mine.db'))).toEqual(asRows(snapshot?.tables ?? []));
    expect(await page.getByText(snapshot?.rawSha256 ?? 'no digest').count()).toBe(1);
    const [restore] = await box.json<{ path: string; state: string }[]>(['restore', '--list']);
    expect(restore).toMatchObject({ path: box.at('mine.db'), state: 'done' });
  });

  it('that is cancelled leaves nothing', async () => {
    await using scene = await openWindowScene({
      hash: '#/restore',
      prepare: async (box) => {
        writeNoise(box.at('brain.db'), 160);
        await backUp(box);
      },
    });
    const { box, page } = scene;
    await link(page, 'Restore a copy…').click();
    await whereTo(page).fill(box.at('new.db'));
    await whereTo(page).press('Enter');
    await button(page, 'Cancel this restore').click();
    await page.getByText('Cancelled. Nothing was changed').waitFor();
    expect(readdirSync(box.path).filter((name) => name.includes('new.db'))).toEqual([]);
    expect(await box.json(['restore', '--list'])).toMatchObject([{ state: 'failed', path: box.at('new.db') }]);
  });

  it('is refused with the numbers where the disk has no room beside the reserve', async () => {
    await using scene = await openWindowScene({
      hash: '#/restore',
      prepare: async (box) => {
        writeNotes(box.at('brain.db'));
        await backUp(box);
        await box.json(['settings', 'set', 'reserveBytes', '900000000000000']);
      },
    });
    const { box, page } = scene;
    await link(page, 'Restore a copy…').click();
    await whereTo(page).fill(box.at('new.db'));
    await whereTo(page).press('Enter');
    await page.getByRole('alert').getByText(/free/).waitFor();
    await page.goBack();
    await link(page, 'Replace the live database…').click();
    await page.getByText(/that is not enough beside the reserve/).waitFor();
    expect(await button(page, /^Replace brain\.db with/).isDisabled()).toBe(true);
    expect(existsSync(box.at('new.db'))).toBe(false);
  });
});

describe('in place', () => {
  it('puts the snapshot where a program had its database, and undo brings that back byte for byte', async () => {
    let snapshot: SnapshotDocument | undefined;
    await using scene = await openWindowScene({
      hash: '#/restore/brain',
      prepare: async (box) => {
        await makeSampleDatabase(box.at('brain.db'), { bytes: 2_000_000, journalMode: 'wal', seed: 7 });
        const writer = await startLiveWriter(box.at('brain.db'), { everyMs: 5 });
        snapshot = await backUp(box);
        await writer.resume();
        await writer.stop();
      },
    });
    const { box, page } = scene;
    const live = box.at('brain.db');
    expect(rowsIn(live)).not.toEqual(asRows(snapshot?.tables ?? []));
    // Whoever looks at a database in WAL mode leaves its sidecars; they belong to what is kept.
    const former = databaseFilesAt(live);
    await link(page, 'Replace the live database…').click();
    await page.getByText('No other program has brain.db open.').waitFor();
    await button(page, /^Replace brain\.db with the copy of/).click();
    await heading(page, /^brain\.db is as it was on/).waitFor();
    expect(Object.keys(databaseFilesAt(live))).toEqual(['']);
    expect(rowsIn(live)).toEqual(asRows(snapshot?.tables ?? []));

    await link(page, 'Undo: put the former one back…').click();
    await button(page, 'Put the former brain.db back').click();
    await heading(page, /^brain\.db is again what it was before/).waitFor();
    expect(databaseFilesAt(live)).toEqual(former);
    const restores = await box.json<{ mode: string; state: string }[]>(['restore', '--list']);
    expect(restores.map(({ mode, state }) => [mode, state])).toEqual([
      ['undo', 'done'],
      ['in-place', 'undone'],
    ]);
  });

  it('keeps the log of a program that crashed, and deletes what was kept only when that is said by name', async () => {
    await using scene = await openWindowScene({
      hash: '#/restore/brain',
      prepare: async (box) => {
        writeNotes(box.at('brain.db'), { rows: 20 });
        await backUp(box);
        writeCrashedNotes(box.at('crashed.db'), { inFile: 30, inWal: 12 });
        for (const ending of ['', '-wal']) writeFileSync(box.at(`brain.db${ending}`), readFileSync(box.at(`crashed.db${ending}`)));
      },
    });
    const { box, page } = scene;
    const kept = () => readdirSync(box.path).filter((name) => name.startsWith('brain.db.before-'));
    await link(page, 'Replace the live database…').click();
    await button(page, /^Replace brain\.db with the copy of/).click();
    await heading(page, /^brain\.db is as it was on/).waitFor();
    expect(countNotes(box.at('brain.db'))).toBe(20);
    expect(kept()).toHaveLength(1);
    expect(readdirSync(box.at(kept()[0] ?? '')).toSorted()).toEqual(['brain.db', 'brain.db-wal']);

    const proof = page.getByRole('region', { name: 'The proof' });
    await proof.getByRole('button', { name: 'Delete what was kept…' }).click();
    expect(kept()).toHaveLength(1);
    await proof.getByRole('button', { name: 'Delete the former brain.db' }).click();
    await proof.getByText('The former brain.db is deleted.').waitFor();
    expect(kept()).toEqual([]);
  });

  it('waits for the program that has it open to be quit, and is refused where one has opened it since', async () => {
    await using scene = await openWindowScene({
      hash: '#/restore/brain',
      prepare: async (box) => {
        writeNotes(box.at('brain.db'), { rows: 20 });
        await backUp(box);
        writeNotes(box.at('brain.db'), { rows: 5 });
      },
    });
    const { box, page } = scene;
    const replace = button(page, /^Replace brain\.db with the copy of/);
    const first = await holdDatabase(box.at('brain.db'), 'SELECT count(*) FROM notes');
    await link(page, 'Replace the live database…').click();
    await page.getByText(new RegExp(`process ${String(first.pid)}\\)`)).waitFor();
    expect(await replace.isDisabled()).toBe(true);
    await first[Symbol.asyncDispose]();
    await page.getByText('No other program has brain.db open.').waitFor();

    const second = await holdDatabase(box.at('brain.db'), 'SELECT count(*) FROM notes');
    await replace.click();
    await page.getByRole('alert').getByText('Quit the program that uses it, then try again').waitFor();
    await second[Symbol.asyncDispose]();
    expect(countNotes(box.at('brain.db'))).toBe(25);
    expect(readdirSync(box.path).filter((name) => name.startsWith('brain.db.'))).toEqual([]);
  });
});

it('says which snapshot is damaged, and proves one that is whole', async () => {
  await using scene = await openWindowScene({
    hash: '#/restore/brain',
    prepare: async (box) => {
      writeNotes(box.at('brain.db'));
      await backUp(box);
    },
  });
  const { box, page } = scene;
  await button(page, 'Verify in full').click();
  await page.getByText(/it was rebuilt, and its \d+ rows are as they were stored/).waitFor();
  expect(await box.json(['snapshots', 'brain'])).toMatchObject([{ copies: [{ verified: true }] }]);
  await button(page, 'Pin it: keep it for good').click();
  await button(page, 'Unpin it').waitFor();
  const folder = box.at('usb', 'brain');
  const manifest = readdirSync(folder).find((name) => /^\d.*\.json$/.test(name)) ?? '';
  expect(JSON.parse(readFileSync(`${folder}/${manifest}`, 'utf8'))).toMatchObject({ pinned: true });

  const object = `${folder}/${manifest.replace('.json', '.db.gz')}`;
  const bytes = readFileSync(object);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(object, bytes);
  await button(page, 'Verify now').click();
  await page.getByText('This snapshot is damaged').waitFor();
  await link(page, 'Restore a copy…').click();
  await whereTo(page).fill(box.at('new.db'));
  await whereTo(page).press('Enter');
  await page
    .getByRole('alert')
    .getByText(/so it was not put in place/)
    .waitFor();
  expect(readdirSync(box.path).filter((name) => name.includes('new.db'))).toEqual([]);
});

it('says where there is nothing yet, and where a job has no snapshot', async () => {
  await using scene = await openWindowScene({ hash: '#/restore' });
  const { box, page } = scene;
  await link(page, 'Make the first backup').waitFor();
  writeNotes(box.at('brain.db'));
  box.folder('usb');
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  await box.json(['job', 'add', 'brain', '--sqlite', box.at('brain.db'), '--to', 'usb']);
  await page.getByText('brain has no snapshot yet').waitFor();
  await button(page, 'Back up now').click();
  await link(page, 'Restore a copy…').waitFor();
  expect(await box.json(['snapshots', 'brain'])).toHaveLength(1);
});
