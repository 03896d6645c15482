import { lstat } from 'node:fs/promises';
import { syncFile, syncFolder } from '../platform/atomic-file.ts';
import type { GitPath } from './git-path.ts';

/** So many files are looked at, flushed, or handed over on a command line at the same time. */
export const batchSize = 64;

/** A path of git below a folder, in its bytes: a name in any encoding leads to its file. */
export function onDisk(folder: string, path: GitPath): Buffer {
  return path === '' ? Buffer.from(folder) : Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
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

/** Does the work for each of a list, so many at a time. Resolves to the results in the order of the list. */
export async function inBatches<T, R>(list: readonly T[], work: (each: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const batch of batchesOf(list)) results.push(...(await Promise.all(batch.map(work))));
  return results;
}

/** Flushes the files below a folder, and the folders that lead to them, to the disk. Resolves to the bytes of the files. */
export async function flushFiles(folder: string, files: readonly GitPath[]): Promise<number> {
  const sizes = await inBatches(files, (file) => flushFile(onDisk(folder, file)));
  await flushFolders(folder, foldersOf(files));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function flushFile(path: Buffer): Promise<number> {
  const stats = await lstat(path);
  // A link has nothing of its own to flush, and leads elsewhere.
  if (stats.isFile()) await syncFile(path);
  return stats.size;
}

/** Flushes the entries of a folder, and of those in it. */
export async function flushFolders(folder: string, folders: readonly GitPath[]): Promise<void> {
  await inBatches(['', ...folders], (path) => syncFolder(onDisk(folder, path)));
}
