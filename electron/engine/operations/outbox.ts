import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../domain/manifest.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Engine } from '../engine.ts';
import { syncFolder } from '../platform/atomic-file.ts';

/** A packed snapshot that is ready to be sent: its digests are in its manifest. */
export interface Parcel {
  readonly manifest: Manifest;
  readonly path: string;
}

/** True for a destination at which an upload can be gone on with after a crash. */
export function canContinue(destination: Destination): boolean {
  return destination.kind === 'drive';
}

/**
 * Puts a packed snapshot where the next start finds it, if one of the destinations can go on with an upload; else it stays in staging,
 * which does not outlive its run.
 */
export async function keepForLater(engine: Engine, parcel: Parcel, destinations: readonly Destination[]): Promise<Parcel> {
  const continuing = destinations.filter(canContinue);
  if (continuing.length === 0) return parcel;
  const { manifest } = parcel;
  const path = outboxPath(engine, manifest);
  await rename(parcel.path, path);
  await syncFolder(engine.home.outboxFolder);
  const former = engine.catalog.deliveries(manifest.job);
  const createdAtMs = engine.ports.clock.now();
  for (const { name } of continuing) engine.catalog.addDelivery({ manifest, destination: name, createdAtMs });
  for (const delivery of former) await releaseParcel(engine, delivery.manifest);
  return { manifest, path };
}

/** Removes a packed snapshot that no destination waits for any more. */
export async function releaseParcel(engine: Engine, manifest: Manifest): Promise<void> {
  const isAwaited = engine.catalog.deliveries(manifest.job).some((delivery) => delivery.manifest.id === manifest.id);
  if (!isAwaited) await rm(outboxPath(engine, manifest), { force: true });
}

/** Where a packed snapshot waits. */
export function outboxPath(engine: Engine, manifest: Manifest): string {
  return join(engine.home.outboxFolder, fileName(manifest));
}

/** Whatever form and codec it has: what the file is stands in the manifest. */
function fileName({ id }: Manifest): string {
  return `${id}.object`;
}

/** Removes what nobody waits for any more, and forgets deliveries whose file is gone. Only the engine that holds the lock may call it, before its first run. */
export async function sweepOutbox(engine: Engine): Promise<void> {
  const files = new Set(await readdir(engine.home.outboxFolder));
  const wanted = new Set<string>();
  for (const { destination, manifest } of engine.catalog.deliveries()) {
    const file = fileName(manifest);
    if (files.has(file)) wanted.add(file);
    else engine.catalog.removeDelivery(manifest.id, destination);
  }
  for (const file of files) if (!wanted.has(file)) await rm(join(engine.home.outboxFolder, file), { recursive: true, force: true });
}
