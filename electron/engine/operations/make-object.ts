import { rm } from 'node:fs/promises';
import { type Codec, levelOf } from '../../domain/compression.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { Progress } from '../../domain/progress.ts';
import { whyTooLarge } from '../../domain/snapshot-form.ts';
import type { Engine } from '../engine.ts';
import { type Compressed, compressFile } from '../pipeline/compress.ts';
import { type Digests, digestFile, startDigests } from '../pipeline/digest.ts';
import { startPageDigests } from '../pipeline/page-digests.ts';
import { writeBlocks } from '../platform/atomic-file.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { DeltaObstacle } from '../sqlite/worker-protocol.ts';
import { type Base, bringPages } from './base.ts';
import { guardFull } from './guard.ts';
import type { RawCopy } from './pack.ts';
import type { Prepared } from './prepare.ts';
import type { Steps } from './steps.ts';

/** A snapshot's object in staging, with what its manifest says of it. */
export interface StagedObject extends Compressed {
  readonly path: string;
  readonly codec: Codec;
  /** Of a delta: what it is laid over. */
  readonly delta?: Manifest['delta'];
  /** Of a full: its page digests as a file in staging, where deltas are to be made on it. */
  readonly pages?: { readonly path: string; readonly digests: Digests };
}

interface Work {
  readonly engine: Engine;
  readonly job: SqliteJob;
  readonly copy: RawCopy;
  readonly prepared: Prepared;
  readonly steps: Steps;
  readonly signal: AbortSignal;
}

/** Makes the object of a snapshot from its copy: a delta where that may be and is the cheaper way, else a full. */
export async function makeObject(work: Work): Promise<StagedObject> {
  const { form } = work.prepared;
  if ('whyFull' in form) return makeFull(work, form.whyFull);
  const delta = await makeDelta(work, form.base);
  if (!('whyFull' in delta)) return delta;
  const { copy, engine, job, prepared, steps } = work;
  await guardFull(engine, job, copy.bytes, prepared.destinations, steps);
  return makeFull(work, delta.whyFull);
}

async function makeFull({ copy, engine, job, signal, steps }: Work, why: string): Promise<StagedObject> {
  const { codec } = job.compression;
  const path = `${copy.path}.${codec}`;
  return steps.take('compress', 'Compressing', async (report) => {
    const level = levelOf(codec, job.compression, engine.settings.current.preferences.gzipLevel);
    const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes: copy.bytes });
    const pages = startPageDigests(undefined, copy.bytes);
    const onBlock = job.deltas ? pages.update : () => {};
    const compressed = await compressFile(copy.path, path, { codec, level, signal, onBytes, onBlock });
    report.fact('full', why);
    report.fact('bytes', compressed.object.bytes);
    const digests = job.deltas ? (pages.finish()?.digests ?? null) : null;
    return { ...compressed, path, codec, ...(digests ? { pages: await stagePages(`${copy.path}.pages`, digests) } : {}) };
  });
}

async function stagePages(path: string, digests: Buffer): Promise<NonNullable<StagedObject['pages']>> {
  await writeBlocks(path, [digests]);
  return { path, digests: await digestFile(startDigests(), path) };
}

/** A delta that was proven in the worker and compressed; why there is none, where a full is the better or the only way. */
async function makeDelta(work: Work, base: Base): Promise<StagedObject | { readonly whyFull: string }> {
  const { copy, engine, job, signal, steps } = work;
  const found = await steps.take('delta', `Finding what has changed since ${base.manifest.object.name}`, async (report) => {
    const outcome = await compareWithBase(work, base, (progress) => report.progress(progress));
    report.fact('base', base.manifest.object.name);
    if (!('changedPages' in outcome)) return outcome;
    report.fact('pages', outcome.pageCount);
    report.fact('changedPages', outcome.changedPages);
    return outcome;
  });
  if (!('changedPages' in found)) return { whyFull: obstacles[found.reason] };
  const path = `${copy.path}.delta`;
  const compressed = await steps.take('compress', 'Compressing the changed pages', async (report) => {
    const level = levelOf('gzip', job.compression, engine.settings.current.preferences.gzipLevel);
    const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes: found.deltaBytes });
    const result = await compressFile(path, `${path}.gz`, { codec: 'gzip', level, signal, onBytes });
    report.fact('bytes', result.object.bytes);
    return result;
  });
  await rm(path, { force: true });
  const tooLarge = whyTooLarge(compressed.object.bytes, base.cost);
  if (tooLarge !== null) {
    await rm(`${path}.gz`, { force: true });
    return { whyFull: tooLarge };
  }
  const { id, object, raw } = base.manifest;
  const delta = { base: { id, name: object.name, raw }, changedPages: found.changedPages, raw: compressed.raw };
  return { ...compressed, raw: found.raw, path: `${path}.gz`, codec: 'gzip', delta };
}

async function compareWithBase(
  { copy, engine, job, prepared, signal }: Work,
  { manifest }: Base,
  onProgress: (progress: Progress) => void,
) {
  const path = await bringPages(engine, manifest, prepared.destinations, signal);
  const { pages, raw, sqlite, object } = manifest;
  if (path === null || pages === undefined || sqlite.encoding === undefined) return { reason: 'base-digests' } as const;
  const task = {
    kind: 'delta',
    path: copy.path,
    shownAs: job.source.path,
    base: {
      name: object.name,
      rawSha256: raw.sha256,
      pageSize: sqlite.pageSize,
      encoding: sqlite.encoding,
      pages: { path, sha256: pages.sha256 },
    },
    target: `${copy.path}.delta`,
    mostBytes: await roomInStaging(engine),
  } as const;
  return runSqliteTask(engine.ports.workers, task, { signal, onProgress });
}

/** What may be written here at once: a delta file is as large as what has changed, and nobody knows that before. */
async function roomInStaging({ home, ports, settings }: Engine): Promise<number> {
  const { freeBytes } = await ports.disk.of(home.stagingFolder);
  return Math.max(0, freeBytes - settings.current.preferences.reserveBytes);
}

const obstacles: Readonly<Record<DeltaObstacle, string>> = {
  'base-digests': 'the page digests of the last full one are not to be had',
  'page-size': 'the page size is another one than that of the last full one',
  encoding: 'the text encoding is another one than that of the last full one',
  'part-page': 'the database is no whole number of pages',
  'no-room': 'what has changed since the last full one does not fit beside the copy',
  'most-pages': 'more than half of the pages have changed since the last full one',
};
