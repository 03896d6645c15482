import { writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CliSandbox, writeNotes } from '../support/cli.ts';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { settingsOf } from '../support/settings-of.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { openWindowScene } from '../support/window-scene.ts';

let folder: TempFolder;
let server: DriveServer;

beforeEach(async () => {
  folder = await makeTempFolder();
  server = await startDriveServer({ folder: folder.path, consent: 'ask' });
});
afterEach(async () => {
  await server.close();
  await folder[Symbol.asyncDispose]();
});

/** A destination `gdrive` at the test server that nobody has signed in to, and a database. */
async function setUp(box: CliSandbox): Promise<void> {
  writeNotes(box.at('notes.db'), { rows: 500 });
  await server.clientFile(box.at('client.json'));
  await box.json(['destination', 'add', 'drive', 'gdrive', '--client', box.at('client.json'), '--api-root', server.url]);
}

/** Presses a button that opens Google's page, and one on that page. */
async function consent(page: Page, button: string, decision: string): Promise<void> {
  const opened = page.context().waitForEvent('page');
  await page.getByRole('button', { name: button }).click();
  const google = await opened;
  await google.getByRole('button', { name: decision, exact: true }).click();
  await google.getByText(/Nightjar is( not)? signed in/).waitFor();
  await google.close();
}

/** Snapshots and manifests at the test server, by their names. */
const stored = () =>
  server
    .files()
    .filter(({ content, explicitlyTrashed }) => content !== undefined && !explicitlyTrashed)
    .map(({ name }) => name)
    .filter((name) => /^\d.*\.(gz|json)$/.test(name));

it('signs in on Google’s page and backs up to it; an expired sign-in is told and renewed where it is told', async () => {
  await using scene = await openWindowScene({
    hash: '#/jobs/destinations/gdrive',
    prepare: async (box) => {
      await setUp(box);
      await box.json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'gdrive']);
    },
  });
  const { box, page } = scene;
  await consent(page, 'Sign in with Google', 'Allow');
  await page.getByText(/Belongs to .*@/).waitFor();
  expect(settingsOf(box).destinations).toEqual([expect.objectContaining({ account: expect.any(Object), folderId: expect.any(String) })]);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await page.getByText('It gives back what was written').waitFor();

  await scene.go('#/jobs/notes');
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText('gdrive: 1 stay, none would go').waitFor();
  expect(stored().toSorted()).toEqual([expect.stringMatching(/\.db\.gz$/), expect.stringMatching(/\.json$/)]);

  server.revokeAll();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText('Sign in again: Google no longer accepts the sign-in').waitFor();
  await scene.go('#/jobs/destinations/gdrive');
  await page.getByText('Backups to it wait until you sign in').waitFor();
  await scene.go('#/jobs/notes');
  await consent(page, 'Sign in to gdrive', 'Allow');
  await page.getByRole('button', { name: 'Sign in to gdrive' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByText('gdrive: 2 stay, none would go').waitFor();
  expect(stored().length).toBe(4);
});

it('is not signed in by a person who denies it, unticks the box, cancels, or takes another account', async () => {
  await using scene = await openWindowScene({ hash: '#/jobs/destinations/gdrive', prepare: setUp });
  const { box, page } = scene;
  const before = settingsOf(box);
  await consent(page, 'Sign in with Google', 'Deny');
  await page.getByText('was not allowed').waitFor();
  await consent(page, 'Sign in with Google', 'Allow without Drive');
  await page.getByText('Nothing can be backed up to it until you are signed in.').waitFor();
  const opened = page.context().waitForEvent('page');
  await page.getByRole('button', { name: 'Sign in with Google' }).click();
  await (await opened).close();
  await page.getByRole('button', { name: 'Cancel the sign-in' }).click();
  await page.getByRole('button', { name: 'Sign in with Google' }).waitFor();
  expect(settingsOf(box)).toEqual(before);

  await consent(page, 'Sign in with Google', 'Allow');
  await page.getByText(/Belongs to .*@/).waitFor();
  const [mine] = settingsOf(box).destinations;
  server.setAccount({ email: 'eve@example.com', permissionId: '99' });
  await consent(page, 'Sign in again', 'Allow');
  const goOn = page.getByRole('button', { name: /Go on with the other account/ });
  await goOn.waitFor();
  expect(settingsOf(box).destinations).toEqual([mine]);
  await consent(page, 'Go on with the other account', 'Allow');
  await page.getByText('Belongs to eve@example.com').waitFor();
});

it('adds a Drive with the file of an OAuth client, and nothing with another file', async () => {
  await using scene = await openWindowScene({
    hash: '#/jobs/destinations/new',
    prepare: async (box) => {
      await server.clientFile(box.at('client.json'));
      writeFileSync(box.at('letter.txt'), 'dear diary');
    },
  });
  const { box, page } = scene;
  await page.getByText('Google Drive', { exact: true }).click();
  const add = page.getByRole('button', { name: 'Add this Drive' });
  const file = page.getByRole('combobox', { name: 'OAuth client' });
  await add.click();
  await page.getByText('Choose the file of your OAuth client.').waitFor();
  await file.fill(box.at('absent.json'));
  await add.click();
  await page.getByText(/There is no file .*absent\.json/).waitFor();
  await file.fill(box.at('letter.txt'));
  await add.click();
  await page.getByText(/The OAuth client .*letter\.txt cannot be used/).waitFor();
  expect(settingsOf(box).destinations).toEqual([]);

  await file.fill(box.at('client.json'));
  await page.getByLabel('Folder in Drive').fill('Backups/Nightjar');
  await add.click();
  await page.getByRole('button', { name: 'Sign in later' }).click();
  await page.getByRole('heading', { level: 1, name: 'gdrive' }).waitFor();
  expect(settingsOf(box).destinations).toEqual([
    expect.objectContaining({ kind: 'drive', name: 'gdrive', folder: 'Backups/Nightjar', account: null, chunkBytes: 16 * 1024 * 1024 }),
  ]);
  await page.getByLabel('Sent at a time').fill('8');
  await page.getByLabel('At most').fill('2000');
  await page.getByRole('button', { name: 'Save the changes' }).click();
  await page.getByText('Saved.').waitFor();
  expect(settingsOf(box).destinations).toEqual([expect.objectContaining({ chunkBytes: 8 * 1024 * 1024, bandwidth: 2_000_000 })]);
});
