import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { worstCompressedBytes } from '../../electron/domain/disk-guard.ts';
import { type Compressed, compressFile, compressMembers, decompressToFile, memberBytes } from '../../electron/engine/pipeline/gzip.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const digest = (algorithm: 'sha256' | 'md5', bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');
const factsOf = (raw: Buffer, object: Buffer): Compressed => ({
  raw: { bytes: raw.length, sha256: digest('sha256', raw) },
  object: { bytes: object.length, sha256: digest('sha256', object), md5: digest('md5', object) },
});

/** Reads a buffer in pieces of at most the sizes given, over and over. */
function readerOf(raw: Buffer, sizes: readonly number[]): (buffer: Buffer) => Promise<number> {
  let position = 0;
  let call = 0;
  return async (buffer) => {
    const size = sizes[call++ % sizes.length] ?? 1;
    const copied = raw.copy(buffer, 0, position, Math.min(raw.length, position + size));
    position += copied;
    return copied;
  };
}

async function compressed(
  raw: Buffer,
  sizes: readonly number[] = [memberBytes],
  level = 1,
): Promise<{ object: Buffer; result: Compressed }> {
  const members: Buffer[] = [];
  const result = await compressMembers(readerOf(raw, sizes), async (member) => void members.push(member), { level });
  return { object: Buffer.concat(members), result };
}

async function* blocksOf(bytes: Buffer, size: number = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Noise that no codec shortens, the same for the same seed. */
function noise(bytes: number, seed = 0): Buffer {
  const key = Buffer.alloc(16);
  key.writeInt32LE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** Sizes around the ends of members, with bytes that are partly noise and partly not. */
const largeInputs = fc
  .record({
    members: fc.nat(4),
    around: fc.integer({ min: -3, max: 3 }),
    more: fc.constantFrom(0, 0, 123_457),
    seed: fc.integer(),
    quietFrom: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ members, around, more, seed, quietFrom }) => {
    const raw = noise(Math.max(0, members * memberBytes + around + more), seed);
    return raw.fill(seed & 0xff, Math.floor(raw.length * quietFrom));
  });
const readSizes = fc.array(fc.oneof(fc.constant(memberBytes), fc.integer({ min: 8191, max: 2 * memberBytes })), {
  minLength: 1,
  maxLength: 5,
});
const smallInputs = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));

describe('compressMembers gives what gunzip reads, with right digests,', () => {
  it('for any bytes in reads of any size, byte by byte too', async () => {
    await fc.assert(
      fc.asyncProperty(
        smallInputs,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        async (raw, sizes, level) => {
          const { object, result } = await compressed(raw, sizes, level);
          expect(gunzipSync(object).equals(raw)).toBe(true);
          expect(result).toEqual(factsOf(raw, object));
        },
      ),
    );
  });

  it('for several members of any size', async () => {
    await fc.assert(
      fc.asyncProperty(largeInputs, readSizes, async (raw, sizes) => {
        const { object, result } = await compressed(raw, sizes);
        expect(gunzipSync(object).equals(raw)).toBe(true);
        expect(result).toEqual(factsOf(raw, object));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['nothing', 0],
    ['one byte', 1],
    ['a member less a byte', memberBytes - 1],
    ['just a member', memberBytes],
    ['a member and a byte', memberBytes + 1],
    ['more than three members', 3 * memberBytes + 777],
  ])('for %s, read by the gunzip of the system', async (_, bytes) => {
    const raw = noise(bytes).fill('night ', 0, Math.floor(bytes / 2));
    const { object } = await compressed(raw, [100_000]);
    expect(execFileSync('gunzip', ['-c'], { input: object, maxBuffer: 8 * memberBytes }).equals(raw)).toBe(true);
  });

  it('never more of it than the disk guard plans for', async () => {
    for (const level of [1, 6, 9]) {
      for (const bytes of [0, 1, 3 * memberBytes + 1]) {
        const { object } = await compressed(noise(bytes), [memberBytes], level);
        expect(object.length, `${bytes} bytes at level ${level}`).toBeLessThanOrEqual(worstCompressedBytes(bytes));
      }
    }
  });

  it('and says how much it has read', async () => {
    const seen: number[] = [];
    await compressMembers(readerOf(noise(2 * memberBytes + 5), [memberBytes]), async () => {}, {
      level: 1,
      onBytes: (bytes) => seen.push(bytes),
    });
    expect(seen).toEqual([memberBytes, 2 * memberBytes, 2 * memberBytes + 5]);
  });
});

describe('compressMembers ends', () => {
  it('with the reason of the signal, in the middle', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const done = compressMembers(readerOf(noise(8 * memberBytes), [memberBytes]), async () => {}, {
      level: 1,
      signal: controller.signal,
      onBytes: (bytes) => bytes >= 3 * memberBytes && controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
  });

  it.each(['read', 'write'] as const)('with the error of a %s that fails in the middle', async (place) => {
    const failure = new Error(`cannot ${place}`);
    const reader = readerOf(noise(40 * memberBytes), [memberBytes]);
    let calls = 0;
    const failThird = () => {
      if (++calls === 3) throw failure;
    };
    const done = compressMembers(
      async (buffer) => {
        if (place === 'read') failThird();
        return reader(buffer);
      },
      async () => {
        if (place === 'write') failThird();
      },
      { level: 1 },
    );
    await expect(done).rejects.toBe(failure);
  });

  it('as compressFile, with the reason of the signal', async () => {
    await using folder = await makeTempFolder();
    const controller = new AbortController();
    const reason = new Error('enough');
    await writeFile(join(folder.path, 'raw'), noise(4 * memberBytes));
    const done = compressFile(join(folder.path, 'raw'), join(folder.path, 'object'), {
      level: 1,
      signal: controller.signal,
      onBytes: () => controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
  });
});

describe('decompressToFile', () => {
  it('gives back what compressFile took, both with the same digests, in private files', async () => {
    await using folder = await makeTempFolder();
    const [raw, object, back] = ['raw', 'object', 'back'].map((name) => join(folder.path, name)) as [string, string, string];
    await fc.assert(
      fc.asyncProperty(fc.oneof(smallInputs, largeInputs), fc.integer({ min: 1, max: 200_000 }), async (bytes, blockSize) => {
        await Promise.all([object, back].map((path) => rm(path, { force: true })));
        await writeFile(raw, bytes);
        const packed = await compressFile(raw, object, { level: 1 });
        const size = bytes.length < 1000 ? 1 + (blockSize % 7) : blockSize;
        const unpacked = await decompressToFile(blocksOf(await readFile(object), size), back, {});
        expect(unpacked).toEqual(packed);
        expect((await readFile(back)).equals(bytes)).toBe(true);
        expect(await Promise.all([object, back].map(async (path) => (await stat(path)).mode & 0o777))).toEqual([0o600, 0o600]);
      }),
      { numRuns: 40 },
    );
  });

  it('never silently gives the same for an object that was cut, changed or added to', async () => {
    await using folder = await makeTempFolder();
    const back = join(folder.path, 'back');
    const raw = noise(memberBytes + 5000, 7).fill('night ', 3000);
    const { object, result } = await compressed(raw);
    const secondMember = object.indexOf(Buffer.from([0x1f, 0x8b, 0x08]), 100);
    const positions = fc.oneof(
      fc.nat(object.length - 1),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: secondMember - 9, max: secondMember + 12 }),
    );
    const damages = fc.oneof(
      positions.map((at) => object.subarray(0, at)),
      fc.tuple(positions, fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
        const flipped = Buffer.from(object);
        flipped[at] = (flipped[at] ?? 0) ^ mask;
        return flipped;
      }),
      fc.tuple(fc.nat(255), fc.constantFrom(1, 100, 700_000)).map(([value, bytes]) => Buffer.concat([object, Buffer.alloc(bytes, value)])),
    );
    expect(secondMember).toBeGreaterThan(100);
    await fc.assert(
      fc.asyncProperty(damages, async (damaged) => {
        await rm(back, { force: true });
        const outcome = await decompressToFile(blocksOf(damaged), back, {}).catch(() => null);
        if (outcome === null) return;
        expect(outcome.object).toEqual(factsOf(raw, damaged).object);
        expect(outcome.object.sha256).not.toBe(result.object.sha256);
        expect(outcome.raw.sha256).toBe(digest('sha256', await readFile(back)));
      }),
      { numRuns: 150 },
    );
  });

  it('ends with the reason of the signal, in the middle', async () => {
    await using folder = await makeTempFolder();
    const controller = new AbortController();
    const reason = new Error('enough');
    const { object } = await compressed(noise(4 * memberBytes));
    const done = decompressToFile(blocksOf(object), join(folder.path, 'back'), {
      signal: controller.signal,
      onBytes: (bytes) => bytes >= memberBytes && controller.abort(reason),
    });
    await expect(done).rejects.toBe(reason);
  });

  it('ends with the error of its source', async () => {
    await using folder = await makeTempFolder();
    const failure = new Error('the disk is gone');
    async function* failing() {
      yield (await compressed(noise(5000))).object.subarray(0, 1000);
      throw failure;
    }
    await expect(decompressToFile(failing(), join(folder.path, 'back'), {})).rejects.toBe(failure);
  });
});

describe('an existing file is never written over', () => {
  it.each<[string, (from: string, to: string) => Promise<unknown>]>([
    ['compressFile', (from, to) => compressFile(from, to, { level: 1 })],
    ['decompressToFile', async (from, to) => decompressToFile(blocksOf((await compressed(await readFile(from))).object), to, {})],
  ])('by %s', async (_, act) => {
    await using folder = await makeTempFolder();
    const [from, to] = [join(folder.path, 'from'), join(folder.path, 'to')];
    await writeFile(from, 'new');
    await writeFile(to, 'old');
    await expect(act(from, to)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(to, 'utf8')).toBe('old');
  });
});
