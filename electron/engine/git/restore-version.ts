import { lstat, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { RestoredVersion } from '../../domain/git-version.ts';
import { giveName, privateFolder, syncFolder } from '../platform/atomic-file.ts';
import { errnoOf, translateErrno, unlessMissing } from '../platform/errno.ts';
import type { Ids } from '../ports.ts';
import type { Git } from './git.ts';
import { flushFiles, flushFolders, foldersOf, onDisk } from './git-files.ts';
import { type GitPath, toGitPath } from './git-path.ts';
import { expectCommit } from './history.ts';
import { findPlace, type Place, refuseClashes, refuseToReplace, taken } from './restore-place.ts';
import { partPrefix, toRepositoryPath } from './store-items.ts';
import { checkOut, listTree } from './version-files.ts';

export interface VersionRequest {
  /** Any name of the commit. */
  readonly commit: string;
  /** A file or folder by its path in the repository; '' for everything. */
  readonly path: string;
  /** Absolute. A file goes into a folder that is there under its own name; a folder gets this name, or goes into an empty folder. */
  readonly target: string;
  /** Replaces files and links that are there, and nothing else. */
  readonly force: boolean;
  readonly ids: Ids;
}

/** What a system says where a folder cannot have a name because another has it. */
const takenErrnos = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR', 'EISDIR']);

/**
 * Brings a file or folder back as a commit has it, to any place outside of git's own folders. It is written, compared and flushed under
 * another name first, so that nothing half-written ever stands under a name of its own, and nothing is left beside it after a failure.
 * A new folder appears whole; in a folder that is there, each file does. The repository's index, HEAD and refs are not touched, nor its
 * working tree unless the target is in it. Throws `usage-invalid`, `git-path-refused`, `target-exists`, `target-refused`, `disk-full`,
 * `digest-mismatch`, and whatever git throws, with the words of a filter that failed.
 */
export async function restoreVersion(git: Git, request: VersionRequest): Promise<RestoredVersion> {
  const { target, force, ids } = request;
  const from = { commit: await expectCommit(git, request.commit), path: toRepositoryPath(request.path) };
  const { isFolder, files, skipped } = await listTree(git, from);
  const names = isFolder && from.path !== '' ? files.map((file) => file.slice(toGitPath(from.path).length + 1)) : files;
  try {
    const place = await findPlace(target, isFolder ? null : posix.basename(from.path), force);
    if (place.kind === 'folder') await refuseClashes(place.path, names, force);
    const folder = place.kind === 'folder' ? place.path : dirname(place.path);
    return await inPart(join(folder, `${partPrefix}${ids.make('part')}.part`), async (part) => {
      await checkOut(git, from, files, part);
      const bytes = await flushFiles(part.files, files);
      const written = join(part.files, from.path);
      if (!isFolder) await putFile(written, place, force);
      else if (place.kind === 'name') await putFolder(written, place);
      else await putInto(written, names, place, force);
      return { path: place.path, files: files.length, bytes, skipped };
    });
  } catch (error) {
    throw translateErrno(error, { absent: 'target-refused', refused: 'target-refused', place: target });
  }
}

/** Gives `work` a folder beside the place, on the same file system, and removes it afterwards. */
async function inPart<T>(folder: string, work: (part: { index: string; files: string }) => Promise<T>): Promise<T> {
  const part = { index: join(folder, 'index'), files: join(folder, 'files') };
  await mkdir(folder, { mode: privateFolder });
  try {
    // It may be in a repository whose person commits at this moment, or we do.
    await writeFile(join(folder, '.gitignore'), '*\n');
    await mkdir(part.files);
    return await work(part);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function putFile(written: string, { path }: Place, force: boolean): Promise<void> {
  if (force) {
    const stats = await unlessMissing(lstat(path));
    if (stats !== undefined) refuseToReplace(path, stats, force);
    await rename(written, path);
  } else if ((await lstat(written)).isSymbolicLink()) await putLink(written, path);
  else if (!(await giveName(written, path))) throw taken(path);
  await syncFolder(dirname(path));
}

/** By its text: not every system makes a second name of a link itself. */
async function putLink(written: string, path: string): Promise<void> {
  try {
    await symlink(await readlink(written, 'buffer'), path);
  } catch (error) {
    throw errnoOf(error) === 'EEXIST' ? taken(path) : error;
  }
}

async function putFolder(written: string, { path }: Place): Promise<void> {
  // Where there are only submodules, git has made none.
  await mkdir(written, { recursive: true });
  try {
    await rename(written, path);
  } catch (error) {
    throw takenErrnos.has(errnoOf(error) ?? '') ? taken(path) : error;
  }
  await syncFolder(dirname(path));
}

async function putInto(written: string, names: readonly GitPath[], { path }: Place, force: boolean): Promise<void> {
  // Once more: writing them may have taken long.
  await refuseClashes(path, names, force);
  const folders = foldersOf(names);
  for (const folder of folders) {
    await mkdir(onDisk(path, folder)).catch((error) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  }
  for (const name of names) await rename(onDisk(written, name), onDisk(path, name));
  await flushFolders(path, folders);
}
