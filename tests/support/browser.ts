import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from '@playwright/test';

/** Unpacked beside the packages, since one that another version left in the system's folder would be taken as it is. */
const folder = fileURLToPath(new URL('../../node_modules/.cache/chromium/', import.meta.url));

/** A real browser: from npm on Linux, the installed Chrome elsewhere. Whoever launched it closes it. */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return chromium.launch({ channel: 'chrome' });
  mkdirSync(folder, { recursive: true });
  const before = { ...process.env };
  Object.assign(process.env, { TMPDIR: folder, VERCEL: '1', FONTCONFIG_FILE: writeFontSettings() });
  try {
    const { default: packed } = await import('@sparticuz/chromium');
    const executablePath = await packed.executablePath();
    // Its own arguments have one process do everything, which hangs.
    const args = ['--no-sandbox', '--no-zygote', '--font-render-hinting=none', '--disable-background-networking'];
    return await chromium.launch({ executablePath, args, env: { ...process.env } });
  } finally {
    // What the browser is told is not for the programs that a test starts.
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** The font that comes with the browser first, so that the window looks the same on every machine. */
function writeFontSettings(): string {
  const path = `${folder}fonts.conf`;
  const families = ['sans-serif', 'system-ui'].map(
    (family) => `<alias binding="strong"><family>${family}</family><prefer><family>Open Sans</family></prefer></alias>`,
  );
  const lines = ['<?xml version="1.0"?>', '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">', '<fontconfig>'];
  lines.push(`<dir>${folder}fonts/fonts</dir>`, '<dir>/usr/share/fonts</dir>', `<cachedir>${folder}font-cache</cachedir>`);
  writeFileSync(path, [...lines, ...families, '</fontconfig>', ''].join('\n'));
  return path;
}
