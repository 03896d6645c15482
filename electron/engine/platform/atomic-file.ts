import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, unlessMissing } from './errno.ts';

/** Files that Nightjar makes are readable by their owner alone (S1-112). */
export const privateFile = 0o600;
export const privateFolder = 0o700;

/** What file systems without links answer; Windows says EISDIR for "invalid function". */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EISDIR']);

/** Flushes a folder's entries to the disk, where the platform can (Windows cannot open folders). */
export async function syncFolder(folder: string | Buffer): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EISDIR' && errno !== 'EPERM' && errno !== 'EINVAL' && errno !== 'ENOTSUP') throw error;
  }
}

/** Flushes a file's bytes to the disk. */
export async function syncFile(path: string | Buffer): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a new file and flushes it. Rejects with `EEXIST` where there is one of this name. */
export async function writeNewFile(path: string, content: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Replaces `path` with `content` so that after a crash it holds either the old or the new text, whole. */
export async function writeFileAtomically(path: string, content: string, partId: string): Promise<void> {
  const part = `${path}.${partId}.tmp`;
  try {
    await writeNewFile(part, content, privateFile);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** As `writeFileAtomically`, before the call returns; for a file that one process alone writes. The folder is not flushed. */
export function replaceFile(path: string, content: string): void {
  const part = `${path}.tmp`;
  const file = openSync(part, 'w', privateFile);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
}

/**
 * Makes a new file that has its name only when it is whole, and never takes the place of another one; `part` is its name until then.
 * Resolves to false where the name is taken.
 */
export async function createFile(path: string, content: string, mode: number, part: string): Promise<boolean> {
  try {
    await writeNewFile(part, content, mode);
    return await giveName(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

/** Writes a new file of blocks as they come and flushes it; an error of theirs leaves it as far as it got. */
export async function writeBlocks(path: string, blocks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', privateFile);
  try {
    for await (const block of blocks) await writeWhole(file, block);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes all of a block; one call of the system may take only a part of it. */
export async function writeWhole(file: FileHandle, block: Uint8Array): Promise<void> {
  let written = 0;
  while (written < block.length) written += (await file.write(block, written)).bytesWritten;
}

/**
 * Gives a finished file its name without ever replacing another: by a link, which is atomic, where the file system has them.
 * Resolves to false, and leaves both as they are, where the name is taken.
 */
export async function giveName(part: string, path: string): Promise<boolean> {
  try {
    await link(part, path);
    await unlink(part);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return false;
    if (errno === undefined || !withoutLinks.has(errno)) throw error;
    // exFAT has no links. The name was free a moment ago, and nobody else writes here under our names.
    if (await unlessMissing(lstat(path))) return false;
    await rename(part, path);
  }
  return true;
}
