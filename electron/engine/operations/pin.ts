import type { Manifest } from '../../domain/manifest.ts';
import { type SnapshotRecord, storedCopies } from '../../domain/snapshot-record.ts';
import { putManifest } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';

/** Pins or unpins a snapshot in the manifests of all its copies, so that a new machine knows it too, and then in the catalog. */
export async function pinSnapshot(engine: Engine, snapshot: SnapshotRecord, pinned: boolean): Promise<SnapshotRecord> {
  const manifest: Manifest = { ...snapshot.manifest, pinned };
  for (const { destination } of storedCopies(snapshot)) await putManifest(engine.destination(destination), manifest, { replace: true });
  engine.catalog.setPinned(snapshot.id, manifest);
  return { ...snapshot, pinned, manifest };
}
