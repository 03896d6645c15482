import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { privateFolder } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Ids } from '../ports.ts';

const trashName = '.nightjar-trash';

/** Moves an object into the trash of its destination; resolves to false where there was none. */
export async function moveToTrash(root: string, objectName: string, nowMs: number, ids: Ids): Promise<boolean> {
  const folder = join(root, trashName, formatTrashFolder(nowMs), dirname(objectName));
  await mkdir(folder, { recursive: true, mode: privateFolder });
  const kept = join(folder, objectName.slice(objectName.lastIndexOf('/') + 1));
  const target = (await unlessMissing(lstat(kept))) ? `${kept}.${ids.make('part')}` : kept;
  return (await unlessMissing(rename(join(root, ...objectName.split('/')), target).then(() => true))) ?? false;
}

/** Deletes what was put into the trash before an instant; resolves to the names that the objects had. */
export async function emptyTrash(root: string, beforeMs: number): Promise<string[]> {
  const trash = join(root, trashName);
  const removed: string[] = [];
  for (const name of (await unlessMissing(readdir(trash))) ?? []) {
    const trashedAtMs = parseTrashFolder(name);
    if (trashedAtMs === null || trashedAtMs >= beforeMs) continue;
    const folder = join(trash, name);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) removed.push(relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
    }
    await rm(folder, { recursive: true });
  }
  return removed;
}

/** `2026-11-22T031700.000Z`: the instant as a name that every file system takes. */
function formatTrashFolder(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(':', '');
}

function parseTrashFolder(name: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2})(\d{2})(\d{2}\.\d{3}Z)$/.exec(name);
  const atMs = match ? Date.parse(match.slice(1).join(':')) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}
