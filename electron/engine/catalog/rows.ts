import type { Manifest } from '../../domain/manifest.ts';
import type { Copy, CopyState, Restore, Run, RunStatus, RunStep, StepName, Trigger, VerifyLevel } from '../../domain/model.ts';

export interface RunRow {
  id: string;
  job: string;
  trigger: Trigger;
  status: RunStatus;
  started_at_ms: number;
  ended_at_ms: number | null;
  snapshot_id: string | null;
  error_code: string | null;
  error_message: string | null;
  error_hint: string | null;
  warnings_json: string;
}

export interface StepRow {
  name: StepName;
  status: RunStep['status'];
  started_at_ms: number;
  ended_at_ms: number | null;
  facts_json: string;
}

export interface SnapshotRow {
  id: string;
  job: string;
  created_at_ms: number;
  pinned: 0 | 1;
  wal_growth_bytes: number | null;
  manifest_json: string;
}

export interface CopyRow {
  destination: string;
  state: CopyState;
  verified_level: VerifyLevel | null;
  verified_at_ms: number | null;
  failure_message: string | null;
  failure_at_ms: number | null;
}

export interface RestoreRow {
  id: string;
  job: string;
  snapshot_id: string | null;
  mode: Restore['mode'];
  state: Restore['state'];
  target_path: string;
  part_path: string | null;
  kept_path: string | null;
  started_at_ms: number;
  ended_at_ms: number | null;
}

/** An object that a run was about to store. */
export interface Intent {
  readonly runId: string;
  readonly destination: string;
  readonly objectName: string;
  readonly createdAtMs: number;
}

/** A packed snapshot that one destination has not got yet. */
export interface Delivery {
  readonly manifest: Manifest;
  readonly destination: string;
  readonly createdAtMs: number;
}

/** A restore with the file that it prepares beside its target. */
export interface RestoreRecord extends Restore {
  readonly partPath?: string;
}

export function toRun(row: RunRow, steps: readonly StepRow[]): Run {
  return {
    id: row.id,
    job: row.job,
    trigger: row.trigger,
    status: row.status,
    startedAtMs: row.started_at_ms,
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
    ...(row.snapshot_id === null ? {} : { snapshotId: row.snapshot_id }),
    ...(row.error_code === null || row.error_message === null
      ? {}
      : { error: { code: row.error_code, message: row.error_message, ...(row.error_hint === null ? {} : { hint: row.error_hint }) } }),
    warnings: JSON.parse(row.warnings_json) as string[],
    steps: steps.map((step) => ({
      name: step.name,
      status: step.status,
      startedAtMs: step.started_at_ms,
      ...(step.ended_at_ms === null ? {} : { endedAtMs: step.ended_at_ms }),
      facts: JSON.parse(step.facts_json) as RunStep['facts'],
    })),
  };
}

/** A copy's row with what its snapshot's manifest says of the object, and for a delta with the row of its base there. */
export function toCopy(row: CopyRow, manifest: Manifest, base: CopyRow | undefined): Copy {
  const failure = failureOf(row) ?? (manifest.delta && failureOfBase(row, manifest.delta.base.name, base));
  return {
    destination: row.destination,
    objectName: manifest.object.name,
    bytes: manifest.object.bytes,
    sha256: manifest.object.sha256,
    state: row.state,
    ...(row.verified_level === null || row.verified_at_ms === null
      ? {}
      : { verified: { level: row.verified_level, atMs: row.verified_at_ms } }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function failureOf({ failure_at_ms, failure_message }: CopyRow): Copy['failure'] {
  return failure_message === null || failure_at_ms === null ? undefined : { message: failure_message, atMs: failure_at_ms };
}

/** A delta whose base is gone or damaged at a place cannot be restored from there. */
function failureOfBase(row: CopyRow, name: string, base: CopyRow | undefined): Copy['failure'] {
  const atMs = row.verified_at_ms ?? 0;
  if (base?.state !== 'stored') return { message: `its base ${name} is not there`, atMs, isOfBase: true };
  const failure = failureOf(base);
  return failure && { message: `its base ${name} is not restorable: ${failure.message}`, atMs: failure.atMs, isOfBase: true };
}

export function toRestore(row: RestoreRow): RestoreRecord {
  return {
    id: row.id,
    job: row.job,
    ...(row.snapshot_id === null ? {} : { snapshotId: row.snapshot_id }),
    mode: row.mode,
    state: row.state,
    targetPath: row.target_path,
    ...(row.part_path === null ? {} : { partPath: row.part_path }),
    ...(row.kept_path === null ? {} : { keptPath: row.kept_path }),
    startedAtMs: row.started_at_ms,
    ...(row.ended_at_ms === null ? {} : { endedAtMs: row.ended_at_ms }),
  };
}
