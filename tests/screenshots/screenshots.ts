import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import { launchBrowser } from '../support/browser.ts';
import { setup as buildPage } from '../support/built-page.ts';
import { openSandbox, writeNotes } from '../support/cli.ts';
import { startDriveServer } from '../support/drive-server.ts';
import { openStudio, shootStates } from './states.ts';
import { writeStory, zone } from './story.ts';

const usage = `Takes pictures of every page and state of the window, from a year of somebody's backups.

  npm run screenshots [-- FOLDER]   where they go: out/screenshots by default
`;

async function main(): Promise<void> {
  const [asked = fileURLToPath(new URL('../../out/screenshots/', import.meta.url))] = process.argv.slice(2);
  if (asked === '--help') return void process.stdout.write(usage);
  const folder = resolve(asked);
  await buildPage();
  const browser = await launchBrowser();
  try {
    await shootFirstRun(browser, folder);
    await shootStory(browser, folder);
  } finally {
    await browser.close();
  }
  process.stdout.write(`the pictures are in ${folder}\n`);
}

/** Nothing is set up yet, and there is something that must not be lost. */
async function shootFirstRun(browser: Browser, folder: string): Promise<void> {
  await using box = await openSandbox();
  box.folder('ada/Documents', 'ada/USB');
  writeNotes(box.at('ada/Documents/brain.db'), { rows: 40_000 });
  const { camera } = await openStudio(browser, box, folder, { HOME: box.at('ada'), TZ: zone });
  const heading = (page: Page) => page.getByRole('heading', { level: 1 });
  for (const name of ['overview', 'restore', 'history', 'jobs']) await camera.shoot(`empty-${name}`, `#/${name}`, heading);
  await camera.close();
}

/** A year of backups. */
async function shootStory(browser: Browser, folder: string): Promise<void> {
  await using box = await openSandbox();
  await using server = await startDriveServer({ folder: box.at('google'), quotaBytes: 15_000_000_000 });
  const story = await writeStory(box, server, { days: 370, megabytes: 36 });
  const studio = await openStudio(browser, box, folder, story.environment);
  await shootStates(studio, story, server);
  await studio.camera.close();
}

await main();
