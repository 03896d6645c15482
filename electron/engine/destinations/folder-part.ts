import { createReadStream } from 'node:fs';
import { link, lstat, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { giveName, privateFile, syncFile, writeNewFile, writeWhole } from '../platform/atomic-file.ts';
import { errnoOf, unlessMissing } from '../platform/errno.ts';
import type { Content, PutOptions } from './destination.ts';

/** The name of an object that is still being written; nothing else in a destination looks like it. */
export function partName(id: string): string {
  return `.nightjar-${id}.tmp`;
}

const partPattern = /^\.nightjar-part-[a-z0-9]+\.tmp$/;

/**
 * Writes the content under a name of our own and flushes it. A staged file on the same volume is linked, not copied, but only once:
 * two destinations on one disk must not share their bytes.
 */
export async function writePart(part: string, content: Content, options: PutOptions): Promise<void> {
  if (content.kind === 'text') {
    await writeNewFile(part, content.text, privateFile);
    return;
  }
  if (!(await tookOver(part, content.path))) await copyInto(part, content.path, options);
  await syncFile(part);
  options.onBytes?.(content.digests.bytes);
}

async function tookOver(part: string, staged: string): Promise<boolean> {
  if ((await stat(staged)).nlink > 1) return false;
  try {
    await link(staged, part);
    return true;
  } catch (error) {
    // EXDEV: another volume; EPERM, ENOTSUP and the like: a file system without links. The bytes go over either way.
    if (errnoOf(error) === undefined || errnoOf(error) === 'ENOENT') throw error;
    return false;
  }
}

async function copyInto(part: string, from: string, options: PutOptions): Promise<void> {
  const target = await open(part, 'wx', privateFile);
  try {
    let done = 0;
    for await (const block of createReadStream(from, { highWaterMark: 1024 * 1024 })) {
      options.signal?.throwIfAborted();
      await writeWhole(target, block as Buffer);
      done += (block as Buffer).length;
      options.onBytes?.(done);
    }
  } finally {
    await target.close();
  }
}

/** Gives a finished part its name. Throws `object-exists` where it is taken. */
export async function publish(part: string, path: string, objectName: string, destination: string): Promise<void> {
  if (!(await giveName(part, path))) throw taken(objectName, destination);
}

/** The error for a name that an object has already. */
export function taken(objectName: string, destination: string): BackupError {
  return new BackupError('object-exists', `${objectName} exists already at ${destination}`);
}

/** Deletes the parts in these folders that were last written before an instant; resolves to their names. */
export async function sweepParts(root: string, folders: readonly string[], beforeMs: number): Promise<string[]> {
  const removed: string[] = [];
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder))) {
      const path = join(root, folder, entry);
      const stats = partPattern.test(entry) ? await unlessMissing(lstat(path)) : undefined;
      if (!stats?.isFile() || stats.mtimeMs >= beforeMs) continue;
      await rm(path, { force: true });
      removed.push(`${folder}/${entry}`);
    }
  }
  return removed;
}
