import { open } from 'node:fs/promises';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Codec } from '../../domain/compression.ts';
import { privateFile, writeWhole } from '../platform/atomic-file.ts';
import { asDamage } from './damage.ts';
import { type Fingerprint, startFingerprint } from './digest.ts';
import { gunzipMembers } from './gzip-members.ts';
import { blockBytes, inBlocks, layOver, type Overlay } from './raw-blocks.ts';

export interface DecompressOptions {
  readonly codec: Codec;
  /** The compressed sizes of a gzip file's members in order; without them it is decompressed on one core. */
  readonly memberSizes?: readonly number[] | undefined;
  /** Laid over the raw bytes before they are digested and written. */
  readonly overlay?: Overlay | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Compressed bytes taken in so far. */
  readonly onBytes?: (doneBytes: number) => void;
}

export interface Decompressed {
  /** What was written. */
  readonly raw: Fingerprint;
  /** What came in. */
  readonly object: Fingerprint;
}

/**
 * Decompresses an object into a file, which must not exist, and digests both sides in the same pass. Memory is bounded at any size. The
 * file is not flushed to the disk: most are only looked at. Throws `digest-mismatch` for bytes that do not decompress, the error of `object` where that ends with one, and leaves the
 * file then as far as it got.
 */
export async function decompressToFile(object: AsyncIterable<Buffer>, rawPath: string, options: DecompressOptions): Promise<Decompressed> {
  const target = await open(rawPath, 'wx', privateFile);
  try {
    const incoming = digested(object, options);
    const below = rawBlocks(incoming.blocks, options);
    const rawDigest = startFingerprint();
    for await (const block of options.overlay ? layOver(below, options.overlay) : below) {
      const written = writeWhole(target, block);
      rawDigest.update(block);
      await written;
    }
    return { raw: rawDigest.finish(), object: incoming.finish() };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw asDamage(error, 'it does not decompress');
  } finally {
    await target.close();
  }
}

/** The blocks that come in, digested as they pass. */
function digested(object: AsyncIterable<Buffer>, { onBytes, signal }: DecompressOptions) {
  const digest = startFingerprint();
  let bytes = 0;
  async function* pass() {
    for await (const block of object) {
      signal?.throwIfAborted();
      digest.update(block);
      bytes += block.length;
      onBytes?.(bytes);
      yield block;
    }
  }
  return { blocks: pass(), finish: digest.finish };
}

function rawBlocks(object: AsyncIterable<Buffer>, { codec, memberSizes }: DecompressOptions): AsyncIterable<Buffer> {
  if (codec === 'zstd') return inBlocks(through(object, createZstdDecompress({ chunkSize: blockBytes })));
  return memberSizes === undefined
    ? inBlocks(through(object, createGunzip({ chunkSize: blockBytes })))
    : gunzipMembers(object, memberSizes);
}

/** What a decoder makes of a stream. An error of either ends both. */
async function* through(object: AsyncIterable<Buffer>, decoder: Duplex): AsyncGenerator<Buffer> {
  const done = pipeline(Readable.from(object, { objectMode: false, highWaterMark: blockBytes }), decoder);
  // The decoder is read to its end, and fails with whatever fails first.
  done.catch(() => {});
  yield* decoder as AsyncIterable<Buffer>;
  await done;
}
