import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, codecLevels, codecs } from '../../electron/domain/compression.ts';
import { worstCompressedBytes } from '../../electron/domain/disk-guard.ts';
import { compressBlocks, compressFile } from '../../electron/engine/pipeline/compress.ts';
import { blockBytes, fillFrom } from '../../electron/engine/pipeline/raw-blocks.ts';
import { missingTool } from '../support/stock-recipe.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { compressed, factsOf, floats, largeInputs, noise, prose, smallInputs, stingyFile } from './sample-bytes.ts';

const decompressSync = { gzip: gunzipSync, zstd: zstdDecompressSync };
const readSizes = fc.array(fc.oneof(fc.constant(blockBytes), fc.integer({ min: 8191, max: 2 * blockBytes })), {
  minLength: 1,
  maxLength: 5,
});

/** Programs that people have, each with how it gives a file's bytes. */
const stockTools: readonly (readonly [name: string, codec: Codec, command: readonly string[]])[] = [
  ['gunzip', 'gzip', ['gunzip', '-c']],
  ['pigz', 'gzip', ['pigz', '-dc']],
  ['Python', 'gzip', ['python3', '-c', 'import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))']],
  ['zstd', 'zstd', ['zstd', '-dc']],
];

describe.each(codecs)('compressBlocks makes of raw bytes, as %s, what a decompressor reads, with right digests,', (codec) => {
  it('for any bytes in reads of any size, byte by byte too', async () => {
    const levels = fc.integer({ min: codecLevels[codec].least, max: 9 });
    await fc.assert(
      fc.asyncProperty(smallInputs, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), levels, async (raw, sizes, level) => {
        const { object, result } = await compressed(raw, { codec, level, sizes });
        expect(decompressSync[codec](object).equals(raw)).toBe(true);
        expect(result).toMatchObject(factsOf(raw, object));
      }),
    );
  });

  it('for several blocks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(largeInputs, readSizes, async (raw, sizes) => {
        const { object, result } = await compressed(raw, { codec, sizes });
        expect(decompressSync[codec](object).equals(raw)).toBe(true);
        expect(result).toMatchObject(factsOf(raw, object));
      }),
      { numRuns: 40 },
    );
  });

  it('never more of it than the disk guard plans for', async () => {
    for (const level of [1, 6, 9]) {
      for (const bytes of [0, 1, 3 * blockBytes + 1]) {
        const { object } = await compressed(noise(bytes), { codec, level });
        expect(object.length, `${bytes} bytes at level ${level}`).toBeLessThanOrEqual(worstCompressedBytes(bytes));
      }
    }
  });

  it('and shows each byte once, in order, and says how much it has read', async () => {
    const raw = noise(19 * blockBytes + 5);
    const seen: Buffer[] = [];
    const done: number[] = [];
    await compressBlocks(fillFrom(stingyFile(raw, [blockBytes])), raw.length, async () => {}, {
      codec,
      level: 1,
      onBlock: (block, offset) => {
        expect(offset).toBe(seen.reduce((sum, { length }) => sum + length, 0));
        seen.push(Buffer.from(block));
      },
      onBytes: (bytes) => done.push(bytes),
    });
    expect(Buffer.concat(seen).equals(raw)).toBe(true);
    expect(done.at(-1)).toBe(raw.length);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
  });

  it('ending with the reason of the signal, in the middle', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const raw = noise(40 * blockBytes);
    const done = compressBlocks(fillFrom(stingyFile(raw, [blockBytes])), raw.length, async () => {}, {
      codec,
      level: 1,
      signal: controller.signal,
      onBytes: (bytes) => bytes >= 3 * blockBytes && controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
  });

  it.each(['read', 'write'] as const)('ending with the error of a %s that fails in the middle', async (place) => {
    const failure = new Error(`cannot ${place}`);
    const raw = noise(60 * blockBytes);
    const fill = fillFrom(stingyFile(raw, [blockBytes]));
    let calls = 0;
    const failThird = () => {
      if (++calls === 3) throw failure;
    };
    const done = compressBlocks(
      async (buffer) => {
        if (place === 'read') failThird();
        return fill(buffer);
      },
      raw.length,
      async () => {
        if (place === 'write') failThird();
      },
      { codec, level: 1 },
    );
    await expect(done).rejects.toBe(failure);
  });
});

describe('Programs that people have read it:', () => {
  for (const [name, codec, [program = '', ...args]] of stockTools) {
    const missing = missingTool(program);
    it.skipIf(missing)(`${name}${missing === undefined ? '' : ` (skipped: ${missing} is not installed)`}`, async () => {
      const half = 3 * blockBytes + 777;
      const raws = [0, 1, blockBytes - 1, blockBytes, blockBytes + 1].map((bytes) => noise(bytes).fill('night ', 0, Math.floor(bytes / 2)));
      for (const raw of [...raws, Buffer.concat([prose(half), floats(half), noise(half)])]) {
        const { object } = await compressed(raw, { codec, level: 6, sizes: [100_000] });
        expect(execFileSync(program, args, { input: object, maxBuffer: 16 * blockBytes }).equals(raw), `${raw.length} bytes`).toBe(true);
      }
    });
  }
});

describe('As gzip', () => {
  it('each block is a member of its own, whose compressed size is told', async () => {
    const raw = Buffer.concat([prose(blockBytes), noise(blockBytes), floats(777)]);
    const { object, result } = await compressed(raw, { level: 6 });
    const sizes = result.memberSizes ?? [];
    const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
    const blocks = sizes.map((size, index) => gunzipSync(object.subarray(starts[index], (starts[index] ?? 0) + size)));
    expect(blocks.map(({ length }) => length)).toEqual([blockBytes, blockBytes, 777]);
    expect(Buffer.concat(blocks).equals(raw)).toBe(true);
  });

  it('float vectors lose the share that unequal codes gain, and images are stored as they are', async () => {
    const vectors = await compressed(floats(2 * blockBytes), { level: 6 });
    expect(vectors.object.length).toBeLessThan(1.005 * (await gzipBytes(floats(2 * blockBytes))));
    const images = await compressed(noise(2 * blockBytes), { level: 6 });
    expect(images.object.length - 2 * blockBytes).toBeLessThan(2048);
  });

  async function gzipBytes(raw: Buffer): Promise<number> {
    return execFileSync('gzip', ['-6'], { input: raw, maxBuffer: 16 * blockBytes }).length;
  }
});

describe('As zstd', () => {
  it('it is one frame, whose header has the size of its content and whose end has a checksum', async () => {
    const raw = Buffer.concat([prose(11 * blockBytes), noise(9 * blockBytes)]);
    const { object, result } = await compressed(raw, { codec: 'zstd', level: 3 });
    // RFC 8878, section 3.1.1.1: the magic number, then two bits for the width of the size, one for a single segment, one for the checksum.
    expect(object.readUInt32LE(0)).toBe(0xfd2fb528);
    const descriptor = object.readUInt8(4);
    expect([descriptor >> 6, (descriptor >> 2) & 1]).toEqual([2, 1]);
    expect(object.readUInt32LE((descriptor >> 5) & 1 ? 5 : 6)).toBe(raw.length);
    expect(result.memberSizes).toBeUndefined();
    // Node's decompressor stops after the first frame.
    expect(zstdDecompressSync(object).equals(raw)).toBe(true);
    const flipped = Buffer.from(object);
    flipped[object.length - 1] = (flipped[object.length - 1] ?? 0) ^ 1;
    expect(() => zstdDecompressSync(flipped)).toThrow(/checksum/);
  });
});

describe('compressFile', () => {
  it.each(codecs)('writes a private file as %s and tells what is in it', async (codec) => {
    await using folder = await makeTempFolder();
    const [from, to] = [join(folder.path, 'raw'), join(folder.path, 'object')];
    const raw = prose(2 * blockBytes + 99);
    await writeFile(from, raw);
    const result = await compressFile(from, to, { codec, level: 3 });
    const object = await readFile(to);
    expect(result).toMatchObject(factsOf(raw, object));
    expect(decompressSync[codec](object).equals(raw)).toBe(true);
    expect((await stat(to)).mode & 0o777).toBe(0o600);
  });

  it('never writes over an existing file', async () => {
    await using folder = await makeTempFolder();
    const [from, to] = [join(folder.path, 'from'), join(folder.path, 'to')];
    await writeFile(from, 'new');
    await writeFile(to, 'old');
    await expect(compressFile(from, to, { codec: 'gzip', level: 1 })).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(to, 'utf8')).toBe('old');
  });
});
