import { renameSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { type CliSandbox, holdDatabase, type RunDocument, type SnapshotDocument, writeNotes } from '../support/cli.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { openWindowScene, type WindowScene } from '../support/window-scene.ts';

const looks = ['light', 'dark'] as const;

/** Jobs as they may be: one that is good, one with a destination away, one whose database is gone, and a store in git. */
async function setUp(box: CliSandbox, project: string): Promise<void> {
  box.folder('usb', 'nas');
  for (const name of ['usb', 'nas']) await box.json(['destination', 'add', 'folder', name, box.at(name)]);
  for (const [name, to] of [
    ['notes', ['usb']],
    ['mail', ['usb', 'nas']],
    ['lost', ['usb']],
    ['busy', ['usb']],
  ] as const) {
    writeNotes(box.at(`${name}.db`), { journalMode: name === 'busy' ? 'delete' : 'wal' });
    await box.json(['job', 'add', name, '--sqlite', box.at(`${name}.db`), ...to.flatMap((destination) => ['--to', destination])]);
    await box.json(['backup', name]);
  }
  await box.json(['job', 'add', 'wiki', '--git', project, '--store', 'pages', '--push']);
  await box.json(['backup', 'wiki']);
  await box.json(['drill', 'notes']);
  await box.json(['restore', 'notes', '--to', box.at('copy.db')]);
  renameSync(box.at('nas'), box.at('nas-away'));
  renameSync(box.at('lost.db'), box.at('lost.away'));
  for (const name of ['mail', 'lost']) await box.run(['backup', name]);
}

/** What axe finds on a page in a look that is serious or worse, one line for each. */
async function troublesOf(page: Page, where: string): Promise<string[]> {
  const troubles: string[] = [];
  for (const colorScheme of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    for (const { help, id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      troubles.push(`${where}, ${colorScheme}: ${id} (${help}): ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
    }
  }
  return troubles;
}

/** Every page of the window, by its address and by what is there when it is ready. */
async function addressesOf({ box }: WindowScene): Promise<string[]> {
  const runs = await box.json<RunDocument[]>(['history']);
  const runOf = (job: string) => `#/history/${runs.find((run) => run.job === job)?.id}`;
  const [snapshot] = await box.json<SnapshotDocument[]>(['snapshots', 'notes']);
  const restore = `#/restore/notes/${snapshot?.id}`;
  return [
    ...[
      '#/',
      '#/restore',
      '#/restore/notes',
      restore,
      `${restore}?do=copy`,
      `${restore}?do=replace`,
      '#/restore/wiki',
      '#/restore?from=backups',
    ],
    ...['#/history', '#/history?show=restores', '#/history?show=proofs', '#/history?day=2020-01-01'],
    ...[runOf('notes'), runOf('mail'), runOf('lost'), runOf('wiki'), runOf('busy'), '#/history/run-none'],
    ...['#/jobs', '#/jobs/notes', '#/jobs/wiki', '#/jobs/new', '#/jobs/destinations/usb', '#/jobs/destinations/new', '#/settings'],
  ];
}

it('has nothing that axe finds serious on any page, in light and dark', async () => {
  await using repository = await makeGitScene({ identity: true });
  await repository.write({ 'pages/home.md': 'home\n' });
  await using scene = await openWindowScene({
    prepare: (box) => setUp(box, repository.project),
    environment: { ...repository.env } as Record<string, string>,
  });
  const { box, page } = scene;
  await using _ = await holdDatabase(box.at('busy.db'), 'BEGIN EXCLUSIVE');
  const backup = box.start(['backup', 'busy', '--json']);
  await scene.go('#/history');
  await page.getByRole('button', { name: 'Cancel this run' }).waitFor();
  const troubles: string[] = [];
  for (const hash of await addressesOf(scene)) {
    await scene.go(hash);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    troubles.push(...(await troublesOf(page, hash)));
  }
  await scene.go('#/history');
  await page.getByRole('button', { name: 'Cancel this run' }).click();
  await backup.ended();
  expect(troubles).toEqual([]);
});

it('has nothing that axe finds serious before anything is set up, and on its dialogs', async () => {
  const prepare = async (box: CliSandbox) => {
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
    await box.json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'usb']);
  };
  await using empty = await openWindowScene();
  await using scene = await openWindowScene({ prepare, hash: '#/jobs/notes' });
  const troubles: string[] = [];
  for (const hash of ['#/', '#/restore', '#/history', '#/jobs', '#/settings']) {
    await empty.go(hash);
    await empty.page.getByRole('heading', { level: 1 }).first().waitFor();
    troubles.push(...(await troublesOf(empty.page, `empty ${hash}`)));
  }
  const { page } = scene;
  for (const hash of ['#/jobs/notes', '#/jobs/destinations/usb']) {
    await scene.go(hash);
    await page
      .getByRole('button', { name: /^Remove/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    troubles.push(...(await troublesOf(page, `the dialog of ${hash}`)));
    await page.keyboard.press('Escape');
  }
  await scene.go('#/settings');
  await page.getByLabel('Reserve', { exact: true }).fill('much');
  await page.keyboard.press('Enter');
  await page.getByText('is not a size').waitFor();
  await page.getByRole('combobox', { name: 'Bandwidth' }).click();
  await page.getByRole('option', { name: 'A limit at certain hours' }).click();
  await page.getByRole('button', { name: 'Examine' }).click();
  await page.getByRole('list', { name: 'What was found' }).waitFor();
  troubles.push(...(await troublesOf(page, 'the settings at work')));
  expect(troubles).toEqual([]);
});
