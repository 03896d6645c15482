import { expect, it } from 'vitest';
import { type CliSandbox, type RunDocument, writeNotes } from '../support/cli.ts';
import { addressOf } from '../support/served-window.ts';
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

async function setUpSeries(box: CliSandbox): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'), { rows: 50 });
  await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
  for (let each = 1; each <= 12; each++) await box.json(['job', 'add', `notes-${each}`, '--sqlite', box.at('notes.db'), '--to', 'usb']);
  for (let each = 1; each <= 2; each++) await box.json(['backup', 'notes-1']);
}

it('shows a page for an address that was typed wrongly, and every page though what serves them has ended', async () => {
  await using scene = await openWindowScene({ hash: '#/jobs/100%' });
  const { engine, go, page } = scene;
  await page.getByRole('heading', { name: '100%' }).waitFor();
  // What is opened first has everything else fetched in the background.
  await page.evaluate(`new Promise((resolve) => {
    const pages = new Set();
    new PerformanceObserver((list) => {
      for (const { name } of list.getEntries()) if (/\\/(restore|history|settings)-[\\w-]{8}\\.js$/.test(name)) pages.add(name);
      if (pages.size === 3) resolve();
    }).observe({ type: 'resource', buffered: true });
  })`);
  engine.child.kill('SIGTERM');
  await engine.ended();
  for (const [hash, title] of [
    ['#/settings', 'Settings'],
    ['#/history', 'History'],
    ['#/restore', 'Restore'],
  ] as const) {
    await go(hash);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }
});

it('says that a Nightjar that was started anew lets it in no more, and goes on when the window was opened again', async () => {
  await using scene = await openWindowScene();
  const { box, engine, page } = scene;
  await page.getByRole('heading', { level: 1 }).waitFor();
  engine.child.kill('SIGTERM');
  await engine.ended();
  await page.getByText('Nightjar does not answer').waitFor();
  const again = box.start(['serve', '--json', '--port', new URL(page.url()).port]);
  await addressOf(again);
  const locked = page.getByRole('alert').filter({ hasText: 'This browser is not let in any more' });
  await locked.getByText(/started anew, .*: open the window again with: nightjar open$/).waitFor();

  const { url } = await box.json<{ readonly url: string }>(['open', '--print']);
  await using another = await page.context().newPage();
  await another.goto(url);
  await locked.waitFor({ state: 'detached' });
});

it('begins another place of a page at its top with the focus there, and leaves both where a list has stayed', async () => {
  await using scene = await openWindowScene({ hash: '#/jobs', prepare: setUpSeries, context: { viewport: { width: 720, height: 520 } } });
  const { go, page } = scene;
  const where = () => page.evaluate<[string, number]>(`[document.activeElement.id, document.querySelector('#content').scrollTop]`);
  await page.getByRole('list', { name: 'Jobs' }).getByRole('link', { name: 'notes-12' }).press('Enter');
  await page.getByRole('heading', { level: 1, name: 'notes-12' }).waitFor();
  expect(await where()).toEqual(['content', 0]);

  await go('#/restore/notes-1');
  const older = page.getByRole('navigation', { name: 'Snapshots by date' }).getByRole('link').nth(1);
  await older.press('Enter');
  await page.locator('nav[aria-label="Snapshots by date"] li:nth-child(2) [aria-current=true]').waitFor();
  expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe(await older.getAttribute('href'));
});
