import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BackupError } from '../../../domain/errors.ts';
import type { Digests } from '../../pipeline/digest.ts';

/** A piece of the file, and the digest of a prefix that reaches to its end at least. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly prefix: { readonly bytes: number; readonly sha256: string };
}

/** A finished file that is read in chunks, each digested as it passes for the first time, so that a change is noticed (S1-63). */
export interface UploadFile extends AsyncDisposable {
  readonly bytes: number;
  /** True where the file begins with exactly this prefix; reading goes on from there. */
  beginsWith(prefix: Chunk['prefix']): Promise<boolean>;
  /**
   * The chunk of at most `size` bytes from `offset` on; the one behind it is read while this one is used. Throws `internal` where the file
   * is not what was packed any more.
   */
  chunk(offset: number, size: number): Promise<Chunk>;
}

const readBytes = 1024 * 1024;

/** Opens the file for an upload. Rejects with the system's error where it cannot be read. */
export async function openUploadFile(path: string, expected: Digests): Promise<UploadFile> {
  const handle = await open(path, 'r');
  let hash = createHash('sha256');
  let hashedBytes = 0;

  const pass = (bytes: Buffer) => {
    hash.update(bytes);
    hashedBytes += bytes.length;
  };
  const read = async (offset: number, size: number) => {
    const bytes = Buffer.allocUnsafe(Math.min(size, expected.bytes - offset));
    if ((await readWhole(handle, bytes, offset)) < bytes.length) throw changed(path);
    return bytes;
  };

  const prepare = async (offset: number, size: number): Promise<Chunk> => {
    while (hashedBytes < offset) pass(await read(hashedBytes, Math.min(readBytes, offset - hashedBytes)));
    const bytes = await read(offset, size);
    if (hashedBytes < offset + bytes.length) pass(bytes.subarray(hashedBytes - offset));
    const prefix = { bytes: hashedBytes, sha256: digestSoFar(hash) };
    if (hashedBytes === expected.bytes && prefix.sha256 !== expected.sha256) throw changed(path);
    return { bytes, prefix };
  };
  let ahead: { readonly offset: number; readonly chunk: Promise<Chunk> } | null = null;

  return {
    bytes: expected.bytes,
    beginsWith: async (prefix) => {
      hash = createHash('sha256');
      hashedBytes = 0;
      while (hashedBytes < prefix.bytes) pass(await read(hashedBytes, Math.min(readBytes, prefix.bytes - hashedBytes)));
      return digestSoFar(hash) === prefix.sha256;
    },
    chunk: async (offset, size) => {
      // What was read in vain is waited for as well: one reader at a time feeds the digest.
      const isAhead = ahead?.offset === offset;
      const read = await ahead?.chunk.catch((error: unknown) => {
        if (isAhead) throw error;
      });
      const chunk = isAhead && read ? read : await prepare(offset, size);
      const next = offset + chunk.bytes.length;
      ahead = next < expected.bytes ? { offset: next, chunk: prepare(next, size) } : null;
      // It is awaited in its turn; until then its failure is nobody's.
      ahead?.chunk.catch(() => {});
      return chunk;
    },
    [Symbol.asyncDispose]: async () => {
      await ahead?.chunk.catch(() => {});
      await handle.close();
    },
  };
}

function digestSoFar(hash: Hash): string {
  return hash.copy().digest('hex');
}

async function readWhole(handle: FileHandle, into: Buffer, offset: number): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle.read(into, done, into.length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

function changed(path: string): BackupError {
  return new BackupError('internal', `${path} changed while it was uploaded`, {
    hint: 'nothing but Nightjar may write in its data folder',
  });
}
