import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import { foldersOf, inBatches, onDisk } from './git-files.ts';
import { type GitPath, toText } from './git-path.ts';

/** Where what is restored goes to: under a name of its own, or into a folder that is there, among what it holds. */
export interface Place {
  readonly kind: 'name' | 'folder';
  /** Absolute; its folder is a real path. */
  readonly path: string;
}

/**
 * Finds the place for a file of that name, or for a folder where that is `null`, and changes nothing. A file goes into a target that is
 * a folder. Throws `target-exists` for what may only be replaced with force, and `target-refused` where the folder of the target is
 * missing, where a folder is to go in the place of a file or the other way round, and anywhere inside of git's own folders.
 */
export async function findPlace(target: string, name: string | null, force: boolean): Promise<Place> {
  const isThere = (await unlessMissing(stat(target)))?.isDirectory() ?? false;
  const kind = isThere && name === null ? 'folder' : 'name';
  const path = isThere ? join(await realpath(target), name ?? '') : join(await realFolderOf(target), basename(resolve(target)));
  await refuseGitFolders(path);
  if (kind === 'folder') {
    if (!force && (await readdir(path)).length > 0) {
      throw new BackupError('target-exists', `${path} is a folder that is not empty, and was left as it is`, {
        hint: 'choose another name, or put the files in over those of the same name with --force',
      });
    }
  } else {
    const stats = await unlessMissing(lstat(path));
    if (stats !== undefined && name === null) throw inTheWay(path, stats, 'a folder');
    if (stats !== undefined) refuseToReplace(path, stats, force);
  }
  return { kind, path };
}

async function realFolderOf(target: string): Promise<string> {
  const folder = dirname(resolve(target));
  const real = await unlessMissing(realpath(folder));
  if (real !== undefined && (await stat(real)).isDirectory()) return real;
  throw new BackupError('target-refused', `there is no folder ${folder} to restore into`, { hint: 'make it first, or choose another' });
}

/** Also what is called otherwise: a bare repository, or the folder of a working tree that has it elsewhere. */
async function refuseGitFolders(path: string): Promise<void> {
  for (let folder = path; ; folder = dirname(folder)) {
    const parts = await Promise.all(['HEAD', 'objects', 'refs'].map((name) => unlessMissing(lstat(join(folder, name)))));
    if (basename(folder).toLowerCase() === '.git' || parts.every((part) => part !== undefined)) {
      throw new BackupError('target-refused', `${path} is in a folder of git's own, ${folder}`, { hint: 'choose a place outside of it' });
    }
    if (dirname(folder) === folder) return;
  }
}

/**
 * Looks whether files, by their paths in it, can go into a folder that is there, and changes nothing. Throws `target-refused` where a
 * folder would have to go in the place of a file or a link, or a file in that of a folder; without force `target-exists` for any file.
 */
export async function refuseClashes(folder: string, files: readonly GitPath[], force: boolean): Promise<void> {
  // A link to a folder is in the way as well: the files would end up outside.
  await lookAt(folder, foldersOf(files), (path, stats) => {
    if (!stats.isDirectory()) throw inTheWay(path, stats, 'a folder');
  });
  await lookAt(folder, files, (path, stats) => refuseToReplace(path, stats, force));
}

async function lookAt(folder: string, paths: readonly GitPath[], judge: (path: string, stats: Stats) => void): Promise<void> {
  const found = await inBatches(paths, (path) => unlessMissing(lstat(onDisk(folder, path))));
  for (const [at, path] of paths.entries()) {
    const stats = found[at];
    if (stats !== undefined) judge(join(folder, toText(path)), stats);
  }
}

/** Files and links are replaced with force, and nothing else ever is: neither folders nor devices. */
export function refuseToReplace(path: string, stats: Stats, force: boolean): void {
  if (!stats.isFile() && !stats.isSymbolicLink()) throw inTheWay(path, stats, 'a file');
  if (!force) throw taken(path);
}

/** The error for a file that is there. */
export function taken(path: string): BackupError {
  return new BackupError('target-exists', `${path} exists already and was left as it is`, {
    hint: 'choose another name, or replace it with --force',
  });
}

function inTheWay(path: string, stats: Stats, wanted: string): BackupError {
  return new BackupError('target-refused', `${path} is ${kindOf(stats)}, and ${wanted} would have to go there; nothing was changed`, {
    hint: 'choose another target, or move it out of the way first',
  });
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isSymbolicLink()) return 'a link';
  return stats.isFile() ? 'a file' : 'neither a file nor a folder';
}
