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
  /** Takes the pictures of what is there now; with `top`, of what begins there. */
  shootHere(name: string, top?: Locator): Promise<void>;
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
  const shootHere: Camera['shootHere'] = async (name, top) => {
    for (const colorScheme of looks) {
      await page.emulateMedia({ colorScheme });
      for (const size of sizes) {
        await page.setViewportSize(size);
        await settle(page, colorScheme);
        // What a page has is not known to the types of these tests.
        await top?.evaluate((seen) => (seen as unknown as { scrollIntoView(how: object): void }).scrollIntoView({ block: 'start' }));
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

/** Two frames after the look has changed, every question is answered and every font is there. */
async function settle(page: Page, look: (typeof looks)[number]): Promise<void> {
  await page.locator(`html[data-mantine-color-scheme=${look}]`).waitFor({ state: 'attached' });
  await page.evaluate('Promise.all([whenAnswered(), document.fonts.ready])');
  await page.locator('.mantine-Loader-root').first().waitFor({ state: 'detached' });
  await page.evaluate('new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))');
}

/**
 * Stands between window and engine: changes the names of temporary folders, which nobody's folders have, and knows when the engine has
 * answered everything but what goes on as long as the window is open.
 */
async function showPlaces(page: Page, places: CameraOptions['places']): Promise<void> {
  await page.addInitScript(`{
    const places = ${JSON.stringify(places)};
    const toShown = (text) => places.reduce((shown, [here, there]) => shown.replaceAll(here, there), text);
    const toHere = (text) => places.reduce((real, [here, there]) => real.replaceAll(there, here), text);
    const addressHere = (address) => {
      const url = new URL(address);
      for (const [name, value] of [...url.searchParams]) url.searchParams.set(name, toHere(value));
      return url.href;
    };
    const ask = globalThis.fetch;
    let asked = 0;
    globalThis.whenAnswered = async () => {
      for (let quiet = 0; quiet < 3; quiet = asked === 0 ? quiet + 1 : 0) await new Promise(requestAnimationFrame);
    };
    globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (!request.url.includes('/rpc/')) return ask(request);
      const text = request.method === 'GET' ? '' : await request.text();
      const { headers, method, signal } = request;
      asked++;
      try {
        const answer = await ask(addressHere(request.url), { headers, method, signal, ...(text === '' ? {} : { body: toHere(text) }) });
        if (answer.body === null) return answer;
        if (!answer.headers.get('content-type')?.includes('event-stream')) return new Response(toShown(await answer.text()), answer);
        const shown = new TransformStream({ transform: (part, to) => to.enqueue(toShown(part)) });
        return new Response(answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(shown).pipeThrough(new TextEncoderStream()), answer);
      } finally {
        asked--;
      }
    };
  }`);
}
