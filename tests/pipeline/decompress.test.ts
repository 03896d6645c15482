import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../electron/domain/compression.ts';
import { compressFile } from '../../electron/engine/pipeline/compress.ts';
import { type DecompressOptions, decompressToFile } from '../../electron/engine/pipeline/decompress.ts';
import { blockBytes } from '../../electron/engine/pipeline/raw-blocks.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { compressed, factsOf, largeInputs, noise, piecesOf, prose, smallInputs } from './sample-bytes.ts';

/** The ways an object comes back: by its index, where gzip has one, or as one stream. */
const ways: readonly (readonly [name: string, codec: Codec, isByIndex: boolean])[] = [
  ['gzip by its index', 'gzip', true],
  ['gzip as a stream', 'gzip', false],
  ['zstd', 'zstd', false],
];

/** Bytes cut, changed in one place, or added to, most of them where parts begin and end. */
function damagesOf(object: Buffer, ends: readonly number[]) {
  const positions = fc.oneof(
    fc.nat(object.length - 1),
    ...[0, ...ends].map((end) => fc.integer({ min: Math.max(0, end - 12), max: Math.min(object.length - 1, end + 12) })),
  );
  return fc.oneof(
    positions.map((at) => object.subarray(0, at)),
    fc.tuple(positions, fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
      const flipped = Buffer.from(object);
      flipped[at] = (flipped[at] ?? 0) ^ mask;
      return flipped;
    }),
    fc.tuple(fc.nat(255), fc.constantFrom(1, 100, 700_000)).map(([value, bytes]) => Buffer.concat([object, Buffer.alloc(bytes, value)])),
  );
}

describe.each(ways)('decompressToFile of %s', (_, codec, isByIndex) => {
  it('gives back what compressFile took, both with the same digests, in a private file', async () => {
    await using folder = await makeTempFolder();
    const [raw, object, back] = ['raw', 'object', 'back'].map((name) => join(folder.path, name)) as [string, string, string];
    await fc.assert(
      fc.asyncProperty(fc.oneof(smallInputs, largeInputs), fc.integer({ min: 1, max: 200_000 }), async (bytes, pieceSize) => {
        await Promise.all([object, back].map((path) => rm(path, { force: true })));
        await writeFile(raw, bytes);
        const packed = await compressFile(raw, object, { codec, level: 1 });
        const size = bytes.length < 1000 ? 1 + (pieceSize % 7) : pieceSize;
        const options = { codec, memberSizes: isByIndex ? packed.memberSizes : undefined };
        const unpacked = await decompressToFile(piecesOf(await readFile(object), size), back, options);
        const { md5: _md5, ...objectFacts } = packed.object;
        expect(unpacked).toEqual({ raw: packed.raw, object: objectFacts });
        expect((await readFile(back)).equals(bytes)).toBe(true);
        expect((await stat(back)).mode & 0o777).toBe(0o600);
      }),
      { numRuns: 40 },
    );
  });

  it('never silently gives the same for an object that was cut, changed or added to', async () => {
    await using folder = await makeTempFolder();
    const back = join(folder.path, 'back');
    const raw = noise(2 * blockBytes + 5000, 7).fill('night ', 3000, blockBytes);
    const { object, result } = await compressed(raw, { codec });
    const sizes = result.memberSizes ?? [object.length];
    const ends = sizes.map((_size, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0));
    await fc.assert(
      fc.asyncProperty(damagesOf(object, ends), async (damaged) => {
        await rm(back, { force: true });
        const options = { codec, memberSizes: isByIndex ? sizes : undefined };
        const outcome = await decompressToFile(piecesOf(damaged), back, options).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'digest-mismatch' });
          return null;
        });
        if (outcome === null) return;
        expect(outcome.object.sha256).not.toBe(result.object.sha256);
        expect(outcome.raw).toEqual(factsOf(await readFile(back), damaged).raw);
      }),
      { numRuns: 150 },
    );
  });

  it('ends with the reason of the signal, in the middle', async () => {
    await using folder = await makeTempFolder();
    const controller = new AbortController();
    const reason = new Error('enough');
    const { object } = await compressed(noise(14 * blockBytes), { codec });
    const done = decompressToFile(piecesOf(object), join(folder.path, 'back'), {
      codec,
      signal: controller.signal,
      onBytes: (bytes) => bytes >= blockBytes && controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
  });

  it('ends with the error of its source', async () => {
    await using folder = await makeTempFolder();
    const failure = new Error('the disk is gone');
    const { object, result } = await compressed(noise(3 * blockBytes), { codec });
    async function* failing() {
      yield object.subarray(0, blockBytes + 1000);
      throw failure;
    }
    const options = { codec, memberSizes: isByIndex ? result.memberSizes : undefined };
    await expect(decompressToFile(failing(), join(folder.path, 'back'), options)).rejects.toBe(failure);
  });

  it('lays pages over it, and makes it as long as it is to be', async () => {
    await using folder = await makeTempFolder();
    const base = noise(2 * blockBytes + 8192, 3);
    const { object, result } = await compressed(base, { codec });
    const options = { codec, memberSizes: isByIndex ? result.memberSizes : undefined };
    const lengths = [0, 4096, blockBytes - 4096, 2 * blockBytes, base.length, base.length + 4096, 4 * blockBytes, 4 * blockBytes + 4096];
    for (const bytes of lengths) {
      // Every seventh page is another one, and all that are new.
      const wanted = Buffer.alloc(bytes);
      base.copy(wanted);
      const changed = Array.from({ length: bytes / 4096 }, (_page, at) => at * 4096).filter((at) => at % 7 === 0 || at >= base.length);
      for (const at of changed) noise(4096, at).copy(wanted, at);
      const apply = (block: Buffer, offset: number) => {
        const within = changed.filter((at) => at >= offset && at < offset + block.length);
        for (const at of within) noise(4096, at).copy(block, at - offset);
      };
      const back = join(folder.path, `of-${bytes}`);
      const unpacked = await decompressToFile(piecesOf(object), back, { ...options, overlay: { bytes, apply } });
      expect(await readFile(back).then((found) => found.equals(wanted)), `${bytes} bytes`).toBe(true);
      expect(unpacked.raw).toEqual(factsOf(wanted, object).raw);
      expect(unpacked.object.sha256).toBe(result.object.sha256);
    }
  });
});

describe('decompressToFile', () => {
  it.each<[string, (sizes: readonly number[]) => readonly number[], RegExp]>([
    ['lacks its last member', (sizes) => sizes.slice(0, -1), /goes on where it should end/],
    ['has one too many', (sizes) => [...sizes, 100], /ends in part 4 of 4/],
    ['is empty', () => [], /goes on where it should end/],
    [
      'cuts in the wrong place',
      ([first = 0, second = 0, ...rest]) => [first + 1, second - 1, ...rest],
      /part [12] of 3 does not decompress/,
    ],
    ['takes two members for one', ([first = 0, second = 0, ...rest]) => [first + second, ...rest], /part 1 of 2 does not decompress/],
    ['cuts a member in two', ([first = 0, ...rest]) => [9, first - 9, ...rest], /part [12] of 4 does not decompress/],
  ])('refuses an index that %s', async (_, change, message) => {
    await using folder = await makeTempFolder();
    const { object, result } = await compressed(prose(2 * blockBytes + 5000), { level: 6 });
    const done = decompressToFile(piecesOf(object), join(folder.path, 'back'), {
      codec: 'gzip',
      memberSizes: change(result.memberSizes ?? []),
    });
    await expect(done).rejects.toMatchObject({ code: 'digest-mismatch', message: expect.stringMatching(message) });
  });

  it('refuses members of another size than a block', async () => {
    await using folder = await makeTempFolder();
    const [short, rest] = await Promise.all([compressed(prose(5000)), compressed(prose(100))]);
    const done = decompressToFile(piecesOf(Buffer.concat([short.object, rest.object])), join(folder.path, 'back'), {
      codec: 'gzip',
      memberSizes: [short.object.length, rest.object.length],
    });
    const message = 'part 1 of 2 decompresses to 5000 bytes instead of 1048576';
    await expect(done).rejects.toMatchObject({ code: 'digest-mismatch', message });
  });

  it('never writes over an existing file', async () => {
    await using folder = await makeTempFolder();
    const to = join(folder.path, 'to');
    await writeFile(to, 'old');
    const options: DecompressOptions = { codec: 'gzip' };
    await expect(decompressToFile(piecesOf((await compressed(noise(5))).object), to, options)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(to, 'utf8')).toBe('old');
  });
});
