import type { Page } from '@playwright/test';
import { expect, it } from 'vitest';
import { countNotes, writeNotes } from '../support/cli.ts';
import { openWindowScene } from '../support/window-scene.ts';

interface Focused {
  readonly role: string;
  readonly name: string;
}

/** Reads in the page what has the focus, as somebody hears it who does not see it. */
const readFocus = `(() => {
  const element = document.activeElement ?? document.body;
  const roles = { A: 'link', BUTTON: 'button', INPUT: 'textbox', H2: 'heading', BODY: 'page', MAIN: 'page' };
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return { role: element.getAttribute('role') ?? roles[element.tagName] ?? element.tagName, name: name.trim() };
})()`;

function focused(page: Page): Promise<Focused> {
  return page.evaluate<Focused>(readFocus);
}

/** Presses a key until what is wanted has the focus; it has to come before so many presses, since nobody presses on for ever. */
async function reach(page: Page, role: string, name: RegExp, key = 'Tab', atMost = 30): Promise<Focused> {
  const passed: string[] = [];
  for (let press = 0; press < atMost; press++) {
    await page.keyboard.press(key);
    const now = await focused(page);
    if (now.role === role && name.test(now.name)) return now;
    passed.push(`${now.role} "${now.name}"`);
  }
  throw new Error(`${key} did not lead to the ${role} ${String(name)}, but to ${passed.join(', ')}`);
}

/** Resolves when something has taken the focus by itself. */
async function takesFocus(page: Page, text: RegExp): Promise<void> {
  await page.locator(':focus').filter({ hasText: text }).waitFor();
}

it('restores with the keyboard alone, from the opened window to the file on disk', async () => {
  await using scene = await openWindowScene({
    prepare: async (box) => {
      box.folder('usb');
      await box.json(['destination', 'add', 'folder', 'usb', box.at('usb')]);
      for (const job of ['brain', 'ledger']) {
        writeNotes(box.at(`${job}.db`), { rows: 30 });
        await box.json(['job', 'add', job, '--sqlite', box.at(`${job}.db`), '--to', 'usb']);
        await box.json(['backup', job]);
        writeNotes(box.at(`${job}.db`), { rows: 12 });
        await box.json(['backup', job]);
      }
    },
  });
  const { box, page } = scene;
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();

  await reach(page, 'link', /^Restore$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Restore' }).waitFor();
  await page.getByRole('link', { name: 'Restore a copy…' }).waitFor();
  expect((await focused(page)).role).toBe('page');

  // The jobs are one stop; the arrows go on in them.
  await reach(page, 'link', /^brain/);
  await reach(page, 'link', /^ledger/, 'ArrowDown', 2);
  await page.keyboard.press('Enter');
  await page.getByText(/^ledger, /).waitFor();

  // The calendar is one stop, and so are the snapshots; the older one of the day is the second.
  const day = await reach(page, 'button', /: 2 snapshots, verified$/);
  await page.keyboard.press('Enter');
  expect(await focused(page)).toEqual(day);
  await reach(page, 'link', /^\d+ \w+, \d\d:\d\d/);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByText('The first snapshot of this job that is known').waitFor();

  await reach(page, 'link', /^Restore a copy…$/);
  await page.keyboard.press('Enter');
  await takesFocus(page, /^Restore a copy$/);
  await reach(page, 'combobox', /^Where to$/, 'Tab', 2);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(box.at('back.db'));
  await page.keyboard.press('Escape');
  await reach(page, 'button', /^Restore this copy$/, 'Tab', 3);
  await page.keyboard.press('Enter');
  await takesFocus(page, /back\.db is restored$/);
  expect(countNotes(box.at('back.db'))).toBe(30);

  // From the proof everything that can be done next is ahead.
  await reach(page, 'button', /^Copy path$/, 'Tab', 4);
  await reach(page, 'link', /^Back to the snapshot$/, 'Tab', 3);
});
