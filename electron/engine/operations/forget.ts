import { BackupError } from '../../domain/errors.ts';
import type { SnapshotRecord } from '../../domain/snapshot-record.ts';
import type { Engine } from '../engine.ts';

/**
 * Stops counting the copies of a snapshot that somebody took away by hand; resolves to the names of their destinations. What is
 * still there stays. Throws `usage-invalid` where no copy is missing.
 */
export function forgetMissing(engine: Engine, snapshot: SnapshotRecord): string[] {
  const missing = snapshot.copies.filter(({ state }) => state === 'missing').map(({ destination }) => destination);
  if (missing.length === 0) {
    throw new BackupError('usage-invalid', `no copy of ${snapshot.job}/${snapshot.manifest.object.name} is missing`, {
      hint: 'snapshots leave by the retention policy; see: nightjar retain --help',
    });
  }
  for (const destination of missing) engine.catalog.setCopyState(snapshot.id, destination, 'expired');
  return missing;
}
