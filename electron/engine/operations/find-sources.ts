import type { Dirent } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { type FoundSources, isSkippedFile, isSkippedFolder, rankDatabases, rankStores, smallestBytes } from '../../domain/found-sources.ts';
import type { Engine } from '../engine.ts';
import { peekRepository, type RepositoryFacts } from '../git/peek-repository.ts';
import { searchFolders } from '../platform/search-folders.ts';
import { usualPlaces } from '../platform/usual-places.ts';
import { withinLimit } from '../platform/within-limit.ts';
import { peekDatabase } from '../sqlite/database-file.ts';
import { type DatabaseFacts, knowSources, realOrSame, usedAmong } from './found-source.ts';
import { foldersOf } from './restore-named.ts';
import { isInside } from './restore-target.ts';

/** Whoever waits for it is at the very beginning: what was not found by then is not worth the time. */
const searchWithinMs = 5000;

/** What is collected while folders are searched. */
interface Found {
  readonly databases: DatabaseFacts[];
  readonly stores: ({ readonly path: string } & RepositoryFacts)[];
}

/**
 * Databases and repositories in the usual places of this machine, the likeliest first. Reads the first bytes of files, opens no database
 * and changes nothing; takes some seconds at most. Throws only the signal's reason.
 */
export async function findSources(engine: Engine, signal: AbortSignal): Promise<FoundSources> {
  const { ports } = engine;
  const { clock } = ports;
  const found: Found = { databases: [], stores: [] };
  const ours = await Promise.all(foldersOf(engine).map((path) => realOrSame(ports, path)));
  const places = usualPlaces(await realOrSame(ports, ports.userHome), ports.environment, process.platform);
  const isSkipped = (path: string, name: string) => isSkippedFolder(name) || ours.some((folder) => isInside(path, folder));
  await withinLimit(clock, searchWithinMs, signal, (stop) =>
    searchFolders(places, isSkipped, (folder, entries) => look(found, folder, entries, stop), stop),
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    if (!(error instanceof BackupError)) throw error;
  });
  const databases = rankDatabases(found.databases, clock.now());
  const known = await knowSources(engine);
  const isInUse = await usedAmong(
    engine,
    databases.map(({ path }) => path),
  );
  return {
    databases: databases.map((facts) => ({ ...facts, ...known(facts.path), isInUse: isInUse(facts.path) })),
    stores: rankStores(found.stores).map(({ branch, path, remote }) => ({ path, branch, remote, ...known(path) })),
  };
}

async function look(found: Found, folder: string, entries: readonly Dirent[], signal: AbortSignal): Promise<void> {
  if (entries.some((entry) => entry.name === '.git' && entry.isDirectory())) {
    const facts = await peekRepository(folder).catch(() => null);
    if (facts) found.stores.push({ path: folder, ...facts });
  }
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    if (signal.aborted) return;
    if (!entry.isFile() || isSkippedFile(entry.name)) continue;
    // What may not be read, or has just gone, was not found.
    const facts = await peek(join(folder, entry.name), names.has(`${entry.name}-wal`)).catch(() => null);
    if (facts) found.databases.push(facts);
  }
}

async function peek(path: string, hasWal: boolean): Promise<DatabaseFacts | null> {
  const file = await lstat(path);
  const wal = hasWal ? await lstat(`${path}-wal`) : null;
  const bytes = file.size + (wal?.size ?? 0);
  // A file in a cloud whose content is not here would be fetched by a look at it.
  const isElsewhere = file.blocks === 0;
  if (bytes < smallestBytes || isElsewhere) return null;
  const header = await peekDatabase(path);
  return header && { path, bytes, lastWriteMs: Math.max(file.mtimeMs, wal?.mtimeMs ?? 0), ...header };
}
