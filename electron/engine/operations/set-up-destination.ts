import { BackupError, errorFacts } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import {
  type DestinationConfig,
  type DriveConfig,
  driveConfigSchema,
  type FolderConfig,
  isSqliteJob,
  localPaths,
  sameName,
} from '../../domain/model.ts';
import type { DestinationContents, DestinationReport } from '../../domain/outcomes.ts';
import { makeFolder, markFolder } from '../destinations/folder-marker.ts';
import { readManifests } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import { destinationNamed } from '../settings-store.ts';
import { disconnect } from './connect.ts';
import { reconcileAll } from './reconcile.ts';
import { isInside } from './restore-target.ts';
import { refuseTaken } from './taken-name.ts';

/**
 * Sets up a folder that exists, or that is to be made, by its absolute path as a destination; resolves to its config and what was found
 * there. Throws `destination-exists`, `usage-invalid` where it lies in or around another one, and what is wrong with the folder.
 */
export async function addFolder(
  engine: Engine,
  name: string,
  path: string,
  make = false,
): Promise<{ config: FolderConfig; found: string[] }> {
  refuseNested(engine, path);
  refuseTaken(engine, (other) => sameName(other.name, name) || (other.kind === 'folder' && other.path === path));
  if (make) await makeFolder(path);
  const id = await markFolder(name, path, engine.ports.ids);
  const config: FolderConfig = { kind: 'folder', name, id, path };
  engine.settings.change((settings) => ({ ...settings, destinations: [...settings.destinations, config] }));
  engine.catalog.setUnread(name, true);
  return { config, found: await reconcileAll(engine, [name]) };
}

/** What can be changed of how a destination in Drive is reached; what is left out stays. */
export interface Transfer {
  readonly chunkBytes?: number | undefined;
  readonly bandwidth?: number | null | undefined;
  readonly apiRoot?: string | null | undefined;
}

/** Changes how a destination in Drive is reached. Throws `destination-unknown`, `usage-invalid`. */
export function changeTransfer(engine: Engine, name: string, transfer: Transfer): DriveConfig {
  const before = destinationNamed(engine.settings.current, name);
  if (before.kind !== 'drive') throw new BackupError('usage-invalid', `${before.name} is a folder: it has no such settings`);
  const given = Object.entries(transfer).filter(([, value]) => value !== undefined);
  const parsed = driveConfigSchema.safeParse({ ...before, ...Object.fromEntries(given) });
  if (!parsed.success) {
    throw new BackupError('usage-invalid', `${before.name} cannot be changed so: ${issuesOf(parsed.error)}`);
  }
  const config = parsed.data;
  engine.settings.change((settings) => ({
    ...settings,
    destinations: settings.destinations.map((other) => (other.name === config.name ? config : other)),
  }));
  return config;
}

/** Looks at a destination and what it holds. One that cannot be reached is no error. Throws `destination-unknown`. */
export async function inspectDestination(engine: Engine, name: string, signal?: AbortSignal): Promise<DestinationReport> {
  const config = destinationNamed(engine.settings.current, name);
  const copies = engine.catalog
    .snapshots()
    .flatMap((snapshot) => snapshot.copies)
    .filter(({ destination, state }) => destination === config.name && state === 'stored');
  const held = { config, snapshots: copies.length, bytes: copies.reduce((sum, copy) => sum + copy.bytes, 0) };
  try {
    return { ...held, space: await engine.destination(config.name, signal).freeSpace(), error: null };
  } catch (error) {
    return { ...held, space: null, error: errorFacts(error) };
  }
}

/**
 * What a destination, or the folder of an absolute path, holds of every job, newest first; what cannot be read is noted. Writes nothing.
 * Throws `destination-unknown`, and why it cannot be reached.
 */
export async function readContents(engine: Engine, name: string, signal?: AbortSignal): Promise<DestinationContents> {
  const notes: string[] = [];
  const destination = engine.destination(name, signal);
  await destination.check(signal);
  const manifests = await readManifests(destination, undefined, (error) => notes.push(errorFacts(error).message));
  return { manifests: manifests.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)), notes };
}

/** Forgets a destination that no job uses; what it holds stays there. Throws `destination-unknown`, `destination-in-use`. */
export async function removeDestination(engine: Engine, name: string): Promise<DestinationConfig> {
  const config = destinationNamed(engine.settings.current, name);
  refuseInUse(engine, config.name);
  await disconnect(engine, config);
  return config;
}

/** A destination inside another, or around the data folder, would mix their files. */
function refuseNested(engine: Engine, root: string): void {
  const others = [engine.home.path, ...localPaths(engine.settings.current.destinations)];
  const other = others.find((path) => path !== root && (isInside(root, path) || isInside(path, root)));
  if (other === undefined) return;
  throw new BackupError('usage-invalid', `${root} and ${other} lie one inside the other`, {
    hint: 'choose a folder of its own for the snapshots',
  });
}

function refuseInUse(engine: Engine, name: string): void {
  const users = engine.settings.current.jobs
    .filter(isSqliteJob)
    .filter(({ destinations }) => destinations.includes(name))
    .map((job) => job.name);
  if (users.length === 0) return;
  throw new BackupError('destination-in-use', `${name} is a destination of ${users.join(', ')}`, {
    hint: `take it out first, such as: nightjar job set ${users[0]} --to OTHER`,
  });
}
