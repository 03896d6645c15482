import { BackupError } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { sameName } from '../../domain/model.ts';
import { formatStamp } from '../../domain/object-name.ts';
import { isVerified, type SnapshotRecord } from '../../domain/snapshot-record.ts';
import { checkWhen, chooseSnapshot, parseSnapshotReference } from '../../domain/snapshot-reference.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Destination } from '../destinations/destination.ts';
import { readManifests, stampOf } from '../destinations/manifests.ts';

/** The snapshot that a person means by an id, `JOB`, `JOB@latest` or `JOB@YYYY-MM-DD`. Throws `snapshot-unknown` or `usage-invalid`. */
export function findSnapshot(catalog: CatalogReader, text: string): SnapshotRecord {
  const byId = catalog.snapshot(text);
  if (byId) return byId;
  const reference = parseSnapshotReference(text);
  const job = catalog.knownJob(reference.job) ?? reference.job;
  const snapshots = catalog.snapshots(job).filter(({ copies }) => copies.some(({ state }) => state === 'stored'));
  const found = chooseSnapshot(snapshots.map(toChoosable), reference.at);
  if (found) return found.snapshot;
  if (snapshots.length === 0) {
    throw new BackupError('snapshot-unknown', `there is no snapshot "${text}"`, { hint: 'see them with: nightjar snapshots' });
  }
  throw new BackupError('snapshot-unknown', `${job} has no snapshot for ${reference.at}`, {
    hint: `see its days with: nightjar snapshots ${job}`,
  });
}

/**
 * The snapshot at a destination that nothing local is known of, by its id, or by its job and when it is of. Without `job`, there must be
 * only one job there.
 */
export async function findAtDestination(
  destination: Destination,
  job: string | undefined,
  at: string,
  onInvalid: (error: unknown) => void,
): Promise<Manifest> {
  const isId = at.startsWith('snap-');
  if (!isId) checkWhen(at);
  await destination.check();
  const manifests = await readManifests(destination, undefined, onInvalid);
  const byId = manifests.find(({ id }) => id === at);
  if (byId) return byId;
  if (isId) {
    throw new BackupError('snapshot-unknown', `${destination.name} holds no snapshot ${at}`, { hint: 'look again at what is there' });
  }
  const jobs = [...new Set(manifests.map((manifest) => manifest.job))].toSorted();
  if (jobs.length === 0) {
    throw new BackupError('snapshot-unknown', `there are no snapshots in ${destination.name}`, {
      hint:
        destination.kind === 'folder'
          ? 'give the folder that holds the folders of the jobs, not one of these'
          : 'check its folder and account with: nightjar destination list',
    });
  }
  const wanted = job === undefined ? jobs : jobs.filter((name) => sameName(name, job));
  if (wanted.length !== 1) {
    const problem =
      job === undefined ? `${destination.name} holds snapshots of several jobs` : `${destination.name} holds no snapshot of ${job}`;
    throw new BackupError(job === undefined ? 'usage-invalid' : 'snapshot-unknown', problem, {
      hint: `name one with --job: ${jobs.join(', ')}`,
    });
  }
  const series = manifests.filter((manifest) => manifest.job === wanted[0]);
  const found = chooseSnapshot(
    series.map((manifest) => ({ manifest, createdAtMs: Date.parse(manifest.createdAt), objectName: manifest.object.name, verified: true })),
    at,
  );
  if (found) return found.manifest;
  throw new BackupError('snapshot-unknown', `${wanted[0]} has no snapshot for ${at} in ${destination.name}`, {
    hint: `it has: ${series
      .map((manifest) => formatStamp(stampOf(manifest)))
      .toSorted()
      .slice(-10)
      .join(', ')}`,
  });
}

function toChoosable(snapshot: SnapshotRecord) {
  return {
    snapshot,
    createdAtMs: snapshot.createdAtMs,
    objectName: snapshot.manifest.object.name,
    verified: snapshot.copies.some(isVerified),
  };
}
