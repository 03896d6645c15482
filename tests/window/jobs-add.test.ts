import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { describe, expect, it } from 'vitest';
import { type CliSandbox, countNotes, snapshotFilesIn, writeNotes } from '../support/cli.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { settingsOf } from '../support/settings-of.ts';
import { openWindowScene } from '../support/window-scene.ts';

/** A found database, an empty folder, and nothing set up. */
function prepare(box: CliSandbox): void {
  box.folder('Documents', 'usb');
  writeNotes(box.at('Documents', 'notes.db'), { rows: 500 });
}

async function lookAt(page: Page, path: string): Promise<void> {
  await page.getByRole('radio', { name: 'Another database' }).check();
  await page.getByRole('combobox', { name: 'Database' }).fill(path);
  await page.getByRole('button', { name: 'Look at it' }).click();
}

it('adds a folder and a job by the form alone, and backs it up', async () => {
  await using scene = await openWindowScene({ prepare, hash: '#/jobs/new' });
  const { box, page } = scene;
  await page.getByRole('radio', { name: box.at('Documents', 'notes.db') }).check();
  await page.getByRole('button', { name: 'Add a folder…' }).click();
  await page.getByRole('combobox', { name: 'Folder' }).fill('~/usb');
  await page.getByRole('button', { name: 'Add this folder' }).click();
  await page.getByRole('checkbox', { name: 'usb', checked: true }).waitFor();
  await page.getByLabel('How often').selectOption('weekday');
  await page.getByLabel('Time of day').fill('21:30');
  await page.getByRole('button', { name: 'Add the job and back up now' }).click();
  await page.getByRole('heading', { level: 1, name: 'notes' }).waitFor();
  await page.getByText('Verified just now.').waitFor();

  const { destinations, jobs } = settingsOf(box);
  expect(destinations).toEqual([expect.objectContaining({ kind: 'folder', name: 'usb', path: box.at('usb') })]);
  expect(jobs).toEqual([
    expect.objectContaining({
      name: 'notes',
      source: expect.objectContaining({ kind: 'sqlite', path: box.at('Documents', 'notes.db') }),
      destinations: ['usb'],
      schedule: { cron: '30 21 * * 1-5', zone: await page.evaluate('Intl.DateTimeFormat().resolvedOptions().timeZone') },
      retention: { daily: 30, weekly: 0, monthly: 12, yearly: 0, minVerified: 3 },
    }),
  ]);
  expect(Object.keys(snapshotFilesIn(box.at('usb', 'notes'))).length).toBe(2);
  await box.json(['restore', 'notes', '--to', box.at('restored.db')]);
  expect(countNotes(box.at('restored.db'))).toBe(500);
});

it('adds a job for a repository, whose changes arrive at its remote, and takes another remote only when told to', async () => {
  await using repository = await makeGitScene({ identity: true });
  await repository.write({ 'entries/first.md': 'first\n', 'drafts/secret.md': 'not yet\n' });
  await using scene = await openWindowScene({ hash: '#/jobs/new' });
  const { box, page } = scene;
  await page.getByRole('radio', { name: 'Another git repository' }).check();
  await page.getByRole('combobox', { name: 'Repository' }).fill(repository.project);
  await page.getByRole('button', { name: 'Look at it' }).click();
  await page.getByLabel('Name', { exact: true }).fill('journal');
  await page.getByRole('button', { name: /Source: everything/ }).click();
  await page.getByLabel('What of it').fill('entries');
  await page.getByText('Rules', { exact: true }).click();
  await page.getByLabel('Message of a commit').fill('keep {item}');
  await page.getByRole('button', { name: 'Add the job and back up now' }).click();
  await page.getByText('Safe just now.').waitFor();

  expect(settingsOf(box).jobs).toEqual([
    expect.objectContaining({
      name: 'journal',
      source: expect.objectContaining({ stores: ['entries'], branch: 'main', remote: 'origin', push: true, message: 'keep {item}' }),
    }),
  ]);
  expect(await repository.gitIn(repository.remote, 'ls-tree', '-r', '--name-only', 'main')).toBe('README.md\nentries/first.md');

  const other = join(repository.root, 'other.git');
  await repository.gitIn(repository.root, 'init', '--quiet', '--bare', other);
  await repository.git('remote', 'set-url', 'origin', other);
  const former = settingsOf(box);
  await page.getByLabel('Message of a commit').fill('back up {item}');
  await page.getByRole('button', { name: 'Save the changes' }).click();
  const take = page.getByRole('button', { name: 'Take the remote as it is now' });
  await take.waitFor();
  expect(settingsOf(box)).toEqual(former);
  await take.click();
  await page.getByRole('button', { name: 'Save the changes' }).waitFor({ state: 'detached' });
  expect(settingsOf(box).jobs).toEqual([
    expect.objectContaining({ source: expect.objectContaining({ message: 'back up {item}', remoteFingerprint: expect.any(String) }) }),
  ]);
  expect(settingsOf(box).jobs).not.toEqual(former.jobs);
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect.poll(() => repository.gitIn(other, 'branch', '--list', 'main'), { timeout: 60_000 }).toContain('main');
});

describe('a job that cannot be', () => {
  it.each<[string, (box: CliSandbox) => string, RegExp]>([
    ['a path that is not whole', () => 'Documents/notes.db', /write the whole path/i],
    ['a file that is not there', (box) => box.at('absent.db'), /absent\.db is not there/i],
    ['a file that is no database', (box) => box.at('letter.txt'), /letter\.txt is not a SQLite database/i],
  ])('is not made of %s', async (_name, path, sentence) => {
    await using scene = await openWindowScene({
      hash: '#/jobs/new',
      prepare: (box) => writeFileSync(box.at('letter.txt'), 'dear diary\n'.repeat(1000)),
    });
    const { box, page } = scene;
    await lookAt(page, path(box));
    await page.getByText(sentence).waitFor();
    expect(await page.getByRole('button', { name: 'Add the job', exact: true }).count()).toBe(0);
  });

  it('is not made without a place, of a cron expression that cannot be read, nor with a name that is taken', async () => {
    await using scene = await openWindowScene({
      hash: '#/jobs/new',
      prepare: async (box) => {
        prepare(box);
        await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
        writeNotes(box.at('other.db'));
        await box.json(['job', 'add', 'other', '--sqlite', box.at('other.db'), '--to', 'usb']);
      },
    });
    const { box, page } = scene;
    const before = settingsOf(box);
    const add = page.getByRole('button', { name: 'Add the job', exact: true });
    await page.getByRole('radio', { name: box.at('Documents', 'notes.db') }).check();
    await page.getByRole('button', { name: 'Place: usb' }).click();
    await page.getByRole('checkbox', { name: 'usb' }).uncheck();
    await page.getByLabel('How often').selectOption('cron');
    await page.getByLabel('Cron expression').fill('61 3 * * *');
    await add.click();
    await page.getByText('Choose at least one place').waitFor();
    await page.getByText('The schedule "61 3 * * *" cannot be read').waitFor();

    await page.getByRole('checkbox', { name: 'usb' }).check();
    await page.getByLabel('Cron expression').fill('1 3 * * *');
    await page.getByLabel('Name').fill('OTHER');
    await add.click();
    await page.getByText(/there is a job "?other"? already|other.* already/i).waitFor();
    expect(settingsOf(box)).toEqual(before);
  });

  it('nor is a destination in a folder that is not there, or with a name that cannot be a folder', async () => {
    await using scene = await openWindowScene({ prepare, hash: '#/jobs/destinations/new' });
    const { box, page } = scene;
    const add = page.getByRole('button', { name: 'Add this folder' });
    await add.click();
    await page.getByText('Choose a folder for the snapshots.').waitFor();
    await page.getByRole('combobox', { name: 'Folder' }).fill('usb');
    await page.getByText('Write the whole path, from / or ~ on.').waitFor();
    await page.getByRole('combobox', { name: 'Folder' }).fill(box.at('absent'));
    await add.click();
    await page.getByText(`no folder ${box.at('absent')}`).waitFor();
    await page.getByRole('combobox', { name: 'Folder' }).fill(box.at('usb'));
    await page.getByLabel('Name').fill('con');
    await add.click();
    await page.getByText('This name cannot be a folder on every system.').waitFor();
    expect(settingsOf(box).destinations).toEqual([]);

    await page.getByLabel('Name').fill('nas');
    await page.getByRole('combobox', { name: 'Folder' }).fill(box.at('new'));
    await add.click();
    await page.getByRole('button', { name: 'Make this folder and add it' }).click();
    await page.getByRole('heading', { level: 1, name: 'nas' }).waitFor();
    expect(settingsOf(box).destinations).toEqual([expect.objectContaining({ name: 'nas', path: box.at('new') })]);
    expect(existsSync(box.at('new'))).toBe(true);
  });
});
