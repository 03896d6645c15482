import { createHash, hash } from 'node:crypto';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import type { Progress } from '../../domain/progress.ts';
import { restoreRecipe } from '../../domain/restore-recipe.ts';
import { type PageDigests, pageDigestBytes, startPageDigests } from '../pipeline/page-digests.ts';
import { unlessMissing } from '../platform/errno.ts';
import { translateHomeError } from '../platform/home-errors.ts';
import { databaseFiles } from './database-file.ts';
import { proveDelta } from './delta-proof.ts';
import { createDelta } from './delta-writer.ts';
import { headerBytes, readPageLayout } from './page-layout.ts';
import type { DeltaBase, DeltaObstacle, DeltaOutcome, SqliteTask } from './worker-protocol.ts';

type DeltaTask = Extract<SqliteTask, { kind: 'delta' }>;
type Report = (progress: Progress) => void;

/** What one pass over the copy gave. */
interface Comparison {
  readonly raw: { readonly bytes: number; readonly sha256: string };
  readonly pages: PageDigests;
  readonly changedPages: number;
}

/** A multiple of every page size, so that no page has to be put together from two blocks. */
const blockBytes = 1024 * 1024;

/**
 * Makes a delta file of a finished copy against its base in one pass over the copy, and proves it by reading it back. Where the copy has
 * to be stored as a full instead, answers why. Throws `target-exists`; `digest-mismatch` where the delta does not stand the proof;
 * `disk-full` and `home-unusable`. Without a delta no file is left. Runs in a worker process.
 */
export async function makeDelta(task: DeltaTask, onProgress: Report): Promise<DeltaOutcome> {
  const { target } = task;
  const targets = databaseFiles(target);
  for (const file of targets) if (await unlessMissing(stat(file))) throw new BackupError('target-exists', `${file} exists already`);
  let isMade = false;
  try {
    const outcome = await tryDelta(task, onProgress);
    isMade = !('reason' in outcome);
    return outcome;
  } catch (error) {
    throw translateHomeError(error, dirname(target));
  } finally {
    if (!isMade) for (const file of targets) await rm(file, { force: true });
  }
}

async function tryDelta(
  { path, base, target, mostBytes = Number.POSITIVE_INFINITY }: DeltaTask,
  onProgress: Report,
): Promise<DeltaOutcome> {
  const baseDigests = await readBaseDigests(base);
  if (baseDigests === null) return { reason: 'base-digests' };
  const copy = await open(path, 'r');
  try {
    const obstacle = await findObstacle(copy, base);
    if (obstacle !== null) return { reason: obstacle };
    const halfBytes = (await copy.stat()).size / 2;
    const mostPages = Math.min(halfBytes, mostBytes) / base.pageSize;
    const found = await writeDelta(copy, { ...base, mostPages }, baseDigests, target, onProgress);
    if (found === null) return { reason: mostBytes < halfBytes ? 'no-room' : 'most-pages' };
    const { raw, pages, changedPages } = found;
    proveDelta(target, pages, baseDigests, changedPages);
    const { size: deltaBytes } = await stat(target);
    return { raw, pageSize: pages.pageSize, pageCount: pages.pageCount, changedPages, deltaBytes };
  } finally {
    await copy.close();
  }
}

/** The base's page digests, or `null` where their file is gone or not as it was made: pages must not be left out because of it. */
async function readBaseDigests({ pages }: DeltaBase): Promise<Buffer | null> {
  const digests = await unlessMissing(readFile(pages.path));
  return digests !== undefined && hash('sha256', digests) === pages.sha256 ? digests : null;
}

/** What forbids a delta before any page was looked at. */
async function findObstacle(copy: FileHandle, base: DeltaBase): Promise<DeltaObstacle | null> {
  const { buffer } = await copy.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
  const layout = readPageLayout(buffer);
  if (layout === null || (await copy.stat()).size % layout.pageSize !== 0) return 'part-page';
  if (layout.pageSize !== base.pageSize) return 'page-size';
  return layout.encoding === base.encoding ? null : 'encoding';
}

/** What a delta is made against, and how many pages it may have. */
interface BoundedBase extends DeltaBase {
  readonly mostPages: number;
}

/** Writes the pages that differ from the base's into a delta file; `null`, and the file half-written, where those are too many. */
async function writeDelta(
  copy: FileHandle,
  base: BoundedBase,
  baseDigests: Buffer,
  target: string,
  onProgress: Report,
): Promise<Comparison | null> {
  const delta = createDelta(target);
  try {
    const found = await compare(copy, base, baseDigests, delta.add, onProgress);
    if (found === null) return null;
    const { pageSize, pageCount } = found.pages;
    const { name, rawSha256: baseRawSha256 } = base;
    delta.finish({ base: name, baseRawSha256, pageSize, pageCount, rawSha256: found.raw.sha256, recipe: restoreRecipe });
    return found;
  } finally {
    delta.close();
  }
}

async function compare(
  copy: FileHandle,
  { mostPages }: BoundedBase,
  baseDigests: Buffer,
  onChanged: (pgno: number, page: Buffer) => void,
  onProgress: Report,
): Promise<Comparison | null> {
  const totalBytes = (await copy.stat()).size;
  const sha256 = createHash('sha256');
  let changedPages = 0;
  const digester = startPageDigests((pgno, page, digest) => {
    const end = pgno * pageDigestBytes;
    if (end <= baseDigests.length && digest.compare(baseDigests, end - pageDigestBytes, end) === 0) return;
    changedPages++;
    if (changedPages <= mostPages) onChanged(pgno, page);
  }, totalBytes);
  let bytes = 0;
  for await (const block of readAhead(copy)) {
    sha256.update(block);
    digester.update(block);
    if (changedPages > mostPages) return null;
    bytes += block.length;
    onProgress({ doneBytes: bytes, totalBytes });
  }
  const pages = digester.finish();
  if (pages === null)
    throw new BackupError('internal', 'the copy of the database changed while its pages were compared', { retryable: true });
  return { raw: { bytes, sha256: sha256.digest('hex') }, pages, changedPages };
}

/** A file's blocks, each read while the one before is worked on; a block holds until the next is asked for. */
async function* readAhead(file: FileHandle): AsyncGenerator<Buffer> {
  const buffers = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)] as const;
  const readInto = (buffer: Buffer, position: number) => file.read(buffer, 0, blockBytes, position);
  let position = 0;
  let reading = readInto(buffers[0], position);
  try {
    for (;;) {
      const { buffer, bytesRead } = await reading;
      if (bytesRead === 0) return;
      position += bytesRead;
      reading = readInto(buffer === buffers[0] ? buffers[1] : buffers[0], position);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    // Whoever stops early closes the file, which no read may outlive.
    await reading.catch(() => {});
  }
}
