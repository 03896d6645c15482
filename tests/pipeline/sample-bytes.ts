import { createCipheriv, createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Codec } from '../../electron/domain/compression.ts';
import { type Compressed, compressBlocks } from '../../electron/engine/pipeline/compress.ts';
import { blockBytes, fillFrom } from '../../electron/engine/pipeline/raw-blocks.ts';

const digest = (algorithm: 'sha256' | 'md5', bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

/** What compression has to say of these bytes. */
export const factsOf = (raw: Buffer, object: Buffer) => ({
  raw: { bytes: raw.length, sha256: digest('sha256', raw) },
  object: { bytes: object.length, sha256: digest('sha256', object), md5: digest('md5', object) },
});

/** A file that gives in one read at most the sizes given, over and over. */
export function stingyFile(raw: Buffer, sizes: readonly number[]) {
  let position = 0;
  let call = 0;
  const read = async (buffer: Buffer, offset: number, length: number) => {
    const size = Math.min(length, sizes[call++ % sizes.length] ?? 1);
    const bytesRead = raw.copy(buffer, offset, position, Math.min(raw.length, position + size));
    position += bytesRead;
    return { bytesRead, buffer };
  };
  return { read } as unknown as Parameters<typeof fillFrom>[0];
}

/** An object in memory, and what was said of it. */
export async function compressed(
  raw: Buffer,
  { codec = 'gzip', level = 1, sizes = [blockBytes] }: { codec?: Codec; level?: number; sizes?: readonly number[] } = {},
): Promise<{ object: Buffer; result: Compressed }> {
  const pieces: Buffer[] = [];
  const write = async (piece: Buffer) => void pieces.push(piece);
  const result = await compressBlocks(fillFrom(stingyFile(raw, sizes)), raw.length, write, { codec, level });
  return { object: Buffer.concat(pieces), result };
}

export async function* piecesOf(bytes: Buffer, size: number = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Noise that no codec shortens, the same for the same seed. */
export function noise(bytes: number, seed = 0): Buffer {
  const key = Buffer.alloc(16);
  key.writeInt32LE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** Random numbers between 0 and 1 as 32-bit floats, as embeddings are stored. */
export function floats(bytes: number, seed = 0): Buffer {
  const random = noise(bytes, seed);
  const result = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) result.writeFloatLE(random.readInt32LE(at) / 2 ** 32, at);
  return result;
}

/** Sentences that repeat themselves as people do, and no two the same. */
export function prose(bytes: number, seed = 0): Buffer {
  const words = [
    'night',
    'jar',
    'the',
    'database',
    'of',
    'owls',
    'is',
    'kept',
    'twice',
    'a',
    'moth',
    'flies',
    'at',
    'dusk',
    'and',
    'sleeps',
  ];
  const random = noise(bytes, seed);
  const text = Array.from({ length: Math.ceil(bytes / 2) }, (_, at) => words[(random[at] ?? 0) % words.length]).join(' ');
  return Buffer.from(text).subarray(0, bytes);
}

/** Sizes around the ends of blocks, with bytes that are partly noise and partly not. */
export const largeInputs = fc
  .record({
    blocks: fc.nat(4),
    around: fc.integer({ min: -3, max: 3 }),
    more: fc.constantFrom(0, 0, 123_457),
    seed: fc.integer(),
    quietFrom: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ blocks, around, more, seed, quietFrom }) => {
    const raw = noise(Math.max(0, blocks * blockBytes + around + more), seed);
    return raw.fill(seed & 0xff, Math.floor(raw.length * quietFrom));
  });
export const smallInputs = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
