import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { privateFile, writeWhole } from '../platform/atomic-file.ts';
import { type Digests, startDigests } from './digest.ts';

/** Each member is the compressed form of this much, so that members can be made on all cores at once. */
export const memberBytes = 1024 * 1024;

const compress = promisify(gzip);

export interface CompressOptions {
  /** 1 (fast) to 9 (small). */
  readonly level: number;
  readonly signal?: AbortSignal | undefined;
  /** Raw bytes read so far. */
  readonly onBytes?: (doneBytes: number) => void;
}

export interface Compressed {
  readonly raw: { readonly bytes: number; readonly sha256: string };
  readonly object: Digests;
}

/** Enough that no core waits for the one block that is being written; a bound all the same, so that memory does not grow. */
function blocksInFlight(): number {
  return Math.min(32, Math.max(8, 4 * availableParallelism()));
}

/**
 * Compresses blocks into independent gzip members, in parallel on the thread pool, and gives them to `write` in order (RFC 1952,
 * section 2.2: a gzip file is one member or more). All digests come from the same pass. Memory is bounded by a fixed number of blocks.
 * A `read` fills the buffer it is given and resolves to the number of bytes, 0 at the end.
 */
export async function compressMembers(
  read: (buffer: Buffer) => Promise<number>,
  write: (member: Buffer) => Promise<void>,
  options: CompressOptions,
): Promise<Compressed> {
  const rawDigest = createHash('sha256');
  const objectDigest = startDigests();
  const inFlight: { member: Promise<Buffer>; buffer: Buffer<ArrayBuffer> }[] = [];
  const free: Buffer<ArrayBuffer>[] = Array.from({ length: blocksInFlight() }, () => Buffer.allocUnsafeSlow(memberBytes));
  let rawBytes = 0;

  const writeOldest = async () => {
    const oldest = inFlight.shift();
    if (!oldest) return;
    const member = await oldest.member;
    free.push(oldest.buffer);
    objectDigest.update(member);
    await write(member);
  };

  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const buffer = free.pop() as Buffer<ArrayBuffer>;
      const filled = await fill(read, buffer);
      // An empty input is still a gzip file: one member of nothing.
      if (filled === 0 && rawBytes > 0) break;
      const block = buffer.subarray(0, filled);
      rawDigest.update(block);
      rawBytes += filled;
      inFlight.push({ member: compress(block, { level: options.level, memLevel: 9 }), buffer });
      if (free.length === 0) await writeOldest();
      options.onBytes?.(rawBytes);
      if (filled < memberBytes) break;
    }
    while (inFlight.length > 0) await writeOldest();
  } finally {
    await Promise.allSettled(inFlight.map(({ member }) => member));
  }
  return { raw: { bytes: rawBytes, sha256: rawDigest.digest('hex') }, object: objectDigest.finish() };
}

/** Compresses one file into another, which must not exist, and flushes it to the disk. */
export async function compressFile(rawPath: string, gzipPath: string, options: CompressOptions): Promise<Compressed> {
  const source = await open(rawPath, 'r');
  try {
    const target = await open(gzipPath, 'wx', privateFile);
    try {
      const result = await compressMembers(
        async (buffer) => (await source.read(buffer, 0, buffer.length)).bytesRead,
        (member) => writeWhole(target, member),
        options,
      );
      await target.sync();
      return result;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

export interface DecompressOptions {
  readonly signal?: AbortSignal | undefined;
  /** Compressed bytes taken in so far. */
  readonly onBytes?: (doneBytes: number) => void;
}

/** Decompresses an object into a file, which must not exist, flushes it, and digests both sides in the same pass. */
export async function decompressToFile(object: AsyncIterable<Buffer>, rawPath: string, options: DecompressOptions): Promise<Compressed> {
  const objectDigest = startDigests();
  const rawDigest = createHash('sha256');
  let objectBytes = 0;
  let rawBytes = 0;
  const target = await open(rawPath, 'wx', privateFile);
  try {
    const countObject = new Transform({
      transform(block: Buffer, _encoding, done) {
        objectDigest.update(block);
        objectBytes += block.length;
        options.onBytes?.(objectBytes);
        done(null, block);
      },
    });
    const writeRaw = async (blocks: AsyncIterable<Buffer>) => {
      for await (const block of blocks) {
        rawDigest.update(block);
        rawBytes += block.length;
        await writeWhole(target, block);
      }
    };
    const source = Readable.from(object, { objectMode: false, highWaterMark: memberBytes });
    const gunzip = createGunzip({ chunkSize: 256 * 1024 });
    await pipeline(source, countObject, gunzip, writeRaw, ...(options.signal ? [{ signal: options.signal }] : []));
    await target.sync();
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await target.close();
  }
  return { raw: { bytes: rawBytes, sha256: rawDigest.digest('hex') }, object: objectDigest.finish() };
}

async function fill(read: (buffer: Buffer) => Promise<number>, buffer: Buffer): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const bytes = await read(buffer.subarray(filled));
    if (bytes === 0) break;
    filled += bytes;
  }
  return filled;
}
