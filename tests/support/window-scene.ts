import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { afterAll, expect } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type CliSandbox, openSandbox, type RunningCli } from './cli.ts';
import { addressOf } from './served-window.ts';

/** `nightjar serve` at work in a sandbox, and its window in a real browser. */
export interface WindowScene extends AsyncDisposable {
  readonly box: CliSandbox;
  readonly engine: RunningCli;
  readonly page: Page;
  /** Goes to a page of the window: `#/restore`. */
  go(hash: string): Promise<void>;
}

export interface WindowSceneOptions {
  /** Sets the sandbox up before the engine begins: files, destinations, jobs. */
  readonly prepare?: (box: CliSandbox) => Promise<void> | void;
  /** The page that is opened first. */
  readonly hash?: string;
  readonly context?: BrowserContextOptions;
  readonly environment?: Readonly<Record<string, string>>;
}

let launched: Promise<Browser> | undefined;

afterAll(async () => {
  await (await launched)?.close();
  launched = undefined;
});

/** Opens the window of a new sandbox. At the end it must have had no error of the page and no refusal of its policy. */
export async function openWindowScene({ context, environment, hash = '#/', prepare }: WindowSceneOptions = {}): Promise<WindowScene> {
  const box = await openSandbox();
  await prepare?.(box);
  const engine = box.start(['serve', '--json'], environment === undefined ? {} : { environment });
  const url = await addressOf(engine);
  launched ??= launchBrowser();
  const opened = await (await launched).newContext({ reducedMotion: 'reduce', viewport: { width: 1100, height: 760 }, ...context });
  const page = await opened.newPage();
  // Against hanging, not for speed: a machine may be busy.
  page.setDefaultTimeout(120_000);
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    // A call that the engine refuses is an answer too; what the page makes of it is what tests look at.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) troubles.push(message.text());
  });
  await page.goto(url);
  await page.goto(`${new URL(url).origin}/${hash}`);
  return {
    box,
    engine,
    page,
    go: async (next) => {
      await page.evaluate(`location.hash = ${JSON.stringify(next)}`);
    },
    [Symbol.asyncDispose]: async () => {
      await opened.close();
      await box[Symbol.asyncDispose]();
      expect(troubles).toEqual([]);
    },
  };
}
