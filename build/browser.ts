import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from '@playwright/test';

/**
 * Starts a browser without a window: on Linux x64 the one that comes from npm, elsewhere the Chrome that is installed. Rejects where there is
 * none.
 */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return chromium.launch({ channel: 'chrome' });
  return chromium.launch({
    executablePath: await unpackedChromium(),
    // Its own list has --single-process, which hangs.
    args: ['--no-sandbox', '--no-zygote', '--font-render-hinting=none'],
  });
}

/** It unpacks itself where temporary files go, unversioned, and with its libraries only where it believes to be hosted. */
async function unpackedChromium(): Promise<string> {
  const { TMPDIR, VERCEL } = process.env;
  const folder = fileURLToPath(new URL('../node_modules/.cache/chromium', import.meta.url));
  mkdirSync(folder, { recursive: true });
  Object.assign(process.env, { TMPDIR: folder, VERCEL: '1' });
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    return await packed.executablePath();
  } finally {
    restore('TMPDIR', TMPDIR);
    restore('VERCEL', VERCEL);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
