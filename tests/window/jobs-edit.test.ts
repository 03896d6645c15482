import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { nextSlot } from '../../electron/domain/schedule.ts';
import { type BackupDocument, type CliSandbox, filesIn, holdDatabase, type RunDocument, writeNotes } from '../support/cli.ts';
import { settingsOf } from '../support/settings-of.ts';
import { openWindowScene } from '../support/window-scene.ts';

/** A job `notes` to the folder `usb`, with as many snapshots as are asked for. */
async function setUp(box: CliSandbox, snapshots = 1, ...options: readonly string[]): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'), { rows: 500 });
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  await box.json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'usb', ...options]);
  for (let count = 0; count < snapshots; count++) await box.json(['backup', 'notes']);
}

const objectsIn = (box: CliSandbox) => readdirSync(box.at('usb', 'notes')).filter((name) => /\.(db|delta)\.gz$/.test(name));

/** A database to look into, closed at the end. */
function openReadOnly(path: string): { readonly database: Database.Database } & Disposable {
  const database = new Database(path, { readonly: true });
  return { database, [Symbol.dispose]: () => database.close() };
}

const save = async (page: Page) => {
  await page.getByRole('button', { name: 'Save the changes' }).click();
  await page.getByRole('button', { name: 'Save the changes' }).waitFor({ state: 'detached' });
};

it('changes schedule, retention and rules of a job, and nothing else of it', async () => {
  await using scene = await openWindowScene({ prepare: (box) => setUp(box), hash: '#/jobs/notes' });
  const { box, page } = scene;
  const [before] = settingsOf(box).jobs;
  await page.getByLabel('How often').selectOption('week');
  await page.getByLabel('Day of the week').selectOption('Saturday');
  await page.getByLabel('Time of day').fill('07:05');
  await page.getByLabel('How many days to keep').fill('7');
  await page.getByRole('button', { name: 'Weeks, years…' }).click();
  await page.getByLabel('How many weeks to keep').fill('5');
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByRole('switch', { name: 'Only on mains power' }).check({ force: true });
  await page.getByRole('button', { name: 'Add a limit' }).click();
  await page.getByLabel('At most').fill('250');
  await page.getByRole('switch', { name: 'Store only what changed' }).uncheck({ force: true });
  await page.getByLabel('Drill').selectOption('monthly');
  await page.getByLabel('Level').selectOption('9, small');
  await page.getByLabel('Compression').selectOption('zstd: several times as fast');
  expect(await page.getByLabel('Level').inputValue()).toBe('');
  await page.getByLabel('Level').selectOption('19, small');
  const runs = page.getByRole('list', { name: 'Next five runs' }).getByRole('listitem');
  expect((await runs.allTextContents()).map((text) => text.replace(/\d+ \w+/, 'day'))).toEqual(Array(5).fill('Sat day, 07:05'));
  await save(page);

  expect(settingsOf(box).jobs).toEqual([
    {
      ...before,
      schedule: { cron: '5 7 * * 6', zone: 'Europe/Berlin' },
      retention: { daily: 7, weekly: 5, monthly: 12, yearly: 0, minVerified: 3 },
      rules: { onlyOnMains: true, minBatteryPercent: 0, bandwidth: [{ from: '08:00', to: '18:00', bytesPerSecond: 250_000 }] },
      deltas: false,
      drill: 'monthly',
      compression: { codec: 'zstd', level: 19 },
    },
  ]);
  await runs.filter({ hasText: /^Sat/ }).first().waitFor();
  expect(await page.getByLabel('How often').inputValue()).toBe('week');
  expect(await page.getByLabel('Time of day').inputValue()).toBe('07:05');
  await page.getByLabel('How many days to keep').fill('');
  await page.getByLabel('Health check').fill('http://example.com/ping');
  await page.getByRole('button', { name: 'Save the changes' }).click();
  await page.getByText('Days to keep: it must be a number.').waitFor();
  expect(await page.locator('input:focus').getAttribute('aria-label')).toBe('How many days to keep');
  await page.getByText('It must be an https address, or one of this machine.').waitFor();
  expect(settingsOf(box).jobs[0]).toMatchObject({ retention: { daily: 7 }, healthCheckUrl: null });
  await page.getByRole('button', { name: 'Undo the changes' }).click();
  expect(await page.getByLabel('How many days to keep').inputValue()).toBe('7');
});

it('says beforehand what retention then does', async () => {
  await using scene = await openWindowScene({ prepare: (box) => setUp(box, 4, '--keep-at-least', '10'), hash: '#/jobs/notes' });
  const { box, page } = scene;
  await page.getByText('usb: 4 stay, none would go').waitFor();
  await page.getByRole('button', { name: 'Weeks, years…' }).click();
  await page.getByLabel('How many days to keep').fill('1');
  await page.getByLabel('How many months to keep').fill('0');
  await page.getByLabel('Verified snapshots that always stay').fill('2');
  await page.getByText('usb: 3 stay, 1 would go').click();
  expect(await page.getByText('one of the last 2 verified').count()).toBe(1);
  // The first one is what the others are on.
  expect(await page.getByText('base of 2 deltas').count()).toBe(1);
  expect(objectsIn(box).length).toBe(4);
  await save(page);
  expect(objectsIn(box).length).toBe(4);

  await box.json(['retain', 'notes']);
  expect(objectsIn(box).length).toBe(3);
});

it('pauses a job for an hour, until tomorrow and for good, resumes it, and leaves its next run out', async () => {
  await using scene = await openWindowScene({ prepare: (box) => setUp(box), hash: '#/jobs/notes' });
  const { box, page } = scene;
  const resume = page.getByRole('button', { name: 'Resume' });
  const ends: (number | null)[] = [];
  for (const choice of ['Pause for an hour', 'Pause until tomorrow', 'Pause until I resume it']) {
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('menuitem', { name: choice }).click();
    await resume.waitFor();
    const [job] = settingsOf(box).jobs;
    expect(job?.paused).toBe(true);
    ends.push(job?.pausedUntil == null ? null : Date.parse(job.pausedUntil));
    await resume.click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect(settingsOf(box).jobs[0]).toMatchObject({ paused: false, pausedUntil: null });
  }
  // By keyboard alone: the button that it was paused with is the one that it is resumed with.
  const focused = () => page.evaluate<string>('document.activeElement.textContent');
  await page.getByRole('button', { name: 'Pause' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Pause for an hour' }).press('Enter');
  await resume.waitFor();
  await expect.poll(focused).toBe('Resume');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  expect(await focused()).toBe('Pause');

  const [hour, tomorrow, never] = ends;
  const now = Date.now();
  expect(Math.abs((hour ?? 0) - now - 3_600_000)).toBeLessThan(120_000);
  expect((tomorrow ?? 0) - now).toBeLessThanOrEqual(86_400_000);
  expect(never).toBeNull();

  await page.getByRole('button', { name: 'More for this job' }).click();
  await page.getByRole('menuitem', { name: 'Skip the next run' }).click();
  await page.getByText(/The run of .*, 03:17 is left out/).waitFor();
  using catalog = openReadOnly(join(box.home, 'catalog.db'));
  const skipsAtMs = catalog.database.prepare('SELECT skips_at_ms FROM job_schedule WHERE job = ?').pluck().get('notes');
  expect(skipsAtMs).toBe(nextSlot({ cron: '17 3 * * *', zone: 'UTC' }, now));
});

it('backs a job up, and removes it only by its name: its snapshots stay, and so does the place', async () => {
  await using scene = await openWindowScene({ prepare: (box) => setUp(box), hash: '#/jobs/notes' });
  const { box, page } = scene;
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText('usb: 2 stay, none would go').waitFor();
  expect(objectsIn(box).length).toBe(2);
  const before = filesIn(box.at('usb'));

  const open = async () => {
    await page.getByRole('button', { name: 'More for this job' }).click();
    await page.getByRole('menuitem', { name: 'Remove notes…' }).click();
  };
  await open();
  await page.getByRole('button', { name: 'Keep the job' }).click();
  expect(settingsOf(box).jobs.length).toBe(1);
  await open();
  await page.getByRole('button', { name: 'Remove notes; its 2 snapshots stay at usb' }).click();
  await page.getByText('No jobs yet').waitFor();
  expect(settingsOf(box).jobs).toEqual([]);
  expect(Object.keys(filesIn(box.at('usb')))).toEqual(Object.keys(before));

  await page.getByRole('link', { name: 'usb' }).click();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove usb; its 2 snapshots stay there' }).click();
  await page.getByText('No destinations yet').waitFor();
  expect(settingsOf(box).destinations).toEqual([]);
  expect(Object.keys(filesIn(box.at('usb')))).toEqual(Object.keys(before));
});

it('asks once for a run that waits for its turn, however often it is asked to', async () => {
  await using scene = await openWindowScene({
    hash: '#/jobs/notes',
    prepare: async (box) => {
      await setUp(box, 0);
      writeNotes(box.at('busy.db'), { journalMode: 'delete' });
      await box.json(['job', 'add', 'busy', '--sqlite', box.at('busy.db'), '--to', 'usb', '--lock-wait', '600']);
    },
  });
  const { box, page } = scene;
  {
    await using _ = await holdDatabase(box.at('busy.db'), 'BEGIN EXCLUSIVE');
    box.start(['backup', 'busy', '--json']);
    await expect.poll(async () => (await box.json<RunDocument[]>(['history', 'busy'])).length, { timeout: 60_000 }).toBe(1);
    await page.getByRole('button', { name: 'Back up now' }).click();
    const waits = page.getByRole('button', { name: 'Waits for its turn', disabled: true });
    await waits.click({ force: true });
    await scene.go('#/');
    await page.getByRole('listitem', { name: 'busy', exact: true }).getByRole('button', { name: 'Cancel this run' }).click();
    await page
      .getByRole('listitem', { name: 'notes', exact: true })
      .getByText(/^verified/)
      .waitFor();
  }
  expect(objectsIn(box)).toHaveLength(1);
  expect(await box.json<RunDocument[]>(['history', 'notes'])).toHaveLength(1);
});

it('goes on with the snapshots of another database only when it is told to', async () => {
  await using scene = await openWindowScene({
    hash: '#/jobs/notes',
    prepare: async (box) => {
      await setUp(box);
      writeNotes(box.at('other.db'), { rows: 20 });
    },
  });
  const { box, page } = scene;
  const [before] = settingsOf(box).jobs;
  await page.getByRole('button', { name: /^Source:/ }).click();
  await page.getByRole('combobox', { name: 'Database' }).fill(box.at('other.db'));
  await page.getByRole('button', { name: 'Save the changes' }).click();
  const adopt = page.getByRole('button', { name: 'Go on with those snapshots' });
  await adopt.waitFor();
  expect(settingsOf(box).jobs).toEqual([before]);
  await adopt.click();
  await page.getByRole('button', { name: 'Save the changes' }).waitFor({ state: 'detached' });
  expect(settingsOf(box).jobs).toEqual([
    expect.objectContaining({ adopted: true, source: expect.objectContaining({ path: box.at('other.db') }) }),
  ]);
  const { snapshot } = await box.json<BackupDocument>(['backup', 'notes']);
  expect(snapshot.tables).toContainEqual({ name: 'notes', rows: 20 });
});

it('lists jobs and destinations as they are, and forgets no place that a job uses', async () => {
  await using scene = await openWindowScene({
    hash: '#/jobs',
    prepare: async (box) => {
      await setUp(box);
      box.folder('nas');
      await box.json(['destination', 'add', 'folder', 'nas', box.at('nas')]);
      rmSync(box.at('nas'), { recursive: true });
    },
  });
  const { box, page } = scene;
  const jobs = page.getByRole('list', { name: 'Jobs' });
  await jobs.getByText('Verified').waitFor();
  await jobs.getByText('notes.db → usb, every day at 03:17, keeps 30 days and 12 months').waitFor();
  const nas = page
    .getByRole('list', { name: 'Destinations' })
    .getByRole('listitem')
    .filter({ hasText: box.at('nas') });
  await nas.getByRole('img', { name: 'Cannot be used now' }).waitFor();
  await nas.getByRole('button', { name: 'Test nas' }).click();
  await nas.getByRole('img', { name: 'Does not work' }).waitFor();

  const before = settingsOf(box);
  await scene.go('#/jobs/destinations/usb');
  await page.getByRole('row', { name: /notes 1/ }).waitFor();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByText('Jobs still send their snapshots to usb.').waitFor();
  expect(await page.getByRole('button', { name: /^Remove usb/ }).count()).toBe(0);
  await page.getByRole('dialog').getByRole('link', { name: 'notes' }).click();
  await page.getByRole('heading', { level: 1, name: 'notes' }).waitFor();
  expect(settingsOf(box)).toEqual(before);
});
