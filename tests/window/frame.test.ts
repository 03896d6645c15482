import { expect, it } from 'vitest';
import { type RunDocument, writeNotes } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

it('opens the window on its overview, and every page by its entry in the menu', async () => {
  await using scene = await openWindowScene();
  const { page } = scene;
  const seen: string[] = [];
  for (const name of ['Restore', 'History', 'Jobs', 'Settings', 'Overview']) {
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
    await page.locator('nav a[aria-current=page]', { hasText: name }).waitFor();
    await page.getByRole('heading', { level: 1 }).waitFor();
    seen.push(await page.title());
  }
  expect(seen).toEqual(['Restore', 'History', 'Jobs', 'Settings', 'Overview'].map((name) => `${name} - Nightjar`));
});

it('reads nothing anew as long as nobody sees it, and what has changed as soon as somebody does', async () => {
  await using scene = await openWindowScene({
    hash: '#/history',
    prepare: async (box) => {
      box.folder('usb');
      writeNotes(box.at('notes.db'), { rows: 50 });
      await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
      await box.json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'usb']);
    },
  });
  const { box, page } = scene;
  await page.getByText('Nothing was backed up yet.').waitFor();
  const turn = (state: string) =>
    page.evaluate(
      `Object.defineProperties(document, { hidden: { value: ${state === 'hidden'}, configurable: true } });
      document.dispatchEvent(new Event('visibilitychange'));`,
    );
  await turn('hidden');
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(new URL(request.url()).pathname));
  const { run } = await box.json<{ readonly run: RunDocument }>(['backup', 'notes']);
  expect([run.status, asked]).toEqual(['succeeded', []]);
  await turn('visible');
  await page.locator(`a[href*="${run.id}"]`).waitFor();
  expect(asked).toContain('/rpc/runs/list');
});
