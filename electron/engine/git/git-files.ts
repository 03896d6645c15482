import { lstat, open } from 'node:fs/promises';
import { errnoOf } from '../platform/errno.ts';
import type { GitPath } from './git.ts';

/** So many files are looked at, or flushed, at the same time. */
const batchSize = 64;
/** What file systems say that cannot flush a folder. */
const cannotFlush = new Set(['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP']);

/** A path of git below a folder, in its bytes: a name in any encoding leads to its file. */
export function onDisk(folder: string, path: GitPath): Buffer {
  return path === '' ? Buffer.from(folder) : Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

/** A path of git for reading. */
export function toText(path: GitPath): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** The folders that lead to the files, each after the one that it is in. */
export function foldersOf(files: readonly GitPath[]): readonly GitPath[] {
  const folders = new Set<GitPath>();
  for (const file of files) {
    for (let end = file.indexOf('/'); end > 0; end = file.indexOf('/', end + 1)) folders.add(file.slice(0, end));
  }
  return [...folders];
}

/** A list in pieces. */
export function* batchesOf<T>(list: readonly T[], size: number = batchSize): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

/** Flushes the files below a folder, and the folders that lead to them, to the disk. Resolves to the bytes of the files. */
export async function flushFiles(folder: string, files: readonly GitPath[]): Promise<number> {
  let bytes = 0;
  for (const batch of batchesOf(files)) {
    for (const size of await Promise.all(batch.map((file) => flushFile(onDisk(folder, file))))) bytes += size;
  }
  await flushFolders(folder, foldersOf(files));
  return bytes;
}

async function flushFile(path: Buffer): Promise<number> {
  const stats = await lstat(path);
  // A link has nothing of its own to flush, and leads elsewhere.
  if (!stats.isFile()) return stats.size;
  await using file = await open(path, 'r+');
  await file.sync();
  return stats.size;
}

/** Flushes the entries of a folder, and of those in it. */
export async function flushFolders(folder: string, folders: readonly GitPath[]): Promise<void> {
  for (const batch of batchesOf(['', ...folders])) await Promise.all(batch.map((path) => flushFolder(onDisk(folder, path))));
}

async function flushFolder(path: Buffer): Promise<void> {
  try {
    await using folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    if (!cannotFlush.has(errnoOf(error) ?? '')) throw error;
  }
}
