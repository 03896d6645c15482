import { errorFacts } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { RetainOutcome, RetainVerdict } from '../../domain/outcomes.ts';
import { freezeRetention, planRetention, type RetentionCandidate, takeExpired } from '../../domain/retention.ts';
import { slotsBetween } from '../../domain/schedule.ts';
import { oldestBaseMs } from '../../domain/snapshot-form.ts';
import { isStoredAt, isVerified, type SnapshotRecord } from '../../domain/snapshot-record.ts';
import { endOfDay } from '../../domain/zoned-time.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Engine } from '../engine.ts';
import { basesOfAbsent } from './base.ts';
import { removeCopies } from './removal.ts';
import type { Steps } from './steps.ts';

/** At most this many snapshots go in one run, so that a wrong setting cannot empty a destination overnight (S1-81). */
export const maxRemovals = 60;

/** Why a snapshot stays that the policy would let go. */
const frozenReason = 'frozen until what shrank is acknowledged';

/** What a job has lost, one sentence each, and nobody has acknowledged. */
export function lossesOf({ catalog }: Engine, job: string): readonly string[] {
  return catalog
    .evidence()
    .openAnomalies(job)
    .flatMap(({ losses }) => losses);
}

/**
 * The verdicts on a job's snapshots at one destination, newest first. With `asOf` (a day), as they will be at the end of that day
 * if every run until then succeeds.
 */
export function planRetain(engine: Engine, job: SqliteJob, destination: string, asOf?: string): RetainVerdict[] {
  const here = engine.catalog.snapshots(job.name).filter((snapshot) => isStoredAt(snapshot, destination));
  const nowMs = engine.ports.clock.now();
  const untilMs = asOf === undefined ? nowMs : endOfDay(asOf, job.schedule.zone) - 1;
  // A series of deltas goes on with its base, as long as that may be one.
  const base = here[0]?.manifest.delta?.base;
  const baseUntilMs = (here.find(({ id }) => id === base?.id)?.createdAtMs ?? 0) + oldestBaseMs;
  const coming = slotsBetween(job.schedule, nowMs, untilMs).map((atMs) => ({
    id: `slot ${atMs}`,
    createdAtMs: atMs,
    verified: true,
    pinned: false,
    ...(base && atMs <= baseUntilMs ? { base: base.id } : {}),
  }));
  const absent = basesOfAbsent(engine, job.name, destination);
  const byId = new Map(here.map((snapshot) => [snapshot.id, snapshot]));
  const candidates = [...here.map((snapshot) => toCandidate(snapshot, destination)), ...coming];
  const verdicts = planRetention(candidates, job.retention, job.schedule.zone, untilMs).flatMap((verdict) => {
    const snapshot = byId.get(verdict.id);
    if (!snapshot) return [];
    const held =
      verdict.reasons.length === 0 && absent.has(verdict.id) ? ['base of a delta that is missing or on its way'] : verdict.reasons;
    return [{ ...verdict, reasons: held, objectName: snapshot.manifest.object.name }];
  });
  return lossesOf(engine, job.name).length > 0 ? freezeRetention(verdicts, frozenReason) : verdicts;
}

/** Applies the policy at one destination: marks in the catalog, then moves manifest and object into the destination's trash. */
export async function retainAt(engine: Engine, job: SqliteJob, destination: Destination): Promise<RetainOutcome> {
  const verdicts = planRetain(engine, job, destination.name);
  const manifestOf = (id: string) => engine.catalog.snapshot(id)?.manifest;
  const removed = takeExpired(verdicts, maxRemovals, (id) => manifestOf(id)?.delta?.base.id);
  await removeCopies(
    engine,
    destination,
    removed.flatMap(({ id }) => manifestOf(id) ?? []),
  );
  if (!isTrashFrozen(engine, destination)) {
    await destination.emptyTrash(engine.ports.clock.now() - engine.settings.current.preferences.trashDays * 86_400_000);
  }
  return { destination: destination.name, verdicts, removed, frozenBy: lossesOf(engine, job.name) };
}

/** A destination has one trash for all jobs: it is kept while any of them may need something from it. */
function isTrashFrozen({ catalog }: Engine, { name }: Destination): boolean {
  const jobs = new Set(
    catalog
      .evidence()
      .openAnomalies()
      .map(({ job }) => job),
  );
  return [...jobs].some((job) => catalog.snapshots(job).some((snapshot) => isStoredAt(snapshot, name)));
}

/** Retention as the last step of a run, only where this run's copy was proven (S1-77). A failure here is a warning: the snapshot is safe. */
export async function retainEverywhere(
  engine: Engine,
  job: SqliteJob,
  destinations: readonly Destination[],
  steps: Steps,
): Promise<RetainOutcome[]> {
  return steps.take('retain', 'Applying the retention policy', async (report) => {
    const outcomes: RetainOutcome[] = [];
    for (const destination of destinations) {
      try {
        outcomes.push(await retainAt(engine, job, destination));
      } catch (error) {
        steps.warn(`retention at ${destination.name} did not finish: ${errorFacts(error).message}`);
      }
    }
    const losses = lossesOf(engine, job.name);
    if (losses.length > 0) report.fact('frozen', losses.join(', '));
    report.fact(
      'removed',
      outcomes.reduce((sum, { removed }) => sum + removed.length, 0),
    );
    return outcomes;
  });
}

function toCandidate(snapshot: SnapshotRecord, destination: string): RetentionCandidate {
  const copy = snapshot.copies.find((candidate) => candidate.destination === destination);
  const { createdAtMs, id, manifest, pinned } = snapshot;
  const base = manifest.delta?.base.id;
  return { id, createdAtMs, verified: copy !== undefined && isVerified(copy), pinned, ...(base === undefined ? {} : { base }) };
}
