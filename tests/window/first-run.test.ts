import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { settingsSchema } from '../../electron/domain/model.ts';
import type { CliSandbox } from '../support/cli.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { type LiveWriter, startLiveWriter } from '../support/live-writer.ts';
import { proveObject } from '../support/prove-object.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { openWindowScene } from '../support/window-scene.ts';

const context = { timezoneId: 'Europe/Berlin' };

async function makeBrain(box: CliSandbox): Promise<string> {
  const path = box.at('Documents', 'Brain', 'brain.db');
  await mkdir(box.at('Documents', 'Brain'), { recursive: true });
  await makeSampleDatabase(path, { bytes: 2_000_000, journalMode: 'wal', seed: 5 });
  return path;
}

function settingsIn(box: CliSandbox) {
  return settingsSchema.parse(JSON.parse(readFileSync(join(box.home, 'settings.json'), 'utf8')));
}

it('leads from nothing to the first verified snapshot of a database that is being written, and to a pushed repository', async () => {
  await using repository = await makeGitScene();
  let brain = '';
  let writer: LiveWriter | undefined;
  await using scene = await openWindowScene({
    context,
    prepare: async (box) => {
      brain = await makeBrain(box);
      writer = await startLiveWriter(brain, { everyMs: 20 });
      await repository.gitIn(box.path, 'clone', '--quiet', repository.project, 'wiki');
      await repository.gitIn(box.at('wiki'), 'remote', 'set-url', 'origin', repository.remote);
      await writeFile(box.at('wiki', 'new.md'), 'not committed yet\n');
    },
  });
  const { box, page } = scene;
  await page.getByRole('heading', { level: 1, name: 'What must not be lost?' }).waitFor();
  const found = page.getByRole('list', { name: 'What was found' });
  await found.getByRole('switch', { name: /^brain\.db /, checked: true }).waitFor();
  await found.getByText('in use now').waitFor();
  await found.getByRole('switch', { name: /^wiki /, checked: false }).press('Space');

  await page.getByRole('button', { name: 'Make the first backup' }).click();
  await page.getByRole('heading', { level: 1, name: 'The first backup is made and verified.' }).waitFor();
  const shown = await page.getByRole('table', { name: 'Rows of brain' }).getByRole('row').allInnerTexts();
  await writer?.stop();

  const folder = box.at('Nightjar Backups');
  expect(settingsIn(box)).toMatchObject({
    destinations: [{ kind: 'folder', name: 'Nightjar-Backups', path: folder }],
    jobs: [
      {
        name: 'brain',
        schedule: { cron: '17 3 * * *', zone: 'Europe/Berlin' },
        source: { kind: 'sqlite', path: brain },
        destinations: ['Nightjar-Backups'],
        retention: { daily: 30, monthly: 12 },
      },
      { name: 'wiki', source: { kind: 'git', path: box.at('wiki'), stores: [''], branch: 'main', push: true } },
    ],
  });
  const [object = ''] = readdirSync(join(folder, 'brain')).filter((name) => name.endsWith('.db.gz'));
  const manifestPath = join(folder, 'brain', object.replace('.db.gz', '.json'));
  expect(await proveObject(join(folder, 'brain', object), manifestPath, box.at('proof.db'), AbortSignal.timeout(60_000))).toEqual([]);
  const { sqlite } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { sqlite: { tables: { name: string; rows: number }[] } };
  const largest = sqlite.tables.toSorted((a, b) => b.rows - a.rows).slice(0, 8);
  expect(shown.map((row) => row.split('\t'))).toEqual(largest.map(({ name, rows }) => [name, rows.toLocaleString('en')]));
  expect(await repository.gitIn(repository.remote, 'show', 'main:new.md')).toBe('not committed yet');

  await page.getByRole('button', { name: 'Go to the overview' }).click();
  await page.getByRole('listitem', { name: 'brain', exact: true }).waitFor();
});

it('takes a path of one’s own, says what is none, and goes on after a folder that cannot be made', async () => {
  await using scene = await openWindowScene({
    context,
    prepare: async (box) => {
      await mkdir(box.at('elsewhere', 'deep', 'deeper', 'deepest'), { recursive: true });
      await makeSampleDatabase(box.at('elsewhere', 'deep', 'deeper', 'deepest', 'odd.data'), {
        bytes: 400_000,
        journalMode: 'rollback',
        seed: 6,
      });
      await writeFile(box.at('elsewhere', 'letter.txt'), 'no database');
    },
  });
  const { box, page } = scene;
  const own = page.getByRole('combobox', { name: 'Another database or git folder' });
  await page.getByText('Nothing was found in the usual places.').waitFor();
  await own.fill(box.at('elsewhere', 'letter.txt'));
  await own.press('Escape');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByText(/is not an? SQLite database|is no database/i).waitFor();
  await own.fill(box.at('elsewhere', 'deep', 'deeper', 'deepest', 'odd.data'));
  await own.press('Escape');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('switch', { name: /^odd\.data /, checked: true }).waitFor();

  const folder = page.getByRole('combobox', { name: 'Folder for the snapshots' });
  await folder.fill(box.at('usb', 'Backups'));
  await folder.press('Escape');
  await page.getByRole('button', { name: 'Make the first backup' }).click();
  await page
    .getByRole('alert')
    .getByText(/is not there/)
    .waitFor();
  expect(['usb', 'home/settings.json'].filter((path) => existsSync(box.at(path)))).toEqual([]);

  box.folder('usb');
  await page.getByRole('button', { name: 'Make the first backup' }).click();
  await page.getByRole('heading', { level: 1, name: 'The first backup is made and verified.' }).waitFor();
  const names = readdirSync(box.at('usb', 'Backups', 'odd')).filter((name) => /\.(db\.gz|json)$/.test(name) && name !== 'STATUS.json');
  expect(names).toHaveLength(2);
});

it('sends those who have only their backups to the restore page', async () => {
  await using scene = await openWindowScene();
  await scene.page.getByRole('link', { name: 'I have only my backups' }).click();
  await scene.page.waitForURL(/#\/restore\?from=backups$/);
});
