import type { Page } from '@playwright/test';
import type { Raster } from './raster.ts';

interface Context2d {
  drawImage(image: unknown, x: number, y: number, width: number, height: number): void;
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
}

// What of a browser is used here: this program is type-checked for Node, which has none of it.
declare const Image: new (width: number, height: number) => { src: string; decode(): Promise<void> };
declare const OffscreenCanvas: new (width: number, height: number) => { getContext(kind: '2d'): Context2d | null };

/** Draws an SVG as a square of pixels, as the page's browser does. */
export async function rasterise(page: Page, drawing: string, size: number): Promise<Raster> {
  const base64 = await page.evaluate(
    async ({ source, edge }) => {
      const image = new Image(edge, edge);
      image.src = source;
      await image.decode();
      const canvas = new OffscreenCanvas(edge, edge);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('this browser draws nothing');
      context.drawImage(image, 0, 0, edge, edge);
      const { data } = context.getImageData(0, 0, edge, edge);
      const chunks = Array.from({ length: edge }, (_, row) => String.fromCharCode(...data.subarray(row * edge * 4, (row + 1) * edge * 4)));
      return btoa(chunks.join(''));
    },
    { source: `data:image/svg+xml;base64,${Buffer.from(drawing).toString('base64')}`, edge: size },
  );
  return { size, rgba: Buffer.from(base64, 'base64') };
}
