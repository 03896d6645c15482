import type { Anomaly } from '../domain/anomaly.ts';
import type { Drill } from '../domain/drill.ts';
import type { GitItem } from '../domain/git-item.ts';
import type { Job, Run } from '../domain/model.ts';
import { formOf } from '../domain/snapshot-form.ts';
import { isVerified, type SnapshotRecord } from '../domain/snapshot-record.ts';
import { instant } from '../domain/zoned-time.ts';

/** The shapes that `--json` prints. Programs read them: keys are only ever added. */

export function runDocument(run: Run) {
  return {
    id: run.id,
    job: run.job,
    status: run.status,
    trigger: run.trigger,
    startedAt: instant(run.startedAtMs),
    endedAt: instant(run.endedAtMs),
    snapshot: run.snapshotId ?? null,
    warnings: run.warnings,
    error: run.error ?? null,
    steps: run.steps.map((step) => ({
      name: step.name,
      status: step.status,
      startedAt: instant(step.startedAtMs),
      endedAt: instant(step.endedAtMs),
      facts: step.facts,
    })),
  };
}

export function snapshotDocument(snapshot: SnapshotRecord) {
  const { manifest } = snapshot;
  const { delta, object } = manifest;
  return {
    id: snapshot.id,
    job: snapshot.job,
    createdAt: manifest.createdAt,
    zone: manifest.zone,
    source: manifest.source,
    pinned: snapshot.pinned,
    form: formOf(manifest),
    base: delta === undefined ? null : { id: delta.base.id, objectName: delta.base.name },
    changedPages: delta?.changedPages ?? null,
    pageCount: manifest.sqlite.pageCount,
    objectName: object.name,
    storedBytes: object.bytes,
    rawBytes: manifest.raw.bytes,
    rawSha256: manifest.raw.sha256,
    tables: manifest.sqlite.tables,
    copies: snapshot.copies.map((copy) => ({
      destination: copy.destination,
      objectName: copy.objectName,
      bytes: copy.bytes,
      sha256: copy.sha256,
      state: copy.state,
      verified: isVerified(copy),
      verifiedLevel: copy.verified?.level ?? null,
      verifiedAt: instant(copy.verified?.atMs),
      failure: copy.failure?.message ?? null,
    })),
  };
}

export function jobDocument(job: Job) {
  return { ...job, schedule: { ...job.schedule } };
}

/** An item of a git store; `lastError` is an error's own facts. */
export function itemDocument({ committed, item, lastBackupAtMs, lastError, paths, pushed, reason, state, updatedAtMs }: GitItem) {
  return {
    item,
    path: paths[0] ?? item,
    paths,
    reason,
    state,
    lastBackupAt: instant(lastBackupAtMs),
    lastError,
    committed,
    pushed,
    updatedAt: instant(updatedAtMs),
  };
}

export function drillDocument({ code, endedAtMs, job, level, message, outcome, place, rows, snapshotId, startedAtMs }: Drill) {
  const times = { startedAt: instant(startedAtMs), endedAt: instant(endedAtMs) };
  return { job, place, ...times, outcome, ok: outcome === 'proven', level, snapshot: snapshotId, rows, code, message };
}

export function anomalyDocument({ acknowledgedAtMs, former, foundAtMs, losses, snapshotId }: Anomaly) {
  const times = { foundAt: instant(foundAtMs), acknowledgedAt: instant(acknowledgedAtMs) };
  return { snapshot: snapshotId, ...times, losses, comparedWith: { snapshot: former.snapshotId, createdAt: instant(former.createdAtMs) } };
}
