import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, gunzip, gzip, type ZlibOptions } from 'node:zlib';
import { BackupError } from '../../domain/errors.ts';
import { type BlockTexture, textureOf } from './block-texture.ts';
import { asDamage } from './damage.ts';
import { blockBytes, type FillBlock } from './raw-blocks.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What a member of gzip has beyond its bytes at most, where nothing in it compresses: headers of stored blocks, a header and a trailer. */
export const worstMemberBytes = blockBytes + 2048;

/** Enough that no core waits for the one block that is being written; a bound all the same, so that memory does not grow. */
function membersInFlight(): number {
  return Math.min(32, Math.max(8, 4 * availableParallelism()));
}

/**
 * Compresses raw blocks into independent gzip members, in parallel on the thread pool, and yields them in order (RFC 1952, section 2.2:
 * a gzip file is one member or more). Each is the compressed form of one block. Memory is bounded by a fixed number of blocks.
 */
export async function* gzipMembers(fillBlock: FillBlock, level: number): AsyncGenerator<Buffer> {
  const free = Array.from({ length: membersInFlight() }, () => Buffer.allocUnsafeSlow(blockBytes));
  const inFlight: { readonly member: Promise<Buffer>; readonly buffer: Buffer<ArrayBuffer> }[] = [];
  let started = 0;
  let isAtEnd = false;
  try {
    while (!isAtEnd || inFlight.length > 0) {
      const buffer = isAtEnd ? undefined : free.pop();
      if (buffer === undefined) {
        const oldest = inFlight.shift();
        if (oldest === undefined) return;
        yield await oldest.member;
        free.push(oldest.buffer);
        continue;
      }
      const block = await fillBlock(buffer);
      isAtEnd = block.length < blockBytes;
      // An empty input is still a gzip file: one member of nothing.
      if (block.length === 0 && started > 0) continue;
      inFlight.push({ member: settled(compress(block, gzipOptions(textureOf(block), level))), buffer });
      started++;
    }
  } finally {
    await Promise.allSettled(inFlight.map(({ member }) => member));
  }
}

/** How a block is compressed: what a search for strings gains nothing on is spared the search. */
function gzipOptions(texture: BlockTexture, level: number): ZlibOptions {
  // One call on the thread pool for a whole member, instead of one for every 16 KiB of it.
  const whole = { chunkSize: worstMemberBytes, memLevel: 9 };
  switch (texture) {
    case 'repeating':
      return { ...whole, level };
    case 'uneven':
      return { ...whole, level, strategy: constants.Z_RLE };
    case 'noise':
      return { ...whole, level: constants.Z_NO_COMPRESSION };
  }
}

/**
 * The reverse of gzipMembers, in parallel as well: `sizes` are the compressed sizes of the members in order, each of which holds a
 * block of `blockBytes`, the last perhaps less. Throws `digest-mismatch` for members that are not what the sizes say.
 */
export async function* gunzipMembers(object: AsyncIterable<Buffer>, sizes: readonly number[]): AsyncGenerator<Buffer> {
  const inFlight: Promise<Buffer>[] = [];
  let started = 0;
  try {
    for await (const member of cutAt(object, sizes)) {
      inFlight.push(settled(gunzipMember(member, ++started, sizes.length)));
      const oldest = inFlight.length < membersInFlight() ? undefined : inFlight.shift();
      if (oldest) yield await oldest;
    }
    for (let oldest = inFlight.shift(); oldest; oldest = inFlight.shift()) yield await oldest;
  } finally {
    await Promise.allSettled(inFlight);
  }
}

async function gunzipMember(member: Buffer, number: number, members: number): Promise<Buffer> {
  const block = await decompress(member, { chunkSize: worstMemberBytes, maxOutputLength: blockBytes }).catch((error: unknown) => {
    throw asDamage(error, `part ${number} of ${members} does not decompress`);
  });
  if (block.length === blockBytes || number === members) return block;
  throw new BackupError('digest-mismatch', `part ${number} of ${members} decompresses to ${block.length} bytes instead of ${blockBytes}`);
}

/** The pieces of a stream that have these sizes, in order. Throws `digest-mismatch` where the stream has less, or more. */
async function* cutAt(stream: AsyncIterable<Buffer>, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let cut = 0;
  let parts: Buffer[] = [];
  let wanted = sizes[0] ?? 0;
  for await (const block of stream) {
    let rest = block;
    while (cut < sizes.length && rest.length >= wanted) {
      yield Buffer.concat([...parts, rest.subarray(0, wanted)]);
      rest = rest.subarray(wanted);
      parts = [];
      wanted = sizes[++cut] ?? 0;
    }
    if (rest.length === 0) continue;
    if (cut === sizes.length) throw new BackupError('digest-mismatch', 'it goes on where it should end');
    parts.push(rest);
    wanted -= rest.length;
  }
  if (cut < sizes.length) throw new BackupError('digest-mismatch', `it ends in part ${cut + 1} of ${sizes.length}`);
}

/** The same promise, whose failure waits for the one who comes to take it. */
function settled<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {});
  return work;
}
