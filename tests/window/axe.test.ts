import { mkdirSync, renameSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../electron/engine/engine.ts';
import { locateHome } from '../../electron/engine/home.ts';
import { drillJob } from '../../electron/engine/operations/drill.ts';
import { restoreNamed } from '../../electron/engine/operations/restore-named.ts';
import { runJob } from '../../electron/engine/operations/run-job.ts';
import { jobNamed } from '../../electron/engine/settings-store.ts';
import { type CliSandbox, holdDatabase, type RunDocument, type SnapshotDocument, writeNotes } from '../support/cli.ts';
import { type GitScene, makeGitScene } from '../support/git-remote.ts';
import { addGitJob, gitJobOf } from '../support/store-scene.ts';
import { addFolderDestination, addJob, testPorts } from '../support/test-engine.ts';
import { openWindowScene, type WindowScene } from '../support/window-scene.ts';

/** Jobs as they may be: one that is good, one with a destination away, one whose database is gone, one that can be held up, a store in git. */
async function setUp(box: CliSandbox, { env, project }: Pick<GitScene, 'env' | 'project'>): Promise<void> {
  const engine = await openEngine(locateHome(box.home, {}), testPorts({ environment: env, host: hostname() }));
  const backUp = (name: string) => runJob(engine, { job: jobNamed(engine.settings.current, name), trigger: 'schedule' });
  try {
    for (const name of ['usb', 'nas']) await addFolderDestination(engine, box.path, name);
    for (const name of ['notes', 'mail', 'lost', 'busy']) {
      const path = box.at(`${name}.db`);
      writeNotes(path, { journalMode: name === 'busy' ? 'delete' : 'wal' });
      addJob(engine, { name, path, destinations: name === 'mail' ? ['usb', 'nas'] : ['usb'], lockWaitSeconds: 3600 });
      await backUp(name);
    }
    await addGitJob(engine, gitJobOf('wiki', { path: project, stores: ['pages'], push: true }));
    await backUp('wiki');
    await drillJob(engine, jobNamed(engine.settings.current, 'notes'), { trigger: 'manual' });
    await restoreNamed(engine, 'notes', { target: box.at('copy.db'), force: false }, new AbortController().signal);
    renameSync(box.at('nas'), box.at('nas-away'));
    renameSync(box.at('lost.db'), box.at('lost.away'));
    await Promise.allSettled([backUp('mail'), backUp('lost')]);
  } finally {
    engine.close();
  }
}

/** What axe finds on a page in either look that is serious or worse, one line for each. */
async function troublesOf(page: Page): Promise<string[]> {
  const troubles: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor({ state: 'attached' });
    await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      .options({ resultTypes: ['violations'] })
      .analyze();
    for (const { help, id, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      troubles.push(`${colorScheme}: ${id} (${help}): ${nodes.map(({ html, target }) => `${target.join(' ')} ${html}`).join('; ')}`);
    }
  }
  return troubles;
}

describe('axe finds nothing serious', () => {
  let repository: GitScene;
  let scene: WindowScene;
  let holder: AsyncDisposable;
  let runs: readonly RunDocument[];
  let snapshot: string;

  beforeAll(async () => {
    repository = await makeGitScene({ identity: true });
    await repository.write({ 'pages/home.md': 'home\n' });
    const environment = Object.fromEntries(
      Object.entries(repository.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    scene = await openWindowScene({ prepare: (box) => setUp(box, repository), environment, hash: '#/history' });
    const { box, page } = scene;
    holder = await holdDatabase(box.at('busy.db'), 'BEGIN EXCLUSIVE');
    box.start(['backup', 'busy', '--json']);
    await page.getByRole('button', { name: 'Cancel this run' }).waitFor();
    runs = await box.json<RunDocument[]>(['history']);
    snapshot = (await box.json<SnapshotDocument[]>(['snapshots', 'notes']))[0]?.id ?? '';
  });
  afterAll(async () => {
    await holder?.[Symbol.asyncDispose]();
    await scene?.[Symbol.asyncDispose]();
    await repository?.[Symbol.asyncDispose]();
  });

  it.each([
    ...['#/', '#/restore', '#/restore/notes', '#/restore/notes/SNAPSHOT', '#/restore/notes/SNAPSHOT?do=copy'],
    ...['#/restore/notes/SNAPSHOT?do=replace', '#/restore/wiki', '#/restore?from=backups'],
    ...['#/history', '#/history?show=restores', '#/history?show=proofs', '#/history?day=2020-01-01'],
    ...[
      '#/history/RUN-notes',
      '#/history/RUN-mail',
      '#/history/RUN-lost',
      '#/history/RUN-wiki',
      '#/history/RUN-busy',
      '#/history/run-none',
    ],
    ...['#/jobs', '#/jobs/notes', '#/jobs/wiki', '#/jobs/new', '#/jobs/destinations/usb', '#/jobs/destinations/new', '#/settings'],
  ])('on %s, in light and dark', async (address) => {
    const { page } = scene;
    const run = runs.find(({ job }) => address.endsWith(`/RUN-${job}`))?.id ?? '';
    await scene.go(address.replace('SNAPSHOT', snapshot).replace(/RUN-\w+/, run));
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    expect(await troublesOf(page)).toEqual([]);
  });

  it.each([
    ['#/jobs/notes', /^More/, /^Remove/],
    ['#/jobs/destinations/usb', null, /^Remove/],
  ] as const)('on the dialog of %s', async (address, menu, button) => {
    const { page } = scene;
    await scene.go(address);
    if (menu !== null) await page.getByRole('button', { name: menu }).click();
    await page.getByRole(menu === null ? 'button' : 'menuitem', { name: button }).click();
    await page.getByRole('dialog').waitFor();
    expect(await troublesOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('on settings that are being changed', async () => {
    const { page } = scene;
    await scene.go('#/settings');
    await page.getByLabel('Reserve', { exact: true }).fill('much');
    await page.keyboard.press('Enter');
    await page.getByText('is not a size').waitFor();
    await page.getByRole('combobox', { name: 'Bandwidth' }).click();
    await page.getByRole('option', { name: 'A limit at certain hours' }).click();
    await page.getByRole('button', { name: 'Examine' }).click();
    await page.getByRole('list', { name: 'What was found' }).waitFor();
    await page.getByRole('button', { name: 'Show the latest lines' }).click();
    await page.getByRole('region', { name: 'Latest lines of the log' }).waitFor();
    expect(await troublesOf(page)).toEqual([]);
  });
});

it('axe finds nothing serious before anything is set up', async () => {
  const prepare = (box: CliSandbox) => {
    mkdirSync(join(box.path, 'Documents'));
    writeNotes(box.at('Documents', 'brain.db'));
  };
  await using scene = await openWindowScene({ prepare });
  for (const address of ['#/', '#/restore', '#/history', '#/jobs', '#/settings']) {
    await scene.go(address);
    await scene.page.getByRole('heading', { level: 1 }).first().waitFor();
    expect([address, await troublesOf(scene.page)]).toEqual([address, []]);
  }
});
