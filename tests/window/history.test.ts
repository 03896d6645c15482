import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openEngine } from '../../electron/engine/engine.ts';
import { locateHome } from '../../electron/engine/home.ts';
import { type CliSandbox, filesIn, type RunDocument, writeNoise, writeNotes } from '../support/cli.ts';
import { testPorts } from '../support/test-engine.ts';
import { openWindowScene } from '../support/window-scene.ts';

async function setUp(box: CliSandbox): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  writeNotes(box.at('mail.db'));
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  for (const name of ['notes', 'mail']) await box.json(['job', 'add', name, '--sqlite', box.at(`${name}.db`), '--to', 'usb']);
}

/** A success of each job, then a failure of each, then a success of `notes` again. */
async function setUpWithFailures(box: CliSandbox): Promise<void> {
  await setUp(box);
  for (const name of ['notes', 'mail']) await box.json(['backup', name]);
  renameSync(box.at('usb'), box.at('away'));
  for (const name of ['notes', 'mail']) await box.fails(['backup', name], 1);
  renameSync(box.at('away'), box.at('usb'));
  writeNotes(box.at('notes.db'), { rows: 10_000 });
  await box.json(['backup', 'notes']);
}

/** The runs that the page lists, by their ids, as they stand there. */
async function listedRuns(page: Page): Promise<string[]> {
  const links = await page.getByRole('table', { name: 'Runs, newest first' }).getByRole('link').all();
  return Promise.all(links.map(async (link) => String(await link.getAttribute('href')).replace('#/history/', '')));
}

/** Rows of the catalog, from the file itself. */
function askCatalog<T>(box: CliSandbox, sql: string): T[] {
  const catalog = new Database(join(box.home, 'catalog.db'), { readonly: true });
  try {
    return catalog.prepare<[], T>(sql).all();
  } finally {
    catalog.close();
  }
}

it('lists every run, and narrows them by job, outcome and day, each in the address', async () => {
  await using scene = await openWindowScene({ prepare: setUpWithFailures, hash: '#/history?job=notes&status=failed' });
  const { box, page } = scene;
  const runs = await box.json<RunDocument[]>(['history']);
  const idsOf = (wanted: (run: RunDocument) => boolean) => runs.filter(wanted).map(({ id }) => id);
  const shown = async (count: number) => {
    await page
      .getByRole('table', { name: 'Runs, newest first' })
      .getByRole('link')
      .nth(count - 1)
      .waitFor();
    return listedRuns(page);
  };
  expect(await shown(1)).toEqual(idsOf(({ job, status }) => job === 'notes' && status === 'failed'));

  await page.getByRole('button', { name: 'Show every run' }).click();
  expect(await shown(5)).toEqual(idsOf(() => true));
  // A later success does not take the failure before it away.
  expect(idsOf(({ job }) => job === 'notes').map((id) => runs.find((run) => run.id === id)?.status)).toEqual([
    'succeeded',
    'failed',
    'succeeded',
  ]);

  await page.getByRole('combobox', { name: 'How it ended' }).click();
  await page.getByRole('option', { name: 'Failed or interrupted' }).click();
  await page.waitForURL('**/#/history?status=failed');
  expect(await shown(2)).toEqual(idsOf(({ status }) => status === 'failed'));

  await scene.go('#/history?day=2020-01-01');
  await page.getByText('No run is like that.').waitFor();
  await page.getByLabel('Day').fill(String(runs[0]?.startedAt).slice(0, 10));
  expect(await shown(5)).toEqual(idsOf(() => true));
});

it('shows older runs when they are asked for, each once', async () => {
  const prepare = async (box: CliSandbox) => {
    const engine = await openEngine(locateHome(box.home, {}), testPorts());
    for (let run = 0; run < 120; run++) {
      // Some start in the same millisecond.
      const startedAtMs = 1_790_000_000_000 + Math.floor(run / 3);
      engine.catalog.startRun({ id: `run-${run}`, job: 'notes', trigger: 'schedule', startedAtMs });
      engine.catalog.endRun(`run-${run}`, { status: 'succeeded', endedAtMs: startedAtMs + 900, warnings: [] });
    }
    engine.close();
  };
  await using scene = await openWindowScene({ prepare, hash: '#/history' });
  const { box, page } = scene;
  const links = page.getByRole('table', { name: 'Runs, newest first' }).getByRole('link');
  const older = page.getByRole('button', { name: 'Show older runs' });
  for (const shown of [50, 98]) {
    await links.nth(shown - 1).waitFor();
    await older.click();
  }
  await older.waitFor({ state: 'detached' });
  const all = askCatalog<{ id: string }>(box, 'SELECT id FROM run ORDER BY started_at_ms DESC, id DESC');
  expect(await listedRuns(page)).toEqual(all.map(({ id }) => id));
});

it('opens a failed run by the keyboard, and copies a diagnosis with its steps and its log', async () => {
  const context = { permissions: ['clipboard-read', 'clipboard-write'] };
  await using scene = await openWindowScene({ prepare: setUpWithFailures, hash: '#/history?job=notes&status=failed', context });
  const { box, page } = scene;
  await page.getByRole('link', { name: /^notes, Failed/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The destination usb is not there').waitFor();
  await page.getByRole('region', { name: 'Log of this run' }).getByText('guard failed').waitFor();
  await page.getByRole('button', { name: 'Copy diagnosis' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const diagnosis = String(await page.evaluate('navigator.clipboard.readText()'));

  const [failed] = askCatalog<{ id: string; error_code: string }>(box, "SELECT * FROM run WHERE job = 'notes' AND status = 'failed'");
  expect(page.url()).toContain(`#/history/${failed?.id}`);
  const lines = diagnosis.split('\n');
  expect(lines[0]).toMatch(/^nightjar \d+\.\d+\.\d+, /);
  expect(lines).toContain(`run ${failed?.id} of notes: failed, started by manual`);
  expect(diagnosis).toContain(`error destination-absent: the destination usb is not there: no folder ${box.at('usb')}`);
  expect(diagnosis).toMatch(/^\+\d+ms Looking at source, disks and destinations: failed, /m);
  expect(diagnosis).toMatch(/^\S+Z error the destination usb is not there/m);
});

it('shows what a run has sent, and leads to its snapshot and its job', async () => {
  await using scene = await openWindowScene({ prepare: setUpWithFailures, hash: '#/history?job=mail&status=succeeded' });
  const { box, page } = scene;
  await page.getByRole('row', { name: /mail/ }).click();
  await page.getByRole('heading', { name: 'What was sent' }).waitFor();
  await page.getByText('read back, and the same').waitFor();
  expect(
    await page
      .getByRole('listitem')
      .filter({ hasText: /^(?!.*read back)/ })
      .allInnerTexts(),
  ).toHaveLength(8);
  const [snapshot] = askCatalog<{ id: string }>(box, "SELECT id FROM snapshot WHERE job = 'mail'");
  expect(await page.getByRole('link', { name: 'Its snapshot' }).getAttribute('href')).toBe(`#/restore/mail/${snapshot?.id}`);
  expect(await page.getByRole('link', { name: 'The job' }).getAttribute('href')).toBe('#/jobs/mail');
});

it('cancels a run that is under way, and nothing half-written is left of it', async () => {
  const prepare = async (box: CliSandbox) => {
    await setUp(box);
    writeNoise(box.at('noise.db'), 150);
    await box.json(['job', 'add', 'noise', '--sqlite', box.at('noise.db'), '--to', 'usb']);
  };
  await using scene = await openWindowScene({ prepare, hash: '#/history' });
  const { box, page } = scene;
  const before = Object.keys(filesIn(box.at('usb')));
  const backup = box.start(['backup', 'noise', '--json']);
  const underWay = page.getByRole('region', { name: 'Under way' });
  await underWay.getByRole('progressbar', { name: /^Compressing, \d+ %$/ }).waitFor();
  await underWay.getByText(/ of 15\d MB, .*\/s, .* left/).waitFor();
  await underWay.getByRole('button', { name: 'Cancel this run' }).click();
  const { code } = await backup.ended();
  await page.getByRole('link', { name: /^noise, Cancelled/ }).waitFor();
  await underWay.waitFor({ state: 'detached' });

  expect(code).not.toBe(0);
  expect(askCatalog(box, 'SELECT job, status, error_code FROM run')).toEqual([
    { job: 'noise', status: 'cancelled', error_code: 'cancelled' },
  ]);
  expect(Object.keys(filesIn(box.at('usb')))).toEqual(before);
  expect(filesIn(join(box.home, 'staging'))).toEqual({});
  expect(askCatalog(box, 'SELECT * FROM snapshot')).toEqual([]);
});

it('keeps drills and restores beside the runs', async () => {
  const prepare = async (box: CliSandbox) => {
    await setUp(box);
    await box.json(['backup', 'notes']);
    await box.json(['drill', 'notes']);
    await box.json(['restore', 'notes', '--to', box.at('copy.db')]);
  };
  await using scene = await openWindowScene({ prepare, hash: '#/history' });
  const { box, page } = scene;
  await page.getByText('Restores', { exact: true }).click();
  await page.waitForURL('**/#/history?show=restores');
  await page
    .getByRole('row', { name: /^Done notes/ })
    .getByText(box.at('copy.db'))
    .waitFor();
  await page.getByText('Drills', { exact: true }).click();
  await page.getByRole('row', { name: /^Proven notes usb/ }).waitFor();
});
