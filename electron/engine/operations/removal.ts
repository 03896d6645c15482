import type { Manifest } from '../../domain/manifest.ts';
import type { Destination, StoredObject } from '../destinations/destination.ts';
import { objectsOf } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import { isBaseAt } from './base.ts';

/**
 * Removes the copies of these snapshots at a destination: marked in the catalog first, then the manifests, then the objects, so that
 * a removal that is cut short can be finished and never leaves a manifest without its object. A delta has to come before its base.
 */
export async function removeCopies(engine: Engine, destination: Destination, manifests: readonly Manifest[]): Promise<void> {
  for (const { id } of manifests) engine.catalog.setCopyState(id, destination.name, 'expired');
  await discard(engine, destination, manifests.flatMap(objectsOf));
}

/** Takes away what a removal that was cut short left. */
export async function finishRemovals(
  engine: Engine,
  destination: Destination,
  job: string,
  listed: readonly StoredObject[],
): Promise<void> {
  const present = new Set(listed.map(({ name }) => name));
  // Somebody may have put back a base that deltas need.
  const expired = engine.catalog
    .expiredManifests(job, destination.name)
    .filter((manifest) => !isBaseAt(engine, manifest, destination.name))
    .flatMap(objectsOf);
  await discard(
    engine,
    destination,
    expired.filter((name) => present.has(name)),
  );
}

/** Into the trash, or away for good where the settings keep none. */
async function discard(engine: Engine, destination: Destination, names: readonly string[]): Promise<void> {
  const nowMs = engine.ports.clock.now();
  const { trashDays } = engine.settings.current.preferences;
  for (const name of names) await (trashDays === 0 ? destination.remove(name) : destination.trash(name, nowMs));
}
