import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What bytes are recognised by. */
export interface Fingerprint {
  readonly bytes: number;
  readonly sha256: string;
}

/** What is known of an object: also what Drive computes of every file. */
export interface Digests extends Fingerprint {
  readonly md5: string;
}

/** Digests of bytes that are on their way to somewhere; `finish` may be called once. */
export interface Digester<D> {
  update(block: Uint8Array): void;
  finish(): D;
}

export function startFingerprint(): Digester<Fingerprint> {
  const sha256 = createHash('sha256');
  let bytes = 0;
  return {
    update: (block) => {
      sha256.update(block);
      bytes += block.length;
    },
    finish: () => ({ bytes, sha256: sha256.digest('hex') }),
  };
}

/** MD5 takes three times as long as SHA-256: only for bytes that may go to Drive. */
export function startDigests(): Digester<Digests> {
  const fingerprint = startFingerprint();
  const md5 = createHash('md5');
  return {
    update: (block) => {
      fingerprint.update(block);
      md5.update(block);
    },
    finish: () => ({ ...fingerprint.finish(), md5: md5.digest('hex') }),
  };
}

/** Takes everything that a source of blocks gives. */
export async function digestBlocks<D>(
  digester: Digester<D>,
  blocks: AsyncIterable<Uint8Array>,
  onBytes: (total: number) => void = () => {},
): Promise<D> {
  let total = 0;
  for await (const block of blocks) {
    digester.update(block);
    total += block.length;
    onBytes(total);
  }
  return digester.finish();
}

/** Digests a file. Not for a database that this process has open (see readFileHeader). */
export function digestFile<D>(digester: Digester<D>, path: string, signal?: AbortSignal): Promise<D> {
  return digestBlocks(digester, createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) }));
}
