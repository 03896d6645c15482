import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { MissedDestination } from '../../domain/outcomes.ts';
import type { Destination } from '../destinations/destination.ts';
import { sessionLifeMs } from '../destinations/drive/upload-session.ts';
import type { Engine } from '../engine.ts';
import { chooseForm, type FormChoice } from './base.ts';
import { expectedStoredBytes, guardBackup, guardQuota } from './guard.ts';
import { probeSource } from './probe-source.ts';
import { ownSeries, reconcile, type SeriesState } from './reconcile.ts';
import type { Steps } from './steps.ts';

/** What a run found before it created anything. */
export interface Prepared {
  readonly destinations: readonly Destination[];
  /** Destinations that are away: they do not keep the others from their copy. */
  readonly unreachable: readonly MissedDestination[];
  /** File names that are taken in the job's folder at any destination. */
  readonly names: ReadonlySet<string>;
  /** Whether the snapshot may be a delta. */
  readonly form: FormChoice;
}

/** Looks at everything that a backup will need, and creates nothing. Throws what makes the run impossible. */
export async function prepare(engine: Engine, job: SqliteJob, steps: Steps): Promise<Prepared> {
  return steps.take('guard', 'Checking source, destinations and space', async (report) => {
    const { path } = job.source;
    const source = await probeSource(engine, job, job.lockWaitSeconds * 1000, steps.signal);
    if (source.journalMode === 'rollback') {
      steps.warn(`${path} is not in WAL mode: its writers wait while the snapshot is taken ("PRAGMA journal_mode=WAL" avoids that)`);
    }
    const series = await tryEach(job, job.destinations, steps, (name) => reach(engine, job, name, steps));
    for (const message of series.reached.flatMap(({ messages }) => messages)) steps.warn(message);
    const form = chooseForm(
      engine,
      job,
      source.pageSize,
      series.reached.map(({ destination }) => destination),
    );
    const storedBytes = expectedStoredBytes(engine, job, source, form);
    const roomy = await tryEach(job, series.reached, steps, async (one) => {
      await guardQuota(one.destination, storedBytes);
      return one;
    });
    const destinations = roomy.reached.map(({ destination }) => destination);
    const needs = await guardBackup(engine, job, { source, destinations, form }, steps);
    report.fact('rawBytes', source.rawBytes);
    report.fact('walBytes', source.walBytes);
    for (const { needBytes, volume } of needs) report.fact(`needs on ${volume.path}`, needBytes);
    const names = new Set(roomy.reached.flatMap((one) => [...one.names]));
    return { destinations, unreachable: [...series.missed, ...roomy.missed], names, form };
  });
}

/**
 * Throws `destination-busy` where an earlier snapshot is still on its way to a destination: every run goes on with it, and none would
 * ever arrive if each began with a new one. One that is as old as its upload may be gives way.
 */
function refuseWhileSending(engine: Engine, job: SqliteJob, destination: string): void {
  const sinceMs = engine.ports.clock.now() - sessionLifeMs;
  const waiting = engine.catalog.deliveries(job.name).find((each) => each.destination === destination && each.createdAtMs > sinceMs);
  if (!waiting) return;
  throw new BackupError('destination-busy', `${waiting.manifest.object.name} is still on its way to ${destination}`, {
    retryable: true,
    hint: 'the next run goes on with it, and so does: nightjar send',
  });
}

interface Reached extends SeriesState {
  readonly name: string;
  readonly destination: Destination;
}

async function reach(engine: Engine, job: SqliteJob, name: string, steps: Steps): Promise<Reached> {
  refuseWhileSending(engine, job, name);
  const destination = engine.destination(name, steps.signal, job);
  return { name, destination, ...(await reconcile(engine, destination, job.name, ownSeries(engine, job))) };
}

/** Does something with each destination: one that fails does not keep the others from it. Throws the first reason where all do. */
async function tryEach<T extends string | Reached>(
  job: SqliteJob,
  places: readonly T[],
  steps: Steps,
  work: (place: T) => Promise<Reached>,
): Promise<{ readonly reached: readonly Reached[]; readonly missed: readonly MissedDestination[] }> {
  const reached: Reached[] = [];
  const missed: MissedDestination[] = [];
  const reasons: unknown[] = [];
  for (const place of places) {
    try {
      reached.push(await work(place));
    } catch (error) {
      const { message } = errorFacts(error);
      reasons.push(error);
      missed.push({ destination: typeof place === 'string' ? place : place.name, message });
      if (job.destinations.length > 1) steps.warn(message);
    }
  }
  if (reached.length === 0) throw reasons[0];
  return { reached, missed };
}
