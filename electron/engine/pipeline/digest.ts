import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What is known of bytes that went by. */
export interface Digests {
  readonly bytes: number;
  readonly sha256: string;
  readonly md5: string;
}

/** Digests of bytes that are on their way to somewhere; `finish` may be called once. */
export interface Digester {
  update(block: Uint8Array): void;
  finish(): Digests;
}

/** SHA-256 is ours; MD5 is what Drive gives for every file. */
export function startDigests(): Digester {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let bytes = 0;
  return {
    update: (block) => {
      sha256.update(block);
      md5.update(block);
      bytes += block.length;
    },
    finish: () => ({ bytes, sha256: sha256.digest('hex'), md5: md5.digest('hex') }),
  };
}

/** Digests everything that a source of blocks gives. */
export async function digestBlocks(blocks: AsyncIterable<Uint8Array>, onBytes: (total: number) => void = () => {}): Promise<Digests> {
  const digester = startDigests();
  let total = 0;
  for await (const block of blocks) {
    digester.update(block);
    total += block.length;
    onBytes(total);
  }
  return digester.finish();
}

/** Digests a file. Not for a database that this process has open (see readFileHeader). */
export function digestFile(path: string, signal?: AbortSignal): Promise<Digests> {
  return digestBlocks(createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) }));
}
