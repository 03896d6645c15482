import type { Anomaly } from '../../domain/anomaly.ts';
import { BackupError } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';

/**
 * Notes with its date that what a job has lost is meant to be so: its snapshots are pruned again, and later ones are compared with what
 * it has now. Resolves to what was acknowledged. Throws `usage-invalid` where there is nothing to acknowledge.
 */
export function acknowledgeLosses(engine: Engine, { name }: Pick<SqliteJob, 'name'>): readonly Anomaly[] {
  const evidence = engine.catalog.evidence();
  const open = evidence.openAnomalies(name);
  if (open.length === 0) {
    throw new BackupError('usage-invalid', `${name} has lost nothing that is to be acknowledged`, { hint: 'see: nightjar status' });
  }
  const atMs = engine.ports.clock.now();
  evidence.acknowledge(name, atMs);
  engine.log.info('losses acknowledged', { job: name, snapshots: open.map(({ snapshotId }) => snapshotId) });
  return open.map((anomaly) => ({ ...anomaly, acknowledgedAtMs: atMs }));
}
