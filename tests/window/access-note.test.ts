import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { writeNotes } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

/** What the app on a Mac says of itself; here it is said in its place, since there is none in a browser. */
const onMac = {
  kind: 'app',
  platform: 'darwin',
  hasTray: false,
  loginItem: { state: 'off', message: null },
  update: { state: 'unsupported', version: null, message: null },
  homeFolder: '/Users/ada',
  logFolder: '/logs',
};

it('leads from a source that macOS refuses to the page where it is allowed, until a person has seen enough of it', async () => {
  await using scene = await openWindowScene({
    prepare: async (box) => {
      box.folder('usb');
      writeNotes(box.at('notes.db'));
      await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
      await box.json(['job', 'add', 'notes', '--sqlite', box.at('notes.db'), '--to', 'usb']);
      await box.json(['backup', 'notes']);
      // As a run leaves it whose source the system has refused.
      const catalog = new Database(box.at('home', 'catalog.db'));
      catalog.exec("UPDATE run SET status = 'failed', error_code = 'source-unreadable', error_message = 'notes.db may not be read'");
      catalog.close();
    },
  });
  const { page } = scene;
  const opened: unknown[] = [];
  await page.route('**/rpc/desktop/info', (route) => route.fulfill({ json: { json: onMac } }));
  await page.route('**/rpc/desktop/openSystemPage', (route) => {
    opened.push(route.request().postDataJSON());
    return route.fulfill({ json: { json: { page: 'full-disk-access' } } });
  });
  await page.reload();
  const note = page.getByRole('alert').filter({ hasText: 'macOS does not let Nightjar read the source of notes' });
  await note.getByRole('button', { name: 'Open Full Disk Access settings' }).click();
  await note.getByRole('button', { name: 'Do not show this again' }).click();
  await note.waitFor({ state: 'detached' });
  expect(opened).toEqual([{ json: { page: 'full-disk-access' } }]);

  await page.reload();
  await page.getByText(/^This desktop shows no tray icons, so this window has to stay open/).waitFor();
  await page.getByRole('list', { name: 'What is wrong with notes' }).waitFor();
  expect(await note.count()).toBe(0);
});
