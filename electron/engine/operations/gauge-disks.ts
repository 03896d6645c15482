import { BackupError, errorFacts } from '../../domain/errors.ts';
import { isSqliteJob, type SqliteJob } from '../../domain/model.ts';
import { forecastSpace } from '../../domain/space-forecast.ts';
import { type DiskGuardReport, gaugeVolumes, type PlannedRun, type VolumePace } from '../../domain/volume-gauge.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Engine } from '../engine.ts';
import { withinLimit } from '../platform/within-limit.ts';
import { chooseForm } from './base.ts';
import { planWrites } from './guard.ts';
import { probeSource } from './probe-source.ts';

/** A disk that does not answer is told of, and not waited for. */
const lookWithinMs = 15_000;
const lockWaitMs = 2000;

/**
 * Every volume that a run of a configured job writes on, with what the next run of each needs there. Creates nothing; of what cannot be
 * read or reached it says why. Throws only the signal's reason.
 */
export async function gaugeDisks(engine: Engine, signal: AbortSignal): Promise<DiskGuardReport> {
  const { jobs, preferences } = engine.settings.current;
  const planned: Planned[] = [];
  const unknown: { job: string; message: string }[] = [];
  for (const job of jobs.filter(isSqliteJob)) {
    try {
      planned.push(await withinLimit(engine.ports.clock, lookWithinMs, signal, (stop) => planRun(engine, job, stop), noAnswer));
    } catch (error) {
      signal.throwIfAborted();
      unknown.push({ job: job.name, message: errorFacts(error).message });
    }
  }
  const paces = planned.flatMap((run) => run.paces);
  return { volumes: gaugeVolumes(planned, preferences, paces), unknown };
}

function noAnswer(): BackupError {
  return new BackupError('timed-out', `its source or a destination has not answered within ${lookWithinMs / 1000} s`, { retryable: true });
}

interface Planned extends PlannedRun {
  readonly paces: readonly VolumePace[];
}

async function planRun(engine: Engine, job: SqliteJob, signal: AbortSignal): Promise<Planned> {
  const source = await probeSource(engine, job, lockWaitMs, signal);
  const destinations = await reachable(engine, job, signal);
  const form = chooseForm(engine, job, source.pageSize, destinations);
  const writes = await planWrites(engine, job, { source, destinations, form });
  return { job: job.name, writes, paces: await pacesOf(engine, destinations) };
}

/** One that is away keeps a run from nothing but its own copy. Throws the first reason where all are. */
async function reachable(engine: Engine, job: SqliteJob, signal: AbortSignal): Promise<Destination[]> {
  const reached: Destination[] = [];
  const reasons: unknown[] = [];
  for (const name of job.destinations) {
    try {
      const destination = engine.destination(name, signal, job);
      await destination.volume();
      reached.push(destination);
    } catch (error) {
      reasons.push(error);
    }
  }
  if (reached.length === 0) throw reasons[0];
  return reached;
}

/** How long each place of a job lasts; the empty one is where snapshots are staged. */
async function pacesOf({ catalog, home, ports, settings }: Engine, destinations: readonly Destination[]): Promise<VolumePace[]> {
  const places = [{ place: '', volume: await ports.disk.of(home.stagingFolder) }];
  for (const destination of destinations) {
    const volume = await destination.volume();
    if (volume !== null) places.push({ place: destination.name, volume });
  }
  const { reserveBytes } = settings.current.preferences;
  return places.map(({ place, volume }) => {
    const forecast = forecastSpace(place, catalog.evidence().spaceSamples(place), reserveBytes);
    return { volumeId: volume.id, daysLeft: forecast?.daysLeft ?? null };
  });
}
