import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { jobSchema } from '../../electron/domain/model.ts';
import {
  type CliSandbox,
  holdDatabase,
  type RunDocument,
  type SnapshotDocument,
  snapshotFilesIn,
  writeNoise,
  writeNotes,
} from '../support/cli.ts';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openWindowScene } from '../support/window-scene.ts';

/** A database `notes.db` with a job `notes` that goes to the folder `usb`, not run yet. */
async function addNotesJob(box: CliSandbox): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'), { rows: 500 });
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  await box.json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'usb']);
}

const rowOf = (page: Page, job: string) => page.getByRole('listitem', { name: job, exact: true });
const backUp = (page: Page, job: string) => rowOf(page, job).getByRole('button', { name: 'Back up now' }).click();
const runsOf = (box: CliSandbox, job: string) => box.json<RunDocument[]>(['history', job]);
const storedAt = (folder: string) => Object.keys(snapshotFilesIn(folder));
const storedIn = (box: CliSandbox, ...parts: string[]) => storedAt(box.at(...parts));
const jobIn = (box: CliSandbox, name: string) => {
  const { jobs } = JSON.parse(readFileSync(join(box.home, 'settings.json'), 'utf8')) as { jobs: { name: string }[] };
  return jobSchema.parse(jobs.find((job) => job.name === name));
};

it('backs up with progress by name, amount and part, and says what was proven', async () => {
  await using scene = await openWindowScene({
    prepare: async (box) => {
      await addNotesJob(box);
      writeNoise(box.at('photos.db'), 160);
      await box.json(['job', 'add', 'photos', '--sqlite', box.at('photos.db'), '--to', 'usb']);
    },
  });
  const { box, page } = scene;
  await backUp(page, 'photos');
  const row = rowOf(page, 'photos');
  await row.getByRole('progressbar', { name: /^Compressing, [1-9]\d? %$/ }).waitFor();
  await row.getByText(/^\d[\d.]* [kMG]B of 16\d MB/).waitFor();
  await row.getByText(/^verified/).waitFor();
  await row.getByText('160 rows').waitFor();
  const [snapshot] = await box.json<SnapshotDocument[]>(['snapshots', 'photos']);
  const [copy] = snapshot?.copies ?? [];
  expect({ tables: snapshot?.tables, verified: copy?.verified, files: storedIn(box, 'usb', 'photos').length }).toEqual({
    tables: [{ name: 'noise', rows: 160 }],
    verified: true,
    files: 2,
  });
});

it('cancels a run that waits for a locked database, and leaves nothing of it', async () => {
  await using scene = await openWindowScene({
    prepare: async (box) => {
      await addNotesJob(box);
      writeNotes(box.at('busy.db'), { journalMode: 'delete' });
      await box.json(['job', 'add', 'busy', '--sqlite', box.at('busy.db'), '--to', 'usb', '--lock-wait', '600']);
    },
  });
  const { box, page } = scene;
  await using _ = await holdDatabase(box.at('busy.db'), 'BEGIN EXCLUSIVE');
  await backUp(page, 'busy');
  await rowOf(page, 'busy').getByRole('button', { name: 'Cancel this run' }).click();
  await rowOf(page, 'busy').getByRole('progressbar').waitFor({ state: 'detached' });
  const [run] = await runsOf(box, 'busy');
  expect({ status: run?.status, stored: storedIn(box, 'usb', 'busy'), staged: storedIn(box, 'home', 'staging') }).toEqual({
    status: 'cancelled',
    stored: [],
    staged: [],
  });
});

it('tells a failure with what to do, and that it is over when the disk is back', async () => {
  await using scene = await openWindowScene({ prepare: addNotesJob });
  const { box, page } = scene;
  renameSync(box.at('usb'), box.at('unplugged'));
  await backUp(page, 'notes');
  const row = rowOf(page, 'notes');
  const wrong = row.getByRole('list', { name: 'What is wrong with notes' });
  await wrong.getByText(/The last run failed: the destination usb is not there/).waitFor();
  const [failed] = await runsOf(box, 'notes');
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'destination-absent' } });
  expect(await wrong.getByRole('link', { name: 'Open the run' }).getAttribute('href')).toBe(`#/history/${failed?.id}`);
  expect(storedIn(box, 'unplugged', 'notes')).toEqual([]);

  renameSync(box.at('unplugged'), box.at('usb'));
  await backUp(page, 'notes');
  await wrong.waitFor({ state: 'detached' });
  const [run] = await runsOf(box, 'notes');
  expect({ status: run?.status, stored: storedIn(box, 'usb', 'notes').length }).toEqual({ status: 'succeeded', stored: 2 });
});

it('refuses a run for which a small volume has no room, with the numbers, and makes it when there is room', async (context) => {
  await using temp = await makeTempFolder();
  const disk = await mountSmallDisk(join(temp.path, 'small'), 48 * 1024 * 1024);
  if (typeof disk === 'string') {
    process.stdout.write(`NOT TRIED, the disk guard in the window on a small volume: ${disk}\n`);
    return context.skip(disk);
  }
  await using _ = disk;
  const small = join(temp.path, 'small');
  await using scene = await openWindowScene({
    prepare: async (box) => {
      writeNoise(box.at('photos.db'), 8);
      await box.json(['settings', 'set', 'reserveBytes', '1048576']);
      await box.json(['settings', 'set', 'warnFreeBytes', '2097152']);
      await box.json(['destination', 'add', 'folder', 'small', small]);
      await box.json(['job', 'add', 'photos', '--sqlite', box.at('photos.db'), '--to', 'small', '--deltas', 'off']);
      await box.json(['backup', 'photos']);
      await disk.leave(4 * 1024 * 1024);
    },
  });
  const { box, page } = scene;
  const gauge = page.getByRole('region', { name: 'Disk guard' }).getByRole('listitem', { name: small });
  await gauge.getByText(/^The next run of photos will not start: it needs 8\.\d+ MB .* 4\.\d+ MB are free/).waitFor();
  const before = storedAt(join(small, 'photos'));
  await gauge.getByRole('button', { name: 'Try photos now' }).click();
  await gauge.getByText(/^The run of photos at .* did not start/).waitFor();
  const [refused] = await runsOf(box, 'photos');
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'disk-space-low' }, steps: [{ name: 'guard', status: 'failed' }] });
  expect({ stored: storedAt(join(small, 'photos')), staged: storedIn(box, 'home', 'staging') }).toEqual({ stored: before, staged: [] });
  await gauge.getByRole('button', { name: 'Show what uses the space' }).click();
  const writes = gauge.getByRole('table', { name: 'What the next runs write here' }).getByRole('row');
  expect(await writes.allInnerTexts()).toEqual([expect.stringMatching(/^photos\tsnapshot at small\t8\.\d+ MB$/)]);

  await disk.leave(40 * 1024 * 1024);
  await gauge.getByRole('button', { name: 'Try photos now' }).click();
  await gauge.getByText(/^Enough/).waitFor();
  const [made] = await runsOf(box, 'photos');
  expect({ status: made?.status, stored: storedAt(join(small, 'photos')).length }).toEqual({
    status: 'succeeded',
    stored: before.length + 2,
  });
});

it('pauses a job and resumes it, in the settings too', async () => {
  await using scene = await openWindowScene({ prepare: addNotesJob });
  const { box, page } = scene;
  const pause = async (choice: string) => {
    await rowOf(page, 'notes').getByRole('button', { name: 'More for notes' }).click();
    await page.getByRole('menuitem', { name: choice }).click();
  };
  await pause('Pause until I resume it');
  await rowOf(page, 'notes').getByText('paused', { exact: true }).waitFor();
  expect(jobIn(box, 'notes')).toMatchObject({ paused: true, pausedUntil: null });
  // By keyboard: the button is gone then, and the focus is on the menu in which a job is paused.
  await rowOf(page, 'notes').getByRole('button', { name: 'Resume' }).press('Enter');
  await rowOf(page, 'notes')
    .getByText(/^next 03:17/)
    .waitFor();
  await expect.poll(() => page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('More for notes');
  expect(jobIn(box, 'notes')).toMatchObject({ paused: false });
  await pause('Pause for an hour');
  await rowOf(page, 'notes')
    .getByText(/^paused until/)
    .waitFor();
  expect(jobIn(box, 'notes')).toMatchObject({ paused: true, pausedUntil: expect.any(String) });
});

it('shows a loss before it is accepted, and lets old snapshots go again only then', async () => {
  await using scene = await openWindowScene({
    prepare: async (box) => {
      await addNotesJob(box);
      await box.json(['backup', 'notes']);
      const database = new Database(box.at('notes.db'));
      database.exec('DELETE FROM notes WHERE id > 10');
      database.close();
      await box.run(['backup', 'notes']);
    },
  });
  const { box, page } = scene;
  const frozen = async () => {
    const { destinations } = await box.json<{ destinations: { frozenBy: string[] }[] }>(['retain', 'notes', '--dry-run']);
    return destinations.flatMap(({ frozenBy }) => frozenBy);
  };
  const lost = ['the table notes has 10 rows instead of 500', 'all tables together have 10 rows instead of 500'];
  expect(await frozen()).toEqual(lost);
  await rowOf(page, 'notes').getByRole('button', { name: 'Look at the loss' }).click();
  await rowOf(page, 'notes')
    .getByText(/^Nothing older is pruned until you say/)
    .waitFor();
  expect(await frozen()).toEqual(lost);
  await rowOf(page, 'notes').getByRole('button', { name: 'It was meant: prune again' }).click();
  await rowOf(page, 'notes').getByRole('list', { name: 'What is wrong with notes' }).waitFor({ state: 'detached' });
  expect(await frozen()).toEqual([]);
});

it('shows a store with what waits, and that it is pushed when it is', async () => {
  await using repository = await makeGitScene({ identity: true });
  await repository.git('push', '--quiet', '-u', 'origin', 'main');
  const away = `${repository.remote}.away`;
  await using scene = await openWindowScene({
    prepare: async (box) => {
      await box.json(['job', 'add', 'wiki', '--git', repository.project, '--store', '.', '--push']);
      renameSync(repository.remote, away);
      await repository.write({ 'new.md': 'not committed yet' });
      await box.run(['backup', 'wiki']);
    },
  });
  const { page } = scene;
  await rowOf(page, 'wiki').getByText('1 item waits').waitFor();
  renameSync(away, repository.remote);
  await backUp(page, 'wiki');
  await rowOf(page, 'wiki')
    .getByText(/^pushed/)
    .waitFor();
  await rowOf(page, 'wiki').getByText('1 item waits').waitFor({ state: 'detached' });
  expect(await repository.gitIn(repository.remote, 'show', 'main:new.md')).toBe('not committed yet');
});

it('has a year of days that is used with the keyboard, and leads to the history of one', async () => {
  await using scene = await openWindowScene({
    prepare: async (box) => {
      await addNotesJob(box);
      await box.json(['backup', 'notes']);
    },
  });
  const { box, page } = scene;
  const calendar = page.getByRole('table', { name: 'The last 12 months, one cell a day' });
  const [run] = await runsOf(box, 'notes');
  const today = run?.startedAt.slice(0, 10) ?? '';
  await calendar.getByRole('button', { name: '1 snapshot, verified' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const link = page.getByRole('link', { name: 'Open that day in the history' });
  expect(await link.getAttribute('href')).toBe(`#/history?day=${today}`);
  expect(await calendar.getByRole('button', { pressed: true }).getAttribute('data-day')).toBe(today);
});

it('shows the room of an account at Google with its trash, and of one that nobody has signed in to in a quiet sentence', async () => {
  await using server = await startDriveServer({ quotaBytes: 15_000_000_000 });
  await using scene = await openWindowScene({
    prepare: async (box) => {
      await addNotesJob(box);
      await signInForBox(box, server);
    },
  });
  const { box, page } = scene;
  const place = page.getByRole('region', { name: 'Disk guard' }).getByRole('listitem', { name: 'gdrive' });
  await place.getByText(/^\d+ \w+ of 15 GB/).waitFor();
  await box.json([
    'destination',
    'add',
    'drive',
    'other',
    '--client',
    box.at('client.json'),
    '--api-root',
    server.url,
    '--folder',
    'Other',
  ]);
  await page.getByText(/^The room at other is not known: /).waitFor();
});

/** A destination `gdrive` at a Drive server, signed in as a person does who opens the address that is printed. */
async function signInForBox(box: CliSandbox, server: DriveServer): Promise<void> {
  await server.clientFile(box.at('client.json'));
  await box.json(['destination', 'add', 'drive', 'gdrive', '--client', box.at('client.json'), '--api-root', server.url]);
  const running = box.start(['destination', 'sign-in', 'gdrive', '--no-browser', '--json']);
  let said = '';
  const address = new Promise<string>((resolve) => {
    running.child.stderr?.on('data', (text: string) => {
      said += text;
      const found = /^http:\/\/127\.0\.0\.1:\d+\/\S+$/m.exec(said);
      if (found) resolve(found[0]);
    });
  });
  await server.fetchAsBrowser(await address);
  expect((await running.ended()).code).toBe(0);
}
