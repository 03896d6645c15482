import { type Drill, type DrillProof, drillPlaces, drillsUnlessAhead, isDrillDue, unproven } from '../../domain/drill.ts';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { isGitJob, type Job, type SqliteJob, type Trigger } from '../../domain/model.ts';
import { isVerified } from '../../domain/snapshot-record.ts';
import { countRows } from '../../domain/table-rows.ts';
import { formatCount } from '../../domain/units.ts';
import type { Engine } from '../engine.ts';
import { proveStore } from './drill-store.ts';
import { asPassingRun, startLimit } from './run.ts';
import { asStop, type Steps } from './steps.ts';
import { proveCopy } from './verify.ts';

export interface DrillRequest {
  /** What a person asks for is done everywhere; else only where it is due. */
  readonly trigger: Trigger;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lets a job prove itself: brings what it has stored back from every place in full, compares it, and keeps the dated result. One place
 * that fails does not keep the others from theirs. A run of the same job, or of one that shares a destination, is waited for: never to
 * be called within one. Throws only where it was stopped; then nothing is recorded of the place at hand.
 */
export async function drillJob(engine: Engine, job: Job, { trigger, signal }: DrillRequest): Promise<readonly Drill[]> {
  const places = trigger === 'manual' ? drillPlaces(job) : dueDrills(engine, job);
  if (places.length === 0) return [];
  if (isGitJob(job)) return engine.turns(job.source.path, () => proveAt(engine, job, places, trigger, signal));
  return engine.runs.run(job, () => proveAt(engine, job, places, trigger, signal), signal);
}

/** The places at which a job has something to prove, and has to prove it now. */
export function dueDrills(engine: Engine, job: Job): readonly string[] {
  const nowMs = engine.ports.clock.now();
  const drills = drillsUnlessAhead(engine.catalog.evidence().drills(job.name), nowMs);
  return drillPlaces(job).filter((place) => {
    const last = drills.find((drill) => drill.place === place) ?? null;
    return isDrillDue(job, last, nowMs) && hasSomething(engine, job, place);
  });
}

function hasSomething(engine: Engine, job: Job, place: string): boolean {
  if (!isGitJob(job)) return newestVerified(engine, job, place) !== undefined;
  const { proof, safeAtMs } = engine.queue(job.name).record();
  return job.source.enabled && (job.source.push ? proof !== null : safeAtMs !== null);
}

function newestVerified(engine: Engine, job: SqliteJob, place: string) {
  return engine.catalog.snapshots(job.name).find(({ copies }) => copies.some((copy) => copy.destination === place && isVerified(copy)));
}

async function proveAt(
  engine: Engine,
  job: Job,
  places: readonly string[],
  trigger: Trigger,
  signal: AbortSignal | undefined,
): Promise<readonly Drill[]> {
  const limit = startLimit(engine, job);
  const work = async (steps: Steps) => {
    const drills: Drill[] = [];
    for (const place of places) drills.push(await drillPlace(engine, job, place, steps));
    return drills;
  };
  const isGood = (drills: readonly Drill[]) => drills.every(({ outcome }) => outcome === 'proven');
  const until = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
  try {
    return await asPassingRun(engine, { job: job.name, trigger, signal: until, work, isGood });
  } finally {
    limit.stop();
  }
}

async function drillPlace(engine: Engine, job: Job, place: string, steps: Steps): Promise<Drill> {
  const { clock } = engine.ports;
  const startedAtMs = clock.now();
  const proof = await (isGitJob(job) ? proveStore(engine, job, steps) : proveSnapshot(engine, job, place, steps)).catch(
    (error: unknown) => {
      const failure = steps.signal.aborted ? asStop(steps.signal.reason) : error;
      const { code } = errorFacts(failure);
      if (code === 'cancelled') throw failure;
      return unproven(isGitJob(job) ? 'clone' : 'full', null, failure, code === 'digest-mismatch');
    },
  );
  const drill: Drill = { job: job.name, place, startedAtMs, endedAtMs: clock.now(), ...proof };
  // Where there is nothing yet, nothing was put off either: the first run makes a drill due.
  if (drill.code !== 'snapshot-unknown') engine.catalog.evidence().addDrill(drill);
  const fields = { run: steps.runId, job: job.name, place, code: drill.code };
  if (drill.outcome === 'proven') engine.log.info(`drill: ${drill.message}`, fields);
  else engine.log.error(`drill ${drill.outcome}: ${drill.message}`, fields);
  return drill;
}

/** The newest verified snapshot at a destination, in full (S1-110). */
async function proveSnapshot(engine: Engine, job: SqliteJob, place: string, steps: Steps): Promise<DrillProof> {
  const snapshot = newestVerified(engine, job, place);
  if (snapshot === undefined) {
    const nothing = new BackupError('snapshot-unknown', `there is no verified snapshot at ${place} to bring back`);
    return unproven('full', null, nothing, false);
  }
  const { failure, found, message = '', ok } = await proveCopy(engine, place, snapshot, 'full', steps);
  if (!ok) return unproven('full', snapshot.id, new BackupError(failure?.code ?? 'internal', message), failure?.isEvidence ?? false);
  const rows = countRows(found ?? []);
  const said = `${snapshot.manifest.object.name} came back from ${place}, and its ${formatCount(rows)} rows are as they were stored`;
  return { outcome: 'proven', level: 'full', snapshotId: snapshot.id, message: said, code: null, rows };
}
