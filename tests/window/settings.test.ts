import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import type { Settings } from '../../electron/domain/model.ts';
import { type BackupDocument, type CliSandbox, writeNotes } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

async function setUp(box: CliSandbox): Promise<void> {
  box.folder('usb');
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  for (const name of ['notes', 'mail']) {
    writeNotes(box.at(`${name}.db`));
    await box.json(['job', 'add', name, '--sqlite', box.at(`${name}.db`), '--to', 'usb']);
  }
}

/** The settings as they are on the disk. */
function readSettings({ home }: CliSandbox): Settings {
  return JSON.parse(readFileSync(join(home, 'settings.json'), 'utf8')) as Settings;
}

async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

it('keeps what is typed on the disk, and the engine goes by it', async () => {
  await using scene = await openWindowScene({ prepare: setUp, hash: '#/settings' });
  const { box, page } = scene;
  const typed = [
    ['Reserve', '1.5 GB', { reserveBytes: 1_500_000_000 }],
    ['Warn below', '512 MiB', { warnFreeBytes: 536_870_912 }],
    ['Days in the trash', '30', { trashDays: 30 }],
    ['Hours until a job is stale', '48', { staleHours: 48 }],
    ['Minutes not worth catching up', '0', { catchUpNearMinutes: 0 }],
    [
      'Program on failure',
      '/usr/local/bin/tell me "at once"',
      { onFailure: { webhook: null, command: ['/usr/local/bin/tell', 'me', 'at once'] } },
    ],
  ] as const;
  for (const [label, text, expected] of typed) {
    await type(page, label, text);
    await page.getByText(`${label} is kept`).waitFor({ state: 'attached' });
    expect(readSettings(box).preferences).toMatchObject(expected);
  }
  await page
    .getByRole('textbox', { name: 'Compression' })
    .or(page.getByRole('combobox', { name: 'Compression' }))
    .first()
    .click();
  await page.getByRole('option', { name: '9, small' }).click();
  await page.getByRole('switch', { name: 'Notifications' }).press('Space');
  await page.getByText('Dark', { exact: true }).click();
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
  const inForce = await box.json<Settings['preferences']>(['settings', 'list']);
  expect(inForce).toEqual(readSettings(box).preferences);
  expect(inForce).toMatchObject({ gzipLevel: 9, notifications: false, appearance: 'dark', reserveBytes: 1_500_000_000, trashDays: 30 });
});

it('says what is wrong with what is typed, and changes nothing', async () => {
  await using scene = await openWindowScene({ prepare: setUp, hash: '#/settings' });
  const { box, page } = scene;
  await page.getByLabel('Reserve', { exact: true }).waitFor();
  const before = readFileSync(join(box.home, 'settings.json'), 'utf8');
  await type(page, 'Reserve', 'much');
  await page.getByText('"much" is not a size: write it as 2 GB or 500 MB').waitFor();
  await page.keyboard.press('Escape');
  await type(page, 'Days in the trash', '-1');
  await page.getByText('Give a whole number from 0 to 3650').waitFor();
  // Only the engine knows which addresses it would post to.
  await type(page, 'Address on failure', 'http://example.org/hook');
  await page.getByText(/it must be an https address/).waitFor();
  await type(page, 'Program on failure', 'say "never');
  await page.getByText('A quotation mark is open').waitFor();
  expect(readFileSync(join(box.home, 'settings.json'), 'utf8')).toBe(before);
  expect(await page.getByLabel('Reserve', { exact: true }).inputValue()).toBe('537 MB');
});

it('replaces what was changed elsewhere meanwhile only where that is asked for, and says why a job refuses its health check', async () => {
  await using scene = await openWindowScene({ prepare: setUp, hash: '#/settings' });
  const { box, page } = scene;
  const reserve = page.getByLabel('Reserve', { exact: true });
  await reserve.fill('5 GB');
  await box.json(['settings', 'set', 'reserveBytes', '9000000000']);
  await box.json(['settings', 'set', 'appearance', 'dark']);
  await page.locator('html[data-mantine-color-scheme=dark]').waitFor();
  await page.getByLabel('Days in the trash', { exact: true }).fill('1');
  await page.getByText('It was changed to 9 GB meanwhile').waitFor();
  expect(readSettings(box).preferences.reserveBytes).toBe(9_000_000_000);
  await reserve.press('Enter');
  await page.getByText('Reserve is kept').waitFor({ state: 'attached' });
  expect(readSettings(box).preferences.reserveBytes).toBe(5_000_000_000);

  await page.getByText('Health checks').click();
  await type(page, 'Health check of notes', 'http://example.org/mine');
  await page.getByText('must be an https address').waitFor();
  expect(readSettings(box).jobs.map(({ healthCheckUrl }) => healthCheckUrl)).toEqual([null, null]);
});

it('sets a rule for every job, and says where jobs differ', async () => {
  const prepare = async (box: CliSandbox) => {
    await setUp(box);
    await box.json(['job', 'set', 'mail', '--only-on-mains', '--bandwidth', '08:00-18:00=500K']);
  };
  await using scene = await openWindowScene({ prepare, hash: '#/settings' });
  const { box, page } = scene;
  const rules = () => readSettings(box).jobs.map((job) => job.rules);
  await page.getByText('Jobs differ: notes also runs on battery, mail waits for mains power.').waitFor();
  await page.getByText('notes: no limit; mail: at most 512 kB/s from 08:00 to 18:00.').waitFor();

  await page.getByRole('button', { name: 'Wait for mains power in every job' }).click();
  await page.getByRole('switch', { name: 'Only on mains power', checked: true }).waitFor();
  expect(rules().map(({ onlyOnMains }) => onlyOnMains)).toEqual([true, true]);

  await page.getByRole('combobox', { name: 'Bandwidth' }).click();
  await page.getByRole('option', { name: 'A limit at certain hours' }).click();
  await page.getByLabel('At most, a second').fill('2 MB');
  await page.getByLabel('From', { exact: true }).fill('09:30');
  await page.getByRole('button', { name: 'Limit every job' }).click();
  await page.getByText('notes: no limit;').waitFor({ state: 'detached' });
  const limit = { from: '09:30', to: '18:00', bytesPerSecond: 2_000_000 };
  expect(rules().map(({ bandwidth }) => bandwidth)).toEqual([[limit], [limit]]);

  await page.getByText('Health checks').click();
  await type(page, 'Health check of notes', 'https://hc-ping.com/1234');
  await page.getByText('Health check of notes is kept').waitFor({ state: 'attached' });
  expect(readSettings(box).jobs.map(({ healthCheckUrl, name }) => [name, healthCheckUrl])).toEqual([
    ['notes', 'https://hc-ping.com/1234'],
    ['mail', null],
  ]);
});

it('exports to a file, and imports it into an empty data folder after showing what that changes', async () => {
  await using from = await openWindowScene({ prepare: setUp, hash: '#/settings' });
  await type(from.page, 'Reserve', '3 GB');
  await from.page.getByText('Reserve is kept').waitFor({ state: 'attached' });
  const download = from.page.waitForEvent('download');
  await from.page.getByRole('button', { name: 'Export to a file' }).click();
  const file = from.box.at('exported.json');
  await (await download).saveAs(file);

  await using to = await openWindowScene({ hash: '#/settings' });
  const { box, page } = to;
  await page.getByLabel('File to import').setInputFiles(file);
  const changes = [
    'What holds for all jobs would be changed: reserveBytes',
    'The destination usb would be added',
    'The job notes would be added',
  ];
  for (const change of changes) await page.getByText(change).waitFor();
  const untouched = await box.json<Settings['preferences']>(['settings', 'list']);
  expect(untouched.reserveBytes).not.toBe(3_000_000_000);

  await page.getByRole('button', { name: 'Import 4 changes' }).click();
  await page.getByRole('status').getByText('The job mail is added').waitFor();
  const { destinations, jobs, preferences } = readSettings(box);
  expect({ destinations, jobs, preferences }).toEqual(readSettings(from.box));

  await page.getByLabel('File to import').setInputFiles({ name: 'odd.json', mimeType: 'application/json', buffer: Buffer.from('{"a":1}') });
  await page.getByRole('alert').getByText('odd.json holds no exported settings of Nightjar').waitFor();
  expect(readSettings(box)).toEqual(readSettings(from.box));
});

it('examines the set-up, writes a report and shows the log', async () => {
  const context = { permissions: ['clipboard-read', 'clipboard-write'] };
  await using scene = await openWindowScene({ prepare: setUp, hash: '#/settings', context });
  const { box, page } = scene;
  await page.getByRole('button', { name: 'Examine' }).click();
  const found = page.getByRole('list', { name: 'What was found' });
  await found.getByRole('listitem').first().waitFor();
  const { findings } = await box.json<{ findings: { what: string }[] }>(['doctor'], 1);
  expect(await found.getByRole('listitem').count()).toBe(findings.length);

  await page.getByRole('button', { name: 'Write a report' }).click();
  await page.getByRole('button', { name: 'Copy the report' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(String(await page.evaluate('navigator.clipboard.readText()'))).toMatch(/^nightjar doctor, /);

  await page.getByText(join(box.home, 'logs')).waitFor();
  const { run } = await box.json<BackupDocument>(['backup', 'notes']);
  await page.getByRole('button', { name: 'Show the latest lines' }).click();
  await page.getByRole('region', { name: 'Latest lines of the log' }).getByText('run succeeded').waitFor();
  expect(readFileSync(join(box.home, 'logs', 'runs', `${run.id}.log`), 'utf8')).toContain('run succeeded');
});
