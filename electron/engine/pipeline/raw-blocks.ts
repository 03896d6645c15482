import type { FileHandle } from 'node:fs/promises';

/** The unit in which raw bytes go through compression and back; every page size divides it. */
export const blockBytes = 1024 * 1024;

/** Fills a buffer with the next raw bytes and resolves to the part that was filled: all of it, but at the end. */
export type FillBlock = (buffer: Buffer<ArrayBuffer>) => Promise<Buffer<ArrayBuffer>>;

/** Reads a file from its start. One call of the system may give less than was asked for. */
export function fillFrom(file: Pick<FileHandle, 'read'>): FillBlock {
  return async (buffer) => {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
}

/** The same bytes in blocks of `blockBytes`; only the last may be shorter. */
export async function* inBlocks(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  for await (const piece of pieces) {
    let rest = piece;
    while (rest.length > 0) {
      const copied = rest.copy(block, filled);
      rest = rest.subarray(copied);
      filled += copied;
      if (filled < blockBytes) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(blockBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

/** What is laid over raw blocks on their way into a file, as the pages of a delta over its base. */
export interface Overlay {
  /** How long the result is, whether the raw bytes below are more or less. */
  readonly bytes: number;
  /** Changes a block in place; `offset` is where its first byte is in the result. Beyond the bytes below, blocks come as zeros. */
  readonly apply: (block: Buffer, offset: number) => void | Promise<void>;
}

/** The blocks of the result, in order; what lies below is read to its end in any case, since its digest is of all of it. */
export async function* layOver(blocks: AsyncIterable<Buffer>, { apply, bytes }: Overlay): AsyncGenerator<Buffer> {
  let offset = 0;
  const laid = async (block: Buffer) => {
    await apply(block, offset);
    offset += block.length;
    return block;
  };
  const wanted = () => Math.min(blockBytes, bytes - offset);
  for await (const block of blocks) {
    if (wanted() > 0) yield await laid(sized(block, wanted()));
  }
  while (wanted() > 0) yield await laid(Buffer.alloc(wanted()));
}

/** A block cut, or lengthened with zeros. */
function sized(block: Buffer, bytes: number): Buffer {
  if (block.length >= bytes) return block.subarray(0, bytes);
  const longer = Buffer.alloc(bytes);
  block.copy(longer);
  return longer;
}
