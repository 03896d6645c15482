import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TrayImage, trayImages } from '../../build/icons/drawing.ts';
import { type IconFile, iconFiles } from '../../build/icons/icon-files.ts';
import { drawingComment, type Raster } from '../../build/icons/raster.ts';
import { rasterise } from '../../build/icons/rasterise.ts';
import { launchBrowser } from '../support/browser.ts';
import { readBitmap, readIcns, readIco, readPng } from '../support/read-icons.ts';

const files = iconFiles();

function read(path: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
}

/** The pictures of a file with their drawings. */
function picturesIn(file: IconFile): { readonly drawing: string; readonly raster: Raster }[] {
  switch (file.kind) {
    case 'png':
      return [{ drawing: file.drawing, raster: readPng(read(file.path)) }];
    case 'ico':
      return readIco(read(file.path)).map((picture, index) => ({
        drawing: file.pictures[index]?.drawing ?? '',
        raster: picture.size < 256 ? readBitmap(picture) : readPng(picture.bytes),
      }));
    case 'svg':
    case 'icns':
      return [];
  }
}

function trayPng(image: TrayImage, ending: string): Raster {
  return readPng(read(`build/icons/tray/${image}${ending}.png`));
}

function alphaOf({ rgba }: Raster): number[] {
  return Array.from({ length: rgba.length / 4 }, (_, pixel) => rgba[pixel * 4 + 3] ?? 0);
}

/** Pixels that are there in one and not in the other. */
function difference(one: Raster, other: Raster): number {
  const otherAlpha = alphaOf(other);
  return alphaOf(one).filter((alpha, pixel) => Math.abs(alpha - (otherAlpha[pixel] ?? 0)) > 128).length;
}

it('there is each file that is drawn, and no other', () => {
  const folders = ['build/icons/tray', 'build/icons/app'];
  const there = folders.flatMap((folder) =>
    readdirSync(fileURLToPath(new URL(`../../${folder}`, import.meta.url))).map((name) => `${folder}/${name}`),
  );
  expect(there.toSorted()).toEqual(
    files
      .map(({ path }) => path)
      .filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))
      .toSorted(),
  );
});

it.each(files.filter(({ kind }) => kind === 'svg' || kind === 'png'))('$path is made from its drawing', (file) => {
  if (file.kind === 'svg') return expect(read(file.path).toString()).toBe(file.drawing);
  if (file.kind !== 'png') return;
  const { size, comments } = readPng(read(file.path));
  expect({ size, comments }).toEqual({ size: file.size, comments: [drawingComment(file.drawing)] });
});

it('the icon of macOS has a picture of every type, made from its drawing', () => {
  const file = files.find(({ kind }) => kind === 'icns');
  if (file?.kind !== 'icns') throw new Error('there is none');
  const found = Object.entries(readIcns(read(file.path))).map(([type, bytes]) => ({ type, ...sizeAndComment(bytes) }));
  const sizes = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 };
  const commentOf = (size: number) =>
    file.pictures.filter((picture) => picture.size === size).map(({ drawing }) => drawingComment(drawing));
  expect(found).toEqual(Object.entries(sizes).map(([type, size]) => ({ type, size, comments: commentOf(size) })));
});

function sizeAndComment(bytes: Buffer) {
  const { size, comments } = readPng(bytes);
  return { size, comments };
}

it.each(files.filter(({ kind }) => kind === 'ico'))('$path has all its sizes', (file) => {
  if (file.kind !== 'ico') return;
  expect(readIco(read(file.path)).map(({ size }) => size)).toEqual(file.pictures.map(({ size }) => size));
});

describe('in the tray', () => {
  it.each(trayImages)('%s is black with nothing but alpha for macOS, at both sizes', (image) => {
    for (const ending of ['Template', 'Template@2x']) {
      const { rgba } = trayPng(image, ending);
      expect(rgba.every((value, index) => index % 4 === 3 || value === 0)).toBe(true);
      expect(rgba.some((value) => value === 255)).toBe(true);
    }
  });

  it.each(trayImages)('%s is the same shape in white and in ink', (image) => {
    for (const scale of ['', '@2x']) {
      expect(difference(trayPng(image, `-white${scale}`), trayPng(image, `-ink${scale}`))).toBe(0);
    }
  });

  it('every state has a shape of its own, at the smallest size', () => {
    const pairs = trayImages.flatMap((one, index) => trayImages.slice(index + 1).map((other) => [one, other] as const));
    const tooClose = pairs.filter(([one, other]) => {
      const enough = one.startsWith('running') && other.startsWith('running') ? 4 : 8;
      return difference(trayPng(one, 'Template'), trayPng(other, 'Template')) < enough;
    });
    expect(tooClose).toEqual([]);
  });
});

const hasBrowser = process.platform === 'linux' && process.arch === 'x64';
if (!hasBrowser) process.stderr.write('icons are not drawn anew here: the browser that drew them runs on Linux x64\n');

describe.runIf(hasBrowser)('drawn anew', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
  });
  afterAll(() => browser.close());

  it.each(files.filter(({ kind }) => kind === 'png' || kind === 'ico'))('$path is what its drawing says', async (file) => {
    for (const { drawing, raster } of picturesIn(file)) {
      const { rgba } = await rasterise(page, drawing, raster.size);
      // Processors round differently.
      const strayed = rgba.filter((value, at) => Math.abs(value - (raster.rgba[at] ?? 0)) > 3).length;
      expect({ size: raster.size, strayed }).toEqual({ size: raster.size, strayed: 0 });
    }
  });
});
