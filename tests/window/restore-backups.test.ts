import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { type BackupDocument, type CliSandbox, countNotes, filesIn, type SnapshotDocument, writeNotes } from '../support/cli.ts';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openWindowScene } from '../support/window-scene.ts';

const whereTo = (page: Page) => page.getByLabel('Where to', { exact: true });
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });

/** Leaves a folder with two snapshots of a day of one job and one of another, and nothing else of the machine that made them. */
async function loseEverything(box: CliSandbox): Promise<readonly SnapshotDocument[]> {
  box.folder('usb');
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  const taken: SnapshotDocument[] = [];
  for (const [job, rows] of [
    ['brain', 40],
    ['brain', 5],
    ['ledger', 7],
  ] as const) {
    writeNotes(box.at(`${job}.db`), { rows });
    if (!taken.some((snapshot) => snapshot.job === job))
      await box.json(['job', 'add', job, '--sqlite', box.at(`${job}.db`), '--to', 'usb']);
    taken.push((await box.json<BackupDocument>(['backup', job])).snapshot);
  }
  rmSync(box.home, { recursive: true });
  for (const job of ['brain', 'ledger']) for (const ending of ['', '-wal', '-shm']) rmSync(box.at(`${job}.db${ending}`), { force: true });
  return taken;
}

it('brings one snapshot of several back from a folder, on a machine that knows nothing', async () => {
  let taken: readonly SnapshotDocument[] = [];
  await using scene = await openWindowScene({
    hash: '#/restore',
    prepare: async (box) => {
      taken = await loseEverything(box);
      writeFileSync(box.at('usb', 'ledger', '2020-01-01.json'), 'not a manifest');
    },
  });
  const { box, page } = scene;
  const stored = filesIn(box.at('usb'));
  await page.getByRole('heading', { level: 1, name: 'Restore' }).waitFor();
  await link(page, 'I have only my backups…').first().click();
  const folder = page.getByLabel('The folder with the backups', { exact: true });
  await folder.fill(box.at('usb'));
  await folder.press('Escape');
  await button(page, 'Look what is there').click();
  await page.getByRole('heading', { level: 2, name: 'ledger' }).waitFor();
  await page.getByText(/2020-01-01\.json is not JSON/).waitFor();
  const brain = page.getByRole('navigation', { name: 'Snapshots of brain' });
  expect(await brain.getByRole('link').allInnerTexts()).toEqual([expect.stringContaining('45 rows'), expect.stringContaining('40 rows')]);

  // The older one of the day: named exactly, and not as the latest of that day.
  await brain.getByRole('link', { name: /40 rows/ }).click();
  await whereTo(page).waitFor();
  await whereTo(page).fill(box.at('usb', 'among.db'));
  await whereTo(page).press('Escape');
  await button(page, 'Restore this copy').click();
  await page
    .getByRole('alert')
    .getByText(/keeps its own files/)
    .waitFor();
  await whereTo(page).fill(box.at('back.db'));
  await whereTo(page).press('Escape');
  await button(page, 'Restore this copy').click();
  await page.getByRole('heading', { level: 2, name: 'back.db is restored' }).waitFor();
  expect(countNotes(box.at('back.db'))).toBe(40);
  expect(await page.getByText(taken[0]?.rawSha256 ?? 'no digest').count()).toBe(1);
  expect(filesIn(box.at('usb'))).toEqual(stored);
  expect(await box.json(['restore', '--list'])).toMatchObject([{ state: 'done', path: box.at('back.db') }, { state: 'failed' }]);
});

it('says what a folder is that holds none, and one that is not there', async () => {
  await using scene = await openWindowScene({ prepare: async (box) => void (await loseEverything(box)) });
  const { box, page } = scene;
  await scene.go(`#/restore?from=backups&place=${encodeURIComponent(box.at('usb', 'brain'))}`);
  await page.getByText('There is no snapshot in it.').waitFor();
  await scene.go(`#/restore?from=backups&place=${encodeURIComponent(box.at('nowhere'))}`);
  await page.getByRole('alert').getByRole('button', { name: 'Look again' }).waitFor();
  expect(readdirSync(box.path)).not.toContain('nowhere');
});

it('brings a snapshot back from Google Drive, after nothing but a sign-in', async () => {
  await using folder = await makeTempFolder();
  const server = await startDriveServer({ folder: folder.path });
  try {
    await using scene = await openWindowScene({
      hash: '#/restore?from=backups',
      prepare: async (box) => {
        await server.clientFile(box.at('client.json'));
        writeNotes(box.at('brain.db'), { rows: 60 });
        const addDrive = ['destination', 'add', 'drive', 'gdrive', '--client', box.at('client.json'), '--api-root', server.url];
        const former = { home: box.at('former') };
        await box.json(addDrive, 0, former);
        await signIn(box, server, former.home);
        await box.json(['job', 'add', 'brain', '--sqlite', box.at('brain.db'), '--to', 'gdrive'], 0, former);
        await box.json(['backup', 'brain'], 0, former);
        rmSync(former.home, { recursive: true });
        await box.json(addDrive);
      },
    });
    const { box, page } = scene;
    await page
      .getByRole('navigation', { name: 'Places that are set up here' })
      .getByRole('link', { name: /gdrive/ })
      .click();
    const opened = page.context().waitForEvent('page');
    await button(page, 'Sign in with Google').click();
    const google = await opened;
    await google.getByText('Nightjar is signed in').waitFor();
    await google.close();
    await page
      .getByRole('navigation', { name: 'Snapshots of brain' })
      .getByRole('link', { name: /60 rows/ })
      .click();
    await whereTo(page).fill(box.at('back.db'));
    await whereTo(page).press('Escape');
    await button(page, 'Restore this copy').click();
    await page.getByRole('heading', { level: 2, name: 'back.db is restored' }).waitFor();
    expect(countNotes(box.at('back.db'))).toBe(60);
  } finally {
    await server.close();
  }
});

/** Signs in as a person does who opens the address that is printed. */
async function signIn(box: CliSandbox, server: DriveServer, home: string): Promise<void> {
  const running = box.start(['destination', 'sign-in', 'gdrive', '--no-browser'], { home });
  const address = /http:\/\/127\.0\.0\.1:\d+\/\S+/;
  let said = '';
  while (!address.test(said)) {
    const [text] = (await once(running.child.stderr ?? running.child, 'data')) as [string];
    said += text;
  }
  await server.fetchAsBrowser(address.exec(said)?.[0] ?? '');
  expect((await running.ended()).code).toBe(0);
}
