import { unknownStore } from '../../domain/git-item.ts';
import { assessJob, type DestinationEvidence, type JobEvidence, type JobHealth, noEvidence } from '../../domain/health.ts';
import { type DestinationConfig, type GitJob, isGitJob, type Job, type Settings, type SqliteJob } from '../../domain/model.ts';
import { isVerified } from '../../domain/snapshot-record.ts';
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
  const lastRun = catalog?.runs({ job: job.name, limit: 1 })[0];
  const more = catalog ? moreEvidence(job, catalog, reserveBytes) : noEvidence;
  if (isGitJob(job)) return assessStore(job, { ...storeEvidence(job, catalog), lastRun, more }, staleHours, nowMs);
  const evidence = catalog ? evidenceFor(job, catalog, settings.destinations) : nowhere(job);
  return assessJob(job, evidence, lastRun, staleHours, nowMs, more);
}

function moreEvidence(job: Job, catalog: CatalogReader, reserveBytes: number): JobEvidence {
  const evidence = catalog.evidence();
  const places = isGitJob(job) ? [] : ['', ...job.destinations];
  return {
    drills: evidence.drills(job.name),
    anomalies: evidence.openAnomalies(job.name),
    space: places.flatMap((place) => forecastSpace(place, evidence.spaceSamples(place), reserveBytes) ?? []),
    missedSlots: countMissed(job, catalog),
  };
}

/** Slots that passed without a run of their own since one was done. */
function countMissed(job: Job, catalog: CatalogReader): number {
  const slots = catalog.ledger(job.name).slots(100);
  const done = slots.findIndex(({ state }) => state === 'done');
  return slots.slice(0, done < 0 ? slots.length : done).filter(({ state }) => state === 'missed').length;
}

function evidenceFor(job: SqliteJob, catalog: CatalogReader, destinations: readonly DestinationConfig[]): DestinationEvidence[] {
  const copies = catalog
    .snapshots(job.name)
    .flatMap((snapshot) => snapshot.copies.map((copy) => ({ ...copy, snapshotId: snapshot.id, createdAtMs: snapshot.createdAtMs })));
  const unsent = catalog.deliveries(job.name);
  return job.destinations.map((destination) => {
    const here = copies.filter((copy) => copy.destination === destination && copy.state !== 'expired');
    return {
      destination,
      lastVerifiedMs: here.find(isVerified)?.createdAtMs ?? null,
      bad: here.flatMap(({ objectName, snapshotId, state, failure }) => {
        const message =
          state === 'missing' ? `it is not there any more (if that was meant: nightjar forget ${snapshotId})` : failure?.message;
        return message === undefined ? [] : [{ objectName, message }];
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
