import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Locator, Page } from '@playwright/test';

const looks = ['light', 'dark'] as const;
const sizes = [
  { width: 900, height: 640 },
  { width: 1400, height: 900 },
] as const;

/** Takes pictures of the window in both looks and two sizes. */
export interface Camera {
  readonly page: Page;
  /** Goes to a page of the window, waits for what has to be seen there, and takes the pictures. */
  shoot(name: string, hash: string, seen: (page: Page) => Locator): Promise<void>;
  /** Takes the pictures of what is there now. */
  shootHere(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface CameraOptions {
  readonly context: BrowserContext;
  /** The window's address that lets the browser in. */
  readonly url: string;
  readonly folder: string;
  /** Folders of this machine, and what a person's would be called. */
  readonly places: readonly (readonly [here: string, shown: string])[];
}

/** Opens the window. What stands on the pictures is what the engine said, but for the names of temporary folders. */
export async function openCamera({ context, folder, places, url }: CameraOptions): Promise<Camera> {
  mkdirSync(folder, { recursive: true });
  const page = await context.newPage();
  await showPlaces(page, places);
  await page.goto(url);
  const { origin } = new URL(url);
  const shootHere = async (name: string) => {
    for (const colorScheme of looks) {
      await page.emulateMedia({ colorScheme });
      for (const size of sizes) {
        await page.setViewportSize(size);
        await settle(page);
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size.width}x${size.height}.png`), caret: 'initial' });
      }
    }
  };
  return {
    page,
    shoot: async (name, hash, seen) => {
      await page.goto(`${origin}/${hash}`);
      await seen(page).first().waitFor();
      await shootHere(name);
    },
    shootHere,
    close: () => page.close(),
  };
}

/** Two frames after the last loader is gone and every font is there. */
async function settle(page: Page): Promise<void> {
  await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready.then(() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen))))');
}

/** Temporary folders have names that nobody's folders have. */
async function showPlaces(page: Page, places: CameraOptions['places']): Promise<void> {
  const toShown = (text: string) => places.reduce((shown, [here, there]) => shown.replaceAll(here, there), text);
  const toHere = (text: string) => places.reduceRight((real, [here, there]) => real.replaceAll(there, here), text);
  await page.route('**/rpc/**', async (route) => {
    const request = route.request();
    // A stream does not end while the window is open.
    if (
      /\/rpc\/(?:engine\/events|restores\/(?:toFile|inPlace|undo|foreign)|jobs\/backup$|snapshots\/verify|destinations\/signIn)/.test(
        request.url(),
      )
    ) {
      const body = request.postData();
      return route.continue(body === null ? {} : { postData: toHere(body) });
    }
    const body = request.postData();
    const response = await route
      .fetch(body === null ? { url: toHere(decodeURI(request.url())) } : { postData: toHere(body) })
      .catch(() => null);
    if (response === null) return route.abort();
    return route.fulfill({ response, body: toShown(await response.text()) });
  });
}
