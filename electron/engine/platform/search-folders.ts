import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './usual-places.ts';

/** So many folders are looked at, and none that has more than so many entries: that is a program's own store of files. */
const maxFolders = 10_000;
const maxEntries = 2000;

interface Waiting extends Place {
  /** The file system that the search began on. */
  readonly device: number;
}

/**
 * Calls `visit` with the entries of each folder in the places, the ones near to a place first, until the signal fires. Follows no links and
 * leaves no file system; what may not be read is left out, and so is what `isSkipped` says.
 */
export async function searchFolders(
  places: readonly Place[],
  isSkipped: (path: string, name: string) => boolean,
  visit: (folder: string, entries: readonly Dirent[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set(places.map(({ path }) => path));
  const waiting = await begin(places);
  for (let looked = 0; looked < maxFolders && !signal.aborted; looked++) {
    const folder = waiting.shift();
    if (folder === undefined) return;
    const entries = await entriesOf(folder);
    await visit(folder.path, entries);
    for (const name of folder.depth === 0 ? [] : foldersAmong(entries)) {
      const path = join(folder.path, name);
      if (seen.has(path) || isSkipped(path, name)) continue;
      seen.add(path);
      waiting.push({ path, depth: folder.depth - 1, device: folder.device });
    }
  }
}

async function begin(places: readonly Place[]): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const place of places) {
    const device = await deviceOf(place.path);
    if (device !== null) waiting.push({ ...place, device });
  }
  return waiting;
}

async function entriesOf({ device, path }: Waiting): Promise<Dirent[]> {
  if ((await deviceOf(path)) !== device) return [];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.length > maxEntries ? [] : entries;
}

function foldersAmong(entries: readonly Dirent[]): string[] {
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** `null` for what is no folder, or cannot be looked at. */
async function deviceOf(path: string): Promise<number | null> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isDirectory() ? stats.dev : null;
}
