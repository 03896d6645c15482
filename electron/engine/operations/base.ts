import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../domain/manifest.ts';
import type { SqliteJob } from '../../domain/model.ts';
import { type SeriesCost, whyFull } from '../../domain/snapshot-form.ts';
import { isVerified } from '../../domain/snapshot-record.ts';
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
  const last = engine.catalog.snapshots(job.name).find(({ manifest }) => manifest.delta === undefined);
  const lastFull = last && {
    createdAtMs: last.createdAtMs,
    pageSize: last.manifest.sqlite.pageSize,
    hasPages: last.manifest.pages !== undefined && last.manifest.sqlite.encoding !== undefined,
    lackingAt: destinations
      .map(({ name }) => name)
      .filter((name) => !last.copies.some((copy) => copy.destination === name && isVerified(copy))),
  };
  const reason = whyFull(lastFull ?? null, { deltas: job.deltas, pageSize, nowMs: engine.ports.clock.now() });
  if (reason !== null || last === undefined) return { whyFull: reason ?? '' };
  const { manifest } = last;
  return { base: { manifest, cost: { fullBytes: manifest.object.bytes, ...engine.catalog.deltasOn(manifest.id) } } };
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
export async function sweepPages({ catalog, home }: Pick<Engine, 'catalog' | 'home'>): Promise<void> {
  const bases = catalog.knownJobs().flatMap((job) => fulls(catalog, job).slice(0, 1));
  const wanted = new Set([...bases, ...awaited(catalog)].map((manifest) => localPagesPath(home, manifest)));
  for (const name of await readdir(home.pagesFolder)) {
    const path = join(home.pagesFolder, name);
    if (!wanted.has(path)) await rm(path, { recursive: true, force: true });
  }
}

/** Removes those of a job's former bases, once a new one is recorded. Runs of other jobs may be under way. */
export async function dropFormerPages({ catalog, home }: Pick<Engine, 'catalog' | 'home'>, job: string): Promise<void> {
  const waiting = new Set(awaited(catalog).map(({ id }) => id));
  for (const former of fulls(catalog, job).slice(1)) if (!waiting.has(former.id)) await rm(localPagesPath(home, former), { force: true });
}

/** The fulls of a job, newest first. */
function fulls(catalog: CatalogReader, job: string): Manifest[] {
  return catalog
    .snapshots(job)
    .map(({ manifest }) => manifest)
    .filter(({ delta }) => delta === undefined);
}

function awaited(catalog: CatalogReader): Manifest[] {
  return catalog.deliveries().map(({ manifest }) => manifest);
}
