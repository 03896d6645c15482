import { type DatedAhead, isDatedAhead, latestDateMs, unlessAhead } from '../../domain/dated-ahead.ts';
import { drillsUnlessAhead } from '../../domain/drill.ts';
import { unknownStore } from '../../domain/git-item.ts';
import { assessJob, type DestinationEvidence, type JobEvidence, type JobHealth, noEvidence } from '../../domain/health.ts';
import { type DestinationConfig, type GitJob, isGitJob, type Job, type Run, type Settings, type SqliteJob } from '../../domain/model.ts';
import { isVerified, type SnapshotRecord } from '../../domain/snapshot-record.ts';
import { forecastSpace } from '../../domain/space-forecast.ts';
import { assessStore, type StoreEvidence } from '../../domain/store-health.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';

/** The health of every configured job, from what the catalog holds as evidence; `null` is a catalog that does not exist yet. */
export function assessHome(settings: Settings, catalog: CatalogReader | null, nowMs: number): JobHealth[] {
  return settings.jobs.map((job) => assessOne(settings, catalog, job, nowMs));
}

/** The health of one job. */
export function assessOne(settings: Settings, catalog: CatalogReader | null, job: Job, nowMs: number): JobHealth {
  const { reserveBytes, staleHours } = settings.preferences;
  const snapshots = catalog && !isGitJob(job) ? catalog.snapshots(job.name) : [];
  const lastRun = catalog ? lastRunOf(catalog, job, nowMs) : undefined;
  const more = catalog ? moreEvidence(job, catalog, snapshots, reserveBytes, nowMs) : noEvidence;
  if (isGitJob(job)) return assessStore(job, { ...storeEvidence(job, catalog), lastRun, more }, staleHours, nowMs);
  const evidence = catalog ? evidenceFor(job, catalog, snapshots, settings.destinations, nowMs) : nowhere(job);
  return assessJob(job, evidence, lastRun, staleHours, nowMs, more);
}

/** The run of a job that was started last; one that a clock that was ahead has dated only while it goes on, or where there is no other. */
export function lastRunOf(catalog: CatalogReader, { name }: Job, nowMs: number): Run | undefined {
  const [newest] = catalog.runs({ job: name, limit: 1 });
  if (newest === undefined || newest.status === 'running' || !isDatedAhead(newest.startedAtMs, nowMs)) return newest;
  return catalog.runs({ job: name, limit: 1, beforeMs: latestDateMs(nowMs) + 1 })[0] ?? newest;
}

function moreEvidence(
  job: Job,
  catalog: CatalogReader,
  snapshots: readonly SnapshotRecord[],
  reserveBytes: number,
  nowMs: number,
): JobEvidence {
  const evidence = catalog.evidence();
  const places = isGitJob(job) ? [] : ['', ...job.destinations];
  return {
    drills: drillsUnlessAhead(evidence.drills(job.name), nowMs),
    anomalies: evidence.openAnomalies(job.name),
    space: places.flatMap((place) => forecastSpace(place, evidence.spaceSamples(place), reserveBytes) ?? []),
    missedSlots: countMissed(job, catalog),
    ahead: findAhead(job, catalog, snapshots).filter(({ atMs }) => isDatedAhead(atMs, nowMs)),
  };
}

/** The newest of everything that has a date. */
function findAhead(job: Job, catalog: CatalogReader, [snapshot]: readonly SnapshotRecord[]): DatedAhead[] {
  const [drill] = catalog.evidence().drills(job.name);
  const [run] = catalog.runs({ job: job.name, limit: 1 });
  const safeAtMs = isGitJob(job) ? catalog.git(job.name).record().safeAtMs : null;
  return [
    ...(snapshot ? [{ what: `${snapshot.manifest.object.name} was made`, atMs: snapshot.createdAtMs }] : []),
    ...(safeAtMs === null ? [] : [{ what: 'all of it was last seen to be safe', atMs: safeAtMs }]),
    ...(drill ? [{ what: `the drill of ${drill.place} was done`, atMs: drill.startedAtMs }] : []),
    ...(run ? [{ what: `the run ${run.id} was started`, atMs: run.startedAtMs }] : []),
  ];
}

/** Slots that passed without a run of their own since one was done. */
function countMissed(job: Job, catalog: CatalogReader): number {
  const slots = catalog.ledger(job.name).slots(100);
  const done = slots.findIndex(({ state }) => state === 'done');
  return slots.slice(0, done < 0 ? slots.length : done).filter(({ state }) => state === 'missed').length;
}

function evidenceFor(
  job: SqliteJob,
  catalog: CatalogReader,
  snapshots: readonly SnapshotRecord[],
  destinations: readonly DestinationConfig[],
  nowMs: number,
): DestinationEvidence[] {
  const copies = snapshots.flatMap((snapshot) =>
    snapshot.copies.map((copy) => ({
      ...copy,
      snapshotId: snapshot.id,
      createdAtMs: snapshot.createdAtMs,
      base: snapshot.manifest.delta?.base.id,
    })),
  );
  const unsent = catalog.deliveries(job.name);
  return job.destinations.map((destination) => {
    const here = copies.filter((copy) => copy.destination === destination && copy.state !== 'expired');
    return {
      destination,
      lastVerifiedMs: unlessAhead(here.filter(isVerified), ({ createdAtMs }) => createdAtMs, nowMs)[0]?.createdAtMs ?? null,
      bad: here.flatMap(({ base, objectName, snapshotId, state, failure }) => {
        const message =
          state === 'missing' ? `it is not there any more (if that was meant: nightjar forget ${snapshotId})` : failure?.message;
        // What is wrong with a base is said of the base, once, and not of every delta on it.
        const isSaid = failure?.isOfBase && here.some((other) => other.snapshotId === base);
        return message === undefined || isSaid ? [] : [{ objectName, message }];
      }),
      account: catalog.accountProblem(destination),
      signInEndsAtMs: signInEnd(destination, destinations),
      unsent: unsent.filter((delivery) => delivery.destination === destination).map(({ manifest }) => manifest.object.name),
    };
  });
}

function storeEvidence(job: GitJob, catalog: CatalogReader | null): StoreEvidence {
  const queue = catalog?.git(job.name);
  return { record: queue?.record() ?? unknownStore, unfinished: queue?.unfinished() ?? [] };
}

function nowhere(job: SqliteJob): DestinationEvidence[] {
  return job.destinations.map((destination) => ({
    destination,
    lastVerifiedMs: null,
    bad: [],
    account: null,
    signInEndsAtMs: null,
    unsent: [],
  }));
}

function signInEnd(name: string, destinations: readonly DestinationConfig[]): number | null {
  const config = destinations.find((candidate) => candidate.name === name);
  return config?.kind === 'drive' ? config.signInEndsAtMs : null;
}
