import { BackupError } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { RetainOutcome } from '../../domain/outcomes.ts';
import { isDay, localTime } from '../../domain/zoned-time.ts';
import type { Engine } from '../engine.ts';
import { ownSeries, reconcile } from './reconcile.ts';
import { lossesOf, planRetain, retainAt } from './retain.ts';

/**
 * What a job's retention policy would keep at each of its destinations now or, with `asOf`, at the end of that day. Removes nothing.
 * Throws `usage-invalid` where that is no day to come.
 */
export function planPolicy(engine: Engine, job: SqliteJob, asOf: string | undefined): RetainOutcome[] {
  const today = localTime(engine.ports.clock.now(), job.schedule.zone).day;
  if (asOf !== undefined && (!isDay(asOf) || asOf < today)) {
    throw new BackupError('usage-invalid', `"${asOf}" is not a day to come`, { hint: 'give it as YYYY-MM-DD, today or later' });
  }
  const frozenBy = lossesOf(engine, job.name);
  return job.destinations.map((destination) => ({
    ...{ destination, frozenBy, removed: [] },
    verdicts: planRetain(engine, job, destination, asOf),
  }));
}

/** Applies a job's retention policy at each of its destinations. Throws what a destination fails with. */
export async function applyPolicy(engine: Engine, job: SqliteJob): Promise<RetainOutcome[]> {
  const outcomes: RetainOutcome[] = [];
  for (const name of job.destinations) {
    const destination = engine.destination(name);
    // What a removal left that was cut short goes first, and so does what is gone: a policy is applied to what is really there.
    await reconcile(engine, destination, job.name, ownSeries(engine, job));
    outcomes.push(await retainAt(engine, job, destination));
  }
  return outcomes;
}
