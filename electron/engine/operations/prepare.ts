import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { MissedDestination } from '../../domain/outcomes.ts';
import type { Destination } from '../destinations/destination.ts';
import { sessionLifeMs } from '../destinations/drive/upload-session.ts';
import type { Engine } from '../engine.ts';
import { expectedStoredBytes, guardBackup, guardQuota, probeSource } from './guard.ts';
import { ownSeries, reconcile } from './reconcile.ts';
import type { Steps } from './steps.ts';

/** What a run found before it created anything. */
export interface Prepared {
  readonly destinations: readonly Destination[];
  /** Destinations that are away: they do not keep the others from their copy. */
  readonly unreachable: readonly MissedDestination[];
  /** File names that are taken in the job's folder at any destination. */
  readonly names: ReadonlySet<string>;
}

/** Looks at everything that a backup will need, and creates nothing. Throws what makes the run impossible. */
export async function prepare(engine: Engine, job: SqliteJob, steps: Steps): Promise<Prepared> {
  return steps.take('guard', 'Checking source, destinations and space', async (report) => {
    const { path } = job.source;
    const source = await probeSource(engine, job, job.lockWaitSeconds * 1000, steps.signal);
    if (source.journalMode === 'rollback') {
      steps.warn(`${path} is not in WAL mode: its writers wait while the snapshot is taken ("PRAGMA journal_mode=WAL" avoids that)`);
    }
    const prepared = await reachDestinations(engine, job, expectedStoredBytes(engine, job, source), steps);
    const needs = await guardBackup(engine, job, source, prepared.destinations, steps);
    report.fact('rawBytes', source.rawBytes);
    report.fact('walBytes', source.walBytes);
    for (const { needBytes, volume } of needs) report.fact(`needs on ${volume.path}`, needBytes);
    return prepared;
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

/** Throws the first reason where no destination can be reached. */
async function reachDestinations(engine: Engine, job: SqliteJob, storedBytes: number, steps: Steps): Promise<Prepared> {
  const destinations: Destination[] = [];
  const unreachable: MissedDestination[] = [];
  const names = new Set<string>();
  let firstError: unknown;
  for (const name of job.destinations) {
    try {
      refuseWhileSending(engine, job, name);
      const destination = engine.destination(name, steps.signal, job);
      const series = await reconcile(engine, destination, job.name, ownSeries(engine, job));
      await guardQuota(destination, storedBytes);
      for (const taken of series.names) names.add(taken);
      for (const message of series.messages) steps.warn(message);
      destinations.push(destination);
    } catch (error) {
      firstError ??= error;
      unreachable.push({ destination: name, message: errorFacts(error).message });
      if (job.destinations.length > 1) steps.warn(errorFacts(error).message);
    }
  }
  if (destinations.length === 0) throw firstError;
  return { destinations, unreachable, names };
}
