import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDatedAhead } from '../../domain/dated-ahead.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { SqliteJob } from '../../domain/model.ts';
import { type SeriesCost, whyFull } from '../../domain/snapshot-form.ts';
import { isVerified, type SnapshotRecord } from '../../domain/snapshot-record.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import type { Destination } from '../destinations/destination.ts';
import { pagesPath } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import type { Home } from '../home.ts';
import { digestFile, startFingerprint } from '../pipeline/digest.ts';
import { syncFolder, writeBlocks } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';

/** A full that the next snapshot of its job may be a delta on. */
export interface Base {
  readonly manifest: Manifest;
  /** What it and the deltas on it have taken so far. */
  readonly cost: SeriesCost;
}

/** How the next snapshot is stored, as far as that can be told before its source is read. */
export type FormChoice = { readonly base: Base } | { readonly whyFull: string };

/**
 * Decides whether the next snapshot may be a delta on the job's last full. Only the places that it goes to count: a disk that is in a
 * drawer does not make every other one take fulls.
 */
export function chooseForm(engine: Engine, job: SqliteJob, pageSize: number, destinations: readonly Destination[]): FormChoice {
  const nowMs = engine.ports.clock.now();
  const [last] = fulls(engine.catalog, job.name, nowMs);
  const lastFull = last && {
    createdAtMs: last.createdAtMs,
    pageSize: last.manifest.sqlite.pageSize,
    hasPages: last.manifest.pages !== undefined && last.manifest.sqlite.encoding !== undefined,
    lackingAt: destinations
      .map(({ name }) => name)
      .filter((name) => !last.copies.some((copy) => copy.destination === name && isVerified(copy))),
  };
  const reason = whyFull(lastFull ?? null, { deltas: job.deltas, pageSize, nowMs });
  if (reason !== null || last === undefined) return { whyFull: reason ?? '' };
  const { manifest } = last;
  return { base: { manifest, cost: { fullBytes: manifest.object.bytes, ...engine.catalog.deltasOn(manifest.id) } } };
}

/**
 * The bases that deltas need which a destination does not hold now and may hold again: those that are missing there, and those on their
 * way to it.
 */
export function basesOfAbsent({ catalog }: Pick<Engine, 'catalog'>, job: string, destination: string): ReadonlySet<string> {
  const isMissing = ({ copies }: SnapshotRecord) => copies.some((copy) => copy.destination === destination && copy.state === 'missing');
  const missing = catalog.snapshots(job).filter(isMissing);
  const onTheirWay = catalog.deliveries(job).filter((delivery) => delivery.destination === destination);
  return new Set([...missing, ...onTheirWay].flatMap(({ manifest }) => manifest.delta?.base.id ?? []));
}

/** True where a destination holds, or may hold again, a delta on this full. */
export function isBaseAt(engine: Pick<Engine, 'catalog'>, { id, job }: Manifest, destination: string): boolean {
  const isOnIt = ({ copies, manifest }: SnapshotRecord) =>
    manifest.delta?.base.id === id && copies.some((copy) => copy.destination === destination && copy.state !== 'expired');
  return engine.catalog.snapshots(job).some(isOnIt) || basesOfAbsent(engine, job, destination).has(id);
}

/** Where the page digests of a full are kept here. */
export function localPagesPath(home: Home, { id }: Manifest): string {
  return join(home.pagesFolder, `${id}.pages`);
}

/** Keeps the page digests of a new full, from a file in staging. */
export async function keepPages({ home }: Engine, manifest: Manifest, staged: string): Promise<void> {
  await rename(staged, localPagesPath(home, manifest));
  await syncFolder(home.pagesFolder);
}

/**
 * The page digests of a base as a file that was proven: as they are kept here, else as one of the destinations has them, so that a new
 * machine goes on with deltas (issue 7). `null` where nobody has them.
 */
export async function bringPages(
  { home }: Engine,
  manifest: Manifest,
  destinations: readonly Destination[],
  signal: AbortSignal,
): Promise<string | null> {
  const path = localPagesPath(home, manifest);
  const isWhole = async () =>
    (await unlessMissing(stat(path))) !== undefined &&
    (await digestFile(startFingerprint(), path, signal)).sha256 === manifest.pages?.sha256;
  if (await isWhole()) return path;
  for (const destination of destinations) {
    await rm(path, { force: true });
    try {
      await writeBlocks(path, destination.get(pagesPath(manifest), { signal }));
      if (await isWhole()) return path;
    } catch {
      signal.throwIfAborted();
      // They only save space: where they cannot be had, the next snapshot is a full.
    }
  }
  await rm(path, { force: true });
  return null;
}

/** Removes the page digests that no next delta is made from, and that are on their way nowhere. Only the engine that holds the lock may call it, before its first run. */
export async function sweepPages({ catalog, home, ports }: Pick<Engine, 'catalog' | 'home' | 'ports'>): Promise<void> {
  const nowMs = ports.clock.now();
  const bases = catalog.knownJobs().flatMap((job) => fulls(catalog, job, nowMs)[0]?.manifest ?? []);
  const wanted = new Set([...bases, ...awaited(catalog)].map((manifest) => localPagesPath(home, manifest)));
  for (const name of await readdir(home.pagesFolder)) {
    const path = join(home.pagesFolder, name);
    if (!wanted.has(path)) await rm(path, { recursive: true, force: true });
  }
}

/** Removes those of a job's former bases, once a new one is recorded. Runs of other jobs may be under way. */
export async function dropFormerPages({ catalog, home, ports }: Pick<Engine, 'catalog' | 'home' | 'ports'>, job: string): Promise<void> {
  const waiting = new Set(awaited(catalog).map(({ id }) => id));
  const formers = fulls(catalog, job, ports.clock.now()).slice(1);
  for (const { id, manifest: former } of formers) if (!waiting.has(id)) await rm(localPagesPath(home, former), { force: true });
}

/** The fulls of a job, newest first; a clock that was ahead once must not keep its own as the last one for years. */
function fulls(catalog: CatalogReader, job: string, nowMs: number): SnapshotRecord[] {
  return catalog.snapshots(job).filter(({ createdAtMs, manifest }) => manifest.delta === undefined && !isDatedAhead(createdAtMs, nowMs));
}

function awaited(catalog: CatalogReader): Manifest[] {
  return catalog.deliveries().map(({ manifest }) => manifest);
}
