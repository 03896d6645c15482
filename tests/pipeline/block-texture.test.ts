import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BlockTexture, textureOf } from '../../electron/engine/pipeline/block-texture.ts';
import { blockBytes } from '../../electron/engine/pipeline/raw-blocks.ts';
import { floats, noise, prose } from './sample-bytes.ts';

/** Pages of 4 KiB, each by the first of the kinds given, then the next, in turn. */
function pages(...kinds: readonly ((bytes: number, seed: number) => Buffer)[]): Buffer {
  return Buffer.concat(Array.from({ length: blockBytes / 4096 }, (_, at) => (kinds[at % kinds.length] ?? noise)(4096, at)));
}

/** A page whose rows leave a quarter of it empty. */
const emptyQuarter = (bytes: number, seed: number) => Buffer.concat([floats((bytes * 3) / 4, seed), Buffer.alloc(bytes / 4)]);
const shades = noise(blockBytes / 32);
const bands = Buffer.from(Array.from({ length: blockBytes }, (_, at) => shades[at >> 5] ?? 0));

describe('textureOf', () => {
  it.each<[string, BlockTexture, Buffer]>([
    ['nothing', 'uneven', Buffer.alloc(0)],
    ['zeros', 'uneven', Buffer.alloc(blockBytes)],
    ['prose', 'repeating', prose(blockBytes)],
    ['a line of prose', 'repeating', prose(300)],
    ['JSON', 'repeating', Buffer.from(JSON.stringify(Array.from({ length: 40_000 }, (_, id) => ({ id, at: id * 37 }))))],
    ['float vectors', 'uneven', floats(blockBytes)],
    ['pages of vectors that are not full', 'uneven', pages(emptyQuarter)],
    ['random text in base64', 'uneven', Buffer.from(noise(blockBytes).toString('base64'))],
    ['an image of even bands', 'uneven', bands],
    ['what is encrypted', 'noise', noise(blockBytes)],
    ['pages of vectors and of prose by turns', 'repeating', pages(floats, prose)],
    ['vectors with a page of prose in eight', 'repeating', pages(prose, floats, floats, floats, floats, floats, floats, floats)],
  ])('of %s is "%s"', (_, texture, block) => {
    expect(textureOf(block)).toBe(texture);
  });

  it('spares a search for strings only where that gains little', () => {
    for (const block of [floats(blockBytes), pages(emptyQuarter), Buffer.from(noise(blockBytes).toString('base64'))]) {
      const searched = deflateSync(block, { level: 6 }).length;
      const spared = deflateSync(block, { level: 6, strategy: 3 }).length;
      expect(spared - searched).toBeLessThan(0.01 * block.length);
    }
  });
});
