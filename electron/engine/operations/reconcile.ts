import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { SqliteJob } from '../../domain/model.ts';
import { namesOfStamp, parseObjectName, type SnapshotStamp } from '../../domain/object-name.ts';
import { isStoredAt, type SnapshotRecord } from '../../domain/snapshot-record.ts';
import type { Destination, StoredObject } from '../destinations/destination.ts';
import { manifestBeside, manifestPath, objectPath, objectsOf, readManifest } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import { withinLimit } from '../platform/within-limit.ts';
import { isBaseAt } from './base.ts';
import { lossWarning, recordTaken } from './record-snapshot.ts';
import { finishRemovals } from './removal.ts';

/** What a run died over is left alone for a day: a clock may be wrong, and somebody may want to look (S1-27). */
const orphanAgeMs = 24 * 3_600_000;

/**
 * Whose snapshots may be in the series: those of one source only, or whatever lies in the job's folder. `acceptsKnown` lets those
 * stay that the catalog has already, because a person adopted them.
 */
export type Adoption =
  | { readonly from: 'source'; readonly path: string; readonly host: string; readonly acceptsKnown: boolean }
  | { readonly from: 'anywhere' };

/** A job's own series: its database on this machine, and what a person let it adopt. */
export function ownSeries(engine: Engine, job: SqliteJob): Adoption {
  return { from: 'source', path: job.source.path, host: engine.ports.host, acceptsKnown: job.adopted };
}

export interface SeriesState {
  /** Every file name in the job's folder. */
  readonly names: ReadonlySet<string>;
  readonly adopted: readonly Manifest[];
  readonly messages: readonly string[];
}

/**
 * Makes the catalog agree with what a destination really holds of one job: takes in snapshots that it does not know, notices
 * those that are gone, finishes removals that were cut short, and sweeps what dead runs of ours left. Nothing is called missing
 * on a listing alone. Throws `series-foreign` where the folder holds snapshots of another source than the one that may be adopted.
 */
export async function reconcile(engine: Engine, destination: Destination, job: string, adoption: Adoption): Promise<SeriesState> {
  const messages: string[] = [];
  const listed = await destination.list(job);
  const objects = new Map(listed.map((object) => [object.name, object]));
  const known = engine.catalog.snapshots(job).filter(({ copies }) => copies.some((copy) => copy.destination === destination.name));

  if (adoption.from === 'source' && !adoption.acceptsKnown) {
    for (const { manifest } of known.filter((snapshot) => isStoredAt(snapshot, destination.name)))
      refuseForeign(manifest, destination, adoption);
  }
  const adopted = await adoptUnknown(engine, destination, objects, known, adoption, messages);
  for (const snapshot of known) await checkPresence(engine, destination, objects, snapshot, messages);
  await finishRemovals(engine, destination, job, listed);
  await sweepOrphans(engine, destination, messages);
  const names = new Set(listed.map(({ name }) => name.slice(name.indexOf('/') + 1)));
  return { names, adopted, messages };
}

/** Reads whole destinations into the catalog; one that cannot be reached stays noted as unread. Resolves to messages for people. */
export async function reconcileAll(engine: Engine, destinationNames: readonly string[]): Promise<string[]> {
  const messages: string[] = [];
  for (const name of destinationNames) {
    try {
      const destination = engine.destination(name);
      await reachSoon(engine, destination);
      const jobs = new Set((await destination.list()).map((object) => object.name.slice(0, object.name.indexOf('/'))));
      let found = 0;
      for (const job of jobs) {
        const state = await reconcile(engine, destination, job, { from: 'anywhere' });
        found += state.adopted.length;
        messages.push(...state.messages);
      }
      engine.catalog.setUnread(name, false);
      if (found > 0) messages.push(`found ${found} ${found === 1 ? 'snapshot' : 'snapshots'} at ${name}`);
    } catch (error) {
      messages.push(`the snapshots at ${name} are not known yet: ${errorFacts(error).message}`);
    }
  }
  return messages;
}

/** A place that does not answer soon is read another time: no command waits for it for long. */
async function reachSoon({ ports }: Engine, destination: Destination): Promise<void> {
  const late = () =>
    new BackupError('destination-absent', `${destination.name} did not answer within ${reachWithinMs / 1000} s`, { retryable: true });
  await withinLimit(ports.clock, reachWithinMs, undefined, (stop) => destination.check(stop), late);
}

const reachWithinMs = 10_000;

async function adoptUnknown(
  engine: Engine,
  destination: Destination,
  objects: ReadonlyMap<string, StoredObject>,
  known: readonly SnapshotRecord[],
  adoption: Adoption,
  messages: string[],
): Promise<Manifest[]> {
  const knownNames = new Set(known.map(({ manifest }) => manifestPath(manifest)));
  const unknown = [...objects.keys()].filter((name) => isManifestName(name) && !knownNames.has(name)).toSorted();
  const adopted: Manifest[] = [];
  for (const name of unknown) {
    const manifest = await readManifest(destination, name).catch((error: unknown) => void messages.push(errorFacts(error).message));
    if (!manifest || isExpired(engine, manifest, destination.name)) continue;
    const object = objects.get(objectPath(manifest)) ?? (await destination.stat(objectPath(manifest)));
    if (object?.bytes !== manifest.object.bytes) {
      messages.push(`${name} at ${destination.name} has no object of its size beside it and is not counted as a snapshot`);
      continue;
    }
    refuseForeign(manifest, destination, adoption);
    // The manifest is only ever written after the digest was read back, so it is itself the record of that proof.
    const copy = { destination: destination.name, verified: { level: 'quick', atMs: Date.parse(manifest.createdAt) } } as const;
    // The last one may be of a run of ours that died before it was recorded: what it has lost must not become the new normal.
    if (isNewest(engine, manifest) && adoption.from === 'source')
      messages.push(...lossMessages(manifest, recordTaken(engine, manifest, [copy])));
    else engine.catalog.recordSnapshot(manifest, [copy]);
    adopted.push(manifest);
  }
  return adopted;
}

function isNewest({ catalog }: Engine, { createdAt, job }: Manifest): boolean {
  const [newest] = catalog.snapshots(job);
  return newest !== undefined && newest.createdAtMs < Date.parse(createdAt);
}

function lossMessages({ job, object }: Manifest, losses: readonly string[]): string[] {
  return losses.length === 0 ? [] : [`${object.name}: ${lossWarning(job, losses)}`];
}

function refuseForeign(manifest: Manifest, destination: Destination, adoption: Adoption): void {
  if (adoption.from === 'anywhere') return;
  if (manifest.source.path === adoption.path && manifest.source.host === adoption.host) return;
  throw new BackupError(
    'series-foreign',
    `${manifest.job} at ${destination.name} holds snapshots of ${manifest.source.path} on ${manifest.source.host}, which is another database`,
    { hint: 'choose another name for this one (--name, or another job), or let the job continue that series with --adopt' },
  );
}

async function checkPresence(
  engine: Engine,
  destination: Destination,
  objects: ReadonlyMap<string, StoredObject>,
  snapshot: SnapshotRecord,
  messages: string[],
): Promise<void> {
  const copy = snapshot.copies.find((candidate) => candidate.destination === destination.name);
  if (!copy || copy.state === 'expired') return;
  const { id, manifest } = snapshot;
  const find = async (name: string) => objects.get(name) ?? destination.stat(name);
  const object = await find(objectPath(manifest));
  const isPresent = object !== null && (await find(manifestPath(manifest))) !== null;
  if (isPresent && object.bytes !== manifest.object.bytes && copy.failure === undefined) {
    const failure = `it has ${object.bytes} bytes instead of ${manifest.object.bytes}`;
    engine.catalog.recordVerification(id, destination.name, { level: 'quick', atMs: engine.ports.clock.now(), failure });
    messages.push(`${objectPath(manifest)} at ${destination.name} is damaged: ${failure}`);
  }
  if (isPresent === (copy.state === 'stored')) return;
  engine.catalog.setCopyState(id, destination.name, isPresent ? 'stored' : 'missing');
  messages.push(`${objectPath(manifest)} is ${isPresent ? 'back' : 'missing'} at ${destination.name}`);
}

async function sweepOrphans(engine: Engine, destination: Destination, messages: string[]): Promise<void> {
  const nowMs = engine.ports.clock.now();
  for (const name of await destination.sweep(nowMs - orphanAgeMs))
    messages.push(`removed ${name}, left at ${destination.name} by a run that died`);
  const waiting = engine.catalog.deliveries().flatMap(({ manifest }) => objectsOf(manifest));
  for (const { objectName, createdAtMs } of engine.catalog.intents(destination.name)) {
    if (createdAtMs > nowMs - orphanAgeMs || waiting.includes(objectName)) continue;
    if ((await destination.stat(objectName)) !== null && (await destination.stat(manifestBeside(objectName))) === null) {
      await destination.trash(objectName, nowMs);
      messages.push(`removed ${objectName}, left at ${destination.name} by a run that died`);
    }
    engine.catalog.removeIntent(destination.name, objectName);
  }
}

function isManifestName(name: string): boolean {
  return parseObjectName(name.slice(name.indexOf('/') + 1))?.kind === 'manifest';
}

function isExpired(engine: Engine, manifest: Manifest, destination: string): boolean {
  if (isBaseAt(engine, manifest, destination)) return false;
  return engine.catalog.snapshot(manifest.id)?.copies.some((copy) => copy.destination === destination && copy.state === 'expired') ?? false;
}

/** True where any name of a stamp is taken in a job's folder. */
export function isStampTaken(names: ReadonlySet<string>, stamp: SnapshotStamp): boolean {
  return namesOfStamp(stamp).some((name) => names.has(name));
}
