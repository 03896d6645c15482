import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../domain/progress.ts';
import { privateFile, privateFolder, writeWhole } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { CopyMeans, CopyOrder } from './worker-protocol.ts';

const chunkBytes = 8 * 1024 * 1024;
/** The header of a WAL: it holds the salts that every frame of the present log repeats (SQLite file format, section 4.1). */
const logHeaderBytes = 32;

/**
 * Copies the files of a database while another process holds a read transaction in it (see ARCHITECTURE.md, "Files under a held read").
 * Never for the process that holds it. The copy's log still has to be played in. Throws what the file system does.
 */
export async function copyFiles(
  path: string,
  target: string,
  { means, withLog }: CopyOrder,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const logBytes = withLog ? await sizeOf(`${path}-wal`) : 0;
  const totalBytes = logBytes + (await sizeOf(path));
  // The log goes first, so that it holds no more than what was there when the copy began.
  if (withLog) await copyLog(`${path}-wal`, `${target}-wal`, means, (doneBytes) => onProgress({ doneBytes, totalBytes }));
  await copyFileBy(means, path, target, (doneBytes) => onProgress({ doneBytes: logBytes + doneBytes, totalBytes }));
}

async function sizeOf(path: string): Promise<number> {
  return (await unlessMissing(stat(path)))?.size ?? 0;
}

/**
 * Copies the log, unless it begins anew meanwhile: that is only possible where all that the held transaction sees is in the database's
 * own file, and then what was read may be of two logs.
 */
async function copyLog(path: string, target: string, means: CopyMeans, onBytes: (doneBytes: number) => void): Promise<void> {
  const before = await readLogHeader(path);
  if (before === null) return;
  await copyFileBy(means, path, target, onBytes);
  const after = await readLogHeader(path);
  if (after === null || !after.equals(before)) await rm(target);
}

async function readLogHeader(path: string): Promise<Buffer | null> {
  const log = await unlessMissing(open(path, 'r'));
  if (log === undefined) return null;
  try {
    const header = Buffer.alloc(logHeaderBytes);
    const { bytesRead } = await log.read(header, 0, logHeaderBytes, 0);
    return bytesRead < logHeaderBytes ? null : header;
  } finally {
    await log.close();
  }
}

async function copyFileBy(means: CopyMeans, path: string, target: string, onBytes: (doneBytes: number) => void): Promise<void> {
  if (means === 'clone') return cloneFile(path, target);
  const source = await open(path, 'r');
  try {
    const copy = await open(target, 'wx', privateFile);
    try {
      await copyBytes(source, copy, onBytes);
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}

/** Copies what the file is long when this begins; the next block is read while the last one is written. */
async function copyBytes(source: FileHandle, copy: FileHandle, onBytes: (doneBytes: number) => void): Promise<void> {
  const { size } = await source.stat();
  const buffers = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)] as const;
  const read = (n: number, offset: number) => source.read(buffers[n % 2 === 0 ? 0 : 1], 0, Math.min(chunkBytes, size - offset), offset);
  let offset = 0;
  let next = read(0, 0);
  for (let n = 1; ; n++) {
    const { buffer, bytesRead } = await next;
    if (bytesRead === 0) return;
    offset += bytesRead;
    next = read(n, offset);
    // A read that fails is told of when its turn comes.
    next.catch(() => {});
    await writeWhole(copy, buffer.subarray(0, bytesRead));
    onBytes(offset);
  }
}

async function cloneFile(path: string, target: string): Promise<void> {
  await copyFile(path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
  // A source that may only be read gives a copy that may only be read.
  await chmod(target, privateFile);
}

/**
 * False where the file system of `scratch`, a path at which nothing is, cannot clone at all. Else what of the source waits to be written
 * to its disk is written: a clone does that itself, but keeps writers waiting while it does. Nothing is left of the trial.
 */
export async function mayClone(path: string, scratch: string): Promise<boolean> {
  const clone = `${scratch}.clone`;
  try {
    await writeFile(scratch, 'nightjar', { flag: 'wx', mode: privateFile });
    await cloneFile(scratch, clone);
    const source = await open(path, 'r');
    await source.datasync().finally(() => source.close());
    return true;
  } catch {
    return false;
  } finally {
    for (const file of [scratch, clone]) await rm(file, { force: true });
  }
}

/**
 * True where a clone of the file comes to be in `folder`, which is made for that and removed. Only for a process that does not have the
 * database open.
 */
export async function canClone(path: string, folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: privateFolder });
    if (!(await mayClone(path, join(folder, 'trial')))) return false;
    await cloneFile(path, join(folder, 'trial.db'));
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
