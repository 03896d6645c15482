import { errorFacts } from '../../domain/errors.ts';
import { composeHeadline } from '../../domain/headline.ts';
import type { JobHealth } from '../../domain/health.ts';
import type { Run, SqliteJob } from '../../domain/model.ts';
import { isStoredAt } from '../../domain/snapshot-record.ts';
import { encodeStatusFile, type StatusFile, statusFileName } from '../../domain/status-file.ts';
import { instant } from '../../domain/zoned-time.ts';
import type { Engine } from '../engine.ts';
import { withinLimit } from '../platform/within-limit.ts';
import { assessOne, lastRunOf } from './assess.ts';

/** A destination that takes longer gets it after the next run. */
const publishWithinMs = 15_000;

/**
 * Writes `STATUS.json` beside the job's snapshots at each of its destinations, so that another device sees that backups go on, or have
 * stopped. Where it cannot be written, that is a line in the log: a run never fails by it.
 */
export async function publishStatus(engine: Engine, job: SqliteJob, signal?: AbortSignal): Promise<void> {
  const nowMs = engine.ports.clock.now();
  const health = assessOne(engine.settings.current, engine.catalog, job, nowMs);
  const lastRun = lastRunOf(engine.catalog, job, nowMs);
  for (const place of job.destinations.filter((destination) => isOwnSeries(engine, job, destination))) {
    const text = encodeStatusFile(describe(engine, job, health, place, lastRun));
    try {
      await withinLimit(engine.ports.clock, publishWithinMs, signal, (stop) =>
        engine.destination(place, stop).put(`${job.name}/${statusFileName}`, { kind: 'text', text }, { replace: true, signal: stop }),
      );
    } catch (error) {
      engine.log.warn(`the status at ${place} could not be written: ${errorFacts(error).message}`, { job: job.name });
    }
  }
}

/** What is beside the snapshots of another database is that one's. */
function isOwnSeries({ catalog, ports }: Engine, job: SqliteJob, destination: string): boolean {
  const newest = catalog.snapshots(job.name).find((snapshot) => isStoredAt(snapshot, destination));
  if (newest === undefined) return false;
  const { host, path } = newest.manifest.source;
  return job.adopted || (host === ports.host && path === job.source.path);
}

function describe(engine: Engine, job: SqliteJob, health: JobHealth, place: string, lastRun: Run | undefined): StatusFile {
  const nowMs = engine.ports.clock.now();
  const here = health.places.find((each) => each.place === place);
  return {
    format: 'nightjar-status',
    version: 1,
    job: job.name,
    host: engine.ports.host,
    writtenAt: new Date(nowMs).toISOString(),
    lastVerified: instant(here?.lastVerifiedMs),
    staleAfter: instant(here?.staleAtMs),
    lastRun: lastRun
      ? {
          status: lastRun.status,
          startedAt: new Date(lastRun.startedAtMs).toISOString(),
          endedAt: instant(lastRun.endedAtMs),
          error: lastRun.error?.message ?? null,
        }
      : null,
    nextSlot: instant(health.nextMs),
    lastProven: instant(health.lastProvenMs),
    state: health.state,
    headline: composeHeadline([health], nowMs, job.schedule.zone).sentence,
  };
}
