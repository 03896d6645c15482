import { errorFacts } from '../../domain/errors.ts';
import type { SqliteJob, Trigger } from '../../domain/model.ts';
import type { BackupOutcome } from '../../domain/outcomes.ts';
import type { Engine } from '../engine.ts';
import { dropFormerPages, keepPages } from './base.ts';
import { deliver } from './deliver.ts';
import { describeSnapshot, pack, takeCopy } from './pack.ts';
import { prepare } from './prepare.ts';
import { lossWarning, recordTaken } from './record-snapshot.ts';
import { retainEverywhere } from './retain.ts';
import { asRun, inStaging } from './run.ts';
import { sendPending } from './send-pending.ts';

export interface BackupRequest {
  readonly job: SqliteJob;
  readonly trigger: Trigger;
  /** A one-off backup leaves everything that was there before. */
  readonly retain: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Backs up one job, after going on with what an earlier run of it left unsent. A snapshot exists only when its digest was read back from a destination and its manifest stands there; what
 * retention expires goes only after that. Throws what made the run fail, after recording it; staging is left clean in any case.
 */
export async function runBackup(engine: Engine, { job, trigger, retain, signal }: BackupRequest): Promise<BackupOutcome> {
  const pending = await sendPending(engine, job.name, signal);
  const { run, result } = await asRun(engine, job, trigger, signal, async (steps) => {
    const prepared = await prepare(engine, job, steps);
    return inStaging(engine, steps.runId, async (folder) => {
      const copy = await takeCopy(engine, job, folder, steps);
      const packed = await pack(engine, job, copy, prepared, steps);
      const manifest = describeSnapshot(engine, job, packed, prepared.names);
      if (packed.pages) await keepPages(engine, manifest, packed.pages.path);
      const delivered = await deliver(engine, { manifest, path: packed.path }, prepared, steps);
      await steps.complete('record', 'Recording the snapshot', async () => {
        const losses = recordTaken(engine, manifest, delivered.copies, { runId: steps.runId, walGrowthBytes: copy.walGrowthBytes });
        if (losses.length > 0) steps.warn(lossWarning(job.name, losses));
      });
      const retained = retain ? await retainEverywhere(engine, job, delivered.destinations, steps) : [];
      return { snapshotId: manifest.id, retained, failed: delivered.failed };
    });
  });
  // They take space only until the next start.
  await dropFormerPages(engine, job.name).catch((error: unknown) => engine.log.warn(errorFacts(error).message));
  const snapshot = engine.catalog.snapshot(result.snapshotId);
  if (!snapshot) throw new TypeError(`${result.snapshotId} was recorded and is not in the catalog`);
  return { run, snapshot, retained: result.retained, failed: result.failed, pending };
}
