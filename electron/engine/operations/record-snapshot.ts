import { type Anomaly, anomalyPolicySchema, type Extent, findLosses } from '../../domain/anomaly.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { isSqliteJob, sameName, type VerifyLevel } from '../../domain/model.ts';
import { isVerified, type SnapshotRecord } from '../../domain/snapshot-record.ts';
import type { Engine } from '../engine.ts';

interface VerifiedCopy {
  readonly destination: string;
  readonly verified: { readonly level: VerifyLevel; readonly atMs: number };
}

/**
 * Records a snapshot that a run has taken, with what it has lost against the last verified one of its job: in one transaction, so that
 * a crash never makes the fall the new normal. Resolves to the losses, one sentence each.
 */
export function recordTaken(
  engine: Engine,
  manifest: Manifest,
  copies: readonly VerifiedCopy[],
  extra: { readonly runId?: string; readonly walGrowthBytes?: number } = {},
): readonly string[] {
  const anomaly = engine.catalog.snapshot(manifest.id) ? null : findAnomaly(engine, manifest);
  engine.catalog.recordSnapshot(manifest, copies, { ...extra, ...(anomaly === null ? {} : { anomaly }) });
  return anomaly?.losses ?? [];
}

/** The sentence that a run, retention and status say of losses. */
export function lossWarning(job: string, losses: readonly string[]): string {
  return `this snapshot has much less than the one before: ${losses.join(', ')}; nothing of ${job} is pruned until: nightjar job acknowledge ${job}`;
}

function findAnomaly(engine: Engine, manifest: Manifest): Anomaly | null {
  const former = formerExtent(engine, manifest);
  if (former === null) return null;
  const job = engine.settings.current.jobs.filter(isSqliteJob).find(({ name }) => sameName(name, manifest.job));
  const losses = findLosses(former, extentOf(manifest), job?.anomaly ?? anomalyPolicySchema.parse({}));
  if (losses.length === 0) return null;
  const { id: snapshotId, job: name } = manifest;
  return { snapshotId, job: name, foundAtMs: engine.ports.clock.now(), former, losses, acknowledgedAtMs: null };
}

/**
 * What to compare with: what was there before a fall that nobody has acknowledged, else the last verified snapshot; neither where it is
 * newer, for a snapshot may be sent late.
 */
function formerExtent({ catalog }: Engine, { createdAt, id, job }: Manifest): Extent | null {
  const createdAtMs = Date.parse(createdAt);
  const open = catalog
    .evidence()
    .openAnomalies(job)
    .find(({ former }) => former.createdAtMs <= createdAtMs);
  if (open !== undefined) return open.former;
  const last = catalog.snapshots(job).find((snapshot) => snapshot.id !== id && snapshot.createdAtMs <= createdAtMs && isProven(snapshot));
  return last === undefined ? null : extentOf(last.manifest);
}

function isProven({ copies }: SnapshotRecord): boolean {
  return copies.some(isVerified);
}

function extentOf({ createdAt, id, raw, sqlite }: Manifest): Extent {
  return { snapshotId: id, createdAtMs: Date.parse(createdAt), rawBytes: raw.bytes, tables: sqlite.tables };
}
