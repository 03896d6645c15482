import { constants } from 'node:fs';
import { chmod, chown, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { privateFolder, syncFile, syncFolder } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { OpenHandles, WorkerHost } from '../ports.ts';
import { databaseFiles, fingerprintFiles, sidecarEndings } from '../sqlite/database-file.ts';
import { whileSettled } from '../sqlite/sqlite-tasks.ts';

const lockWaitMs = 2000;

/** Throws `target-in-use` where another process has the database or a sidecar of it open, and says which. */
export async function refuseWhileOpen(handles: OpenHandles, path: string): Promise<void> {
  const open = await handles.of(databaseFiles(path));
  if (open === null || open.length === 0) return;
  const who = open.map(({ command, pid }) => `${command} (process ${pid})`).join(', ');
  throw new BackupError('target-in-use', `${path} is open in ${who}`, { hint: 'quit the program that uses it, then restore again' });
}

/**
 * Copies a database with its sidecars, byte for byte, into a folder that does not exist yet, and flushes it. Clones where the file
 * system can. Throws `target-in-use` where the files changed meanwhile. Resolves to the names of the files kept.
 */
export async function keepFiles(path: string, folder: string): Promise<string[]> {
  const before = await fingerprintFiles(path);
  await mkdir(folder, { mode: privateFolder });
  const kept: string[] = [];
  for (const file of databaseFiles(path)) {
    if (!(await unlessMissing(stat(file)))) continue;
    const copy = join(folder, basename(file));
    await copyWhole(file, copy);
    kept.push(basename(file));
  }
  await syncFolder(folder);
  await syncFolder(dirname(folder));
  if ((await fingerprintFiles(path)).text === before.text) return kept;
  throw new BackupError('target-in-use', `${path} was written while it was being kept`, {
    hint: 'quit the program that uses it, then restore again',
  });
}

/** Copies a file that does not exist yet with its permissions, and where we may its owner, and flushes it. Clones where the file system can. */
export async function copyWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await syncFile(to);
  await makeLike(to, from);
}

/**
 * Puts the finished database `part` in the place of `path`. A kill at any point leaves either the former or the new database there,
 * whole: the former one is first made a single file by SQLite itself, under a lock that keeps everybody else out, so that the one
 * rename is the whole change and no old `-wal` can ever be replayed over the new file. Throws `target-in-use`.
 */
export async function swapIn(workers: WorkerHost, part: string, path: string): Promise<void> {
  if (await unlessMissing(stat(path))) await makeLike(part, path);
  await whileAlone(workers, path, async () => {
    await removeSidecars(path);
    await rename(part, path);
    await syncFolder(dirname(path));
  });
}

/** Takes a database away from `path` to `away`, on the same volume, as carefully as swapIn puts one there. */
export async function swapOut(workers: WorkerHost, path: string, away: string): Promise<void> {
  await whileAlone(workers, path, async () => {
    await removeSidecars(path);
    await unlessMissing(rename(path, away));
    await syncFolder(dirname(path));
  });
}

/** Changes what stands at `path` while SQLite holds it settled and locked, where there is a database that it can hold. */
async function whileAlone(workers: WorkerHost, path: string, change: () => Promise<void>): Promise<void> {
  if (!(await unlessMissing(stat(path)))) return change();
  try {
    await whileSettled(workers, path, lockWaitMs, change);
  } catch (error) {
    // A file that SQLite cannot settle is no whole database that could be lost; its bytes were kept.
    if (!isDamage(error)) throw error;
    await change();
  }
}

/** They hold nothing once the database is settled, and would be replayed over what comes in its place. */
async function removeSidecars(path: string): Promise<void> {
  for (const ending of sidecarEndings) await rm(path + ending, { force: true });
}

/** Gives a file the permissions, and where we may the owner, of another. */
async function makeLike(path: string, model: string): Promise<void> {
  const { gid, mode, uid } = await stat(model);
  await chmod(path, mode & 0o777);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}

function isDamage(error: unknown): boolean {
  const { code } = errorFacts(error);
  return code === 'source-corrupt' || code === 'source-not-database' || code === 'source-encrypted' || code === 'source-empty';
}
