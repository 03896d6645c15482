import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { launchBrowser } from '../../tests/support/browser.ts';
import { type EncodedPicture, encodeIcns, encodeIco } from './containers.ts';
import { type IconFile, type IconPicture, iconFiles } from './icon-files.ts';
import { encodeBitmap, encodePng } from './raster.ts';
import { rasterise } from './rasterise.ts';

function at(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

async function contentOf(page: Page, file: IconFile): Promise<string | Buffer> {
  switch (file.kind) {
    case 'svg':
      return file.drawing;
    case 'png':
      return (await pngOf(page, file)).bytes;
    case 'ico':
      return encodeIco(await Promise.all(file.pictures.map((picture) => windowsPicture(page, picture))));
    case 'icns':
      return encodeIcns(await Promise.all(file.pictures.map((picture) => pngOf(page, picture))));
  }
}

/** A bitmap: everything on Windows reads that, while PNGs are sure to be read only as the largest picture. */
async function windowsPicture(page: Page, picture: IconPicture): Promise<EncodedPicture> {
  if (picture.size === 256) return pngOf(page, picture);
  return { size: picture.size, bytes: encodeBitmap(await rasterise(page, picture.drawing, picture.size)) };
}

async function pngOf(page: Page, { drawing, size }: IconPicture): Promise<EncodedPicture> {
  return { size, bytes: encodePng(await rasterise(page, drawing, size), drawing) };
}

// What was made before may hold images that are not drawn any more.
for (const folder of ['tray', 'app']) rmSync(at(`build/icons/${folder}`), { recursive: true, force: true });
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  for (const file of iconFiles()) {
    mkdirSync(dirname(at(file.path)), { recursive: true });
    writeFileSync(at(file.path), await contentOf(page, file));
  }
} finally {
  await browser.close();
}
