import { expect, it } from 'vitest';
import { writeNotes } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

it('completes a path by the keyboard alone: folders go on, a file ends it, and ~ is the own folder', async () => {
  await using scene = await openWindowScene({
    hash: '#/jobs/new',
    prepare: (box) => {
      box.folder('Documents/diary', 'Documents/drafts', 'Music');
      writeNotes(box.at('Documents', 'diary', 'days.db'));
      writeNotes(box.at('Documents', 'diary', 'nights.db'));
    },
  });
  const { box, page } = scene;
  await page.getByRole('radio', { name: 'Another database' }).check();
  const field = page.getByRole('combobox', { name: 'Database' });
  const offered = () => page.getByRole('option');
  await field.pressSequentially('~/Doc');
  await offered().filter({ hasText: 'Documents' }).waitFor();
  await expect.poll(() => field.inputValue(), { timeout: 30_000 }).toBe(box.at('Doc'));
  await field.press('ArrowDown');
  await field.press('Tab');
  expect(await field.inputValue()).toBe(`${box.at('Documents')}/`);

  await offered().filter({ hasText: 'drafts' }).waitFor();
  await page.getByText('2 ways to go on, with the arrow keys').waitFor({ state: 'attached' });
  await field.press('ArrowDown');
  await field.press('Enter');
  expect(await field.inputValue()).toBe(`${box.at('Documents', 'diary')}/`);
  await offered().filter({ hasText: 'nights.db' }).waitFor();
  await field.pressSequentially('n');
  await offered().filter({ hasText: 'days.db' }).waitFor({ state: 'detached' });
  await field.press('ArrowDown');
  await field.press('Enter');
  expect(await field.inputValue()).toBe(box.at('Documents', 'diary', 'nights.db'));
  expect(await offered().count()).toBe(0);
  // Nothing is chosen in the list any more: Enter is the form's again.
  await field.press('Enter');
  await page.getByRole('heading', { name: 'How should it be backed up?' }).waitFor();
});
