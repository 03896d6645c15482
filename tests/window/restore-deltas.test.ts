import { copyFileSync, renameSync, rmSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { type BackupDocument, type CliSandbox, countNotes, type SnapshotDocument, writeNotes } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const whereTo = (page: Page) => page.getByLabel('Where to', { exact: true });
/** What stands beside a name in the list of facts. */
const fact = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`);

/** A job with a full snapshot of 3,000 notes and a delta on it with one more. */
async function backUpTwice(box: CliSandbox): Promise<readonly [SnapshotDocument, SnapshotDocument]> {
  box.folder('usb');
  writeNotes(box.at('brain.db'), { rows: 3000 });
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  await box.json(['job', 'add', 'brain', '--sqlite', box.at('brain.db'), '--to', 'usb']);
  const { snapshot: full } = await box.json<BackupDocument>(['backup', 'brain']);
  writeNotes(box.at('brain.db'), { rows: 1 });
  const { snapshot: delta } = await box.json<BackupDocument>(['backup', 'brain']);
  return [full, delta];
}

/** The window at a place, after those two backups and what `then` does to them. */
async function openDeltaScene(hash: string, then: (box: CliSandbox) => void = () => {}) {
  let taken: readonly SnapshotDocument[] = [];
  const scene = await openWindowScene({
    hash,
    prepare: async (box) => {
      taken = await backUpTwice(box);
      then(box);
    },
  });
  const [full, delta] = taken;
  return Object.assign(scene, { full, delta });
}

it('says what a snapshot is on and that both are needed, proves both, and restores from both', async () => {
  await using scene = await openDeltaScene('#/restore/brain');
  const { box, delta, full, page } = scene;
  await fact(page, 'Form').getByText(`${delta?.changedPages} of ${delta?.pageCount} pages changed`).waitFor();
  expect(await fact(page, 'Form').innerText()).toMatch(/^Delta on \d+ \w+, \d\d:\d\d: .* Restoring needs both\.$/);
  await button(page, 'Verify in full').click();
  await page.getByText('it was rebuilt together with its base, and its 3,001 rows are as they were stored').waitFor();

  await fact(page, 'Form').getByRole('link').click();
  await fact(page, 'Form').getByText('Full: the whole database').waitFor();
  expect(page.url()).toMatch(new RegExp(`${full?.id}$`));
  await fact(page, 'Kept because').getByText('base of 1 delta').waitFor();

  await scene.go(`#/restore/brain/${delta?.id}?do=copy`);
  await whereTo(page).fill(box.at('back.db'));
  await whereTo(page).press('Escape');
  await button(page, 'Restore this copy').click();
  await page.getByRole('heading', { level: 2, name: 'back.db is restored' }).waitFor();
  expect(countNotes(box.at('back.db'))).toBe(3001);
});

it('says that it cannot be brought back while its base is gone', async () => {
  await using scene = await openDeltaScene('#/restore/brain');
  const { box, full, page } = scene;
  const object = box.at('usb', 'brain', full?.objectName ?? '');
  renameSync(object, box.at('taken-away'));
  await button(page, 'Verify now').click();
  await page.getByText('This snapshot is damaged').waitFor();
  await page
    .getByRole('table', { name: 'Copies of this snapshot' })
    .getByText(/Its base .*\.db\.gz is not/i)
    .waitFor();
  copyFileSync(box.at('taken-away'), object);
  await button(page, 'Verify now').click();
  await page.getByText('its digest and that of its base are as they were stored').waitFor();
  await page.getByText('This snapshot is damaged').waitFor({ state: 'detached' });
});

it('comes back on a machine that knows nothing, and says what cannot', async () => {
  await using scene = await openDeltaScene('#/restore', (box) => rmSync(box.home, { recursive: true }));
  const { box, full, page } = scene;
  const place = `#/restore?from=backups&place=${encodeURIComponent(box.at('usb'))}`;
  const day = full?.createdAt.slice(0, 10);
  await scene.go(place);
  const list = page.getByRole('navigation', { name: 'Snapshots of brain' });
  await list.getByRole('link', { name: /full$/ }).waitFor();
  expect(await list.getByRole('link').allInnerTexts()).toEqual([
    expect.stringContaining(`3,001 rows, delta on ${day}`),
    expect.stringMatching(/3,000 rows, full$/),
  ]);
  await list.getByRole('link', { name: /3,001 rows/ }).click();
  await fact(page, 'Form')
    .getByText(new RegExp(`Delta on ${day}: `))
    .waitFor();
  await whereTo(page).fill(box.at('back.db'));
  await whereTo(page).press('Escape');
  await button(page, 'Restore this copy').click();
  await page.getByRole('heading', { level: 2, name: 'back.db is restored' }).waitFor();
  expect(countNotes(box.at('back.db'))).toBe(3001);

  for (const ending of ['.db.gz', '.json', '.pages']) rmSync(box.at('usb', 'brain', `${day}${ending}`));
  await page.reload();
  await scene.go(place);
  await list.getByRole('link', { name: `delta on ${day}, which is not there` }).waitFor();
  expect(await list.getByRole('link').count()).toBe(1);
});
