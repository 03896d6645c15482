import { open } from 'node:fs/promises';
import type { Codec } from '../../domain/compression.ts';
import { privateFile, writeWhole } from '../platform/atomic-file.ts';
import { type Digests, type Fingerprint, startDigests, startFingerprint } from './digest.ts';
import { gzipMembers } from './gzip-members.ts';
import { type FillBlock, fillFrom } from './raw-blocks.ts';
import { zstdFrame } from './zstd-frame.ts';

export interface CompressOptions {
  readonly codec: Codec;
  /** One of the codec's levels. */
  readonly level: number;
  readonly signal?: AbortSignal | undefined;
  /** Raw bytes read so far. */
  readonly onBytes?: (doneBytes: number) => void;
  /** Sees all raw bytes in order, in pieces of any length that are valid during the call alone. */
  readonly onBlock?: (block: Buffer, offset: number) => void;
}

export interface Compressed {
  readonly raw: Fingerprint;
  readonly object: Digests;
  /** The compressed sizes of the members in order, by which a restore decompresses them in parallel; gzip alone has them. */
  readonly memberSizes?: readonly number[];
}

/** Compresses one file into another, which must not exist, and flushes it to the disk. All digests come from the same pass. */
export async function compressFile(rawPath: string, targetPath: string, options: CompressOptions): Promise<Compressed> {
  const source = await open(rawPath, 'r');
  try {
    const target = await open(targetPath, 'wx', privateFile);
    try {
      const { size } = await source.stat();
      const result = await compressBlocks(fillFrom(source), size, (piece) => writeWhole(target, piece), options);
      await target.sync();
      return result;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Compresses what `fillBlock` reads, `rawBytes` in all, and gives the pieces to `write` in order. Memory is bounded at any size. */
export async function compressBlocks(
  fillBlock: FillBlock,
  rawBytes: number,
  write: (piece: Buffer) => Promise<void>,
  options: CompressOptions,
): Promise<Compressed> {
  const rawDigest = startFingerprint();
  const objectDigest = startDigests();
  const sizes: number[] = [];
  let bytes = 0;
  const fillAndDigest: FillBlock = async (buffer) => {
    options.signal?.throwIfAborted();
    const block = await fillBlock(buffer);
    rawDigest.update(block);
    options.onBlock?.(block, bytes);
    bytes += block.length;
    if (block.length > 0) options.onBytes?.(bytes);
    return block;
  };
  const { codec, level } = options;
  const pieces = codec === 'gzip' ? gzipMembers(fillAndDigest, level) : zstdFrame(fillAndDigest, level, rawBytes);
  for await (const piece of pieces) {
    const written = write(piece);
    objectDigest.update(piece);
    sizes.push(piece.length);
    await written;
  }
  return { raw: rawDigest.finish(), object: objectDigest.finish(), ...(codec === 'gzip' ? { memberSizes: sizes } : {}) };
}
