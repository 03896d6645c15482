import { rm } from 'node:fs/promises';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { parseMemberSizes } from '../../domain/member-index.ts';
import type { Destination } from '../destinations/destination.ts';
import { manifestBeside, objectPath, readManifest } from '../destinations/manifests.ts';
import { type Decompressed, decompressToFile } from '../pipeline/decompress.ts';
import { worstMemberBytes } from '../pipeline/gzip-members.ts';
import { blockBytes, type Overlay } from '../pipeline/raw-blocks.ts';
import type { WorkerHost } from '../ports.ts';
import { type DeltaReader, openDelta } from '../sqlite/delta-reader.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { DatabaseFacts } from '../sqlite/worker-protocol.ts';
import type { StepReport, Steps } from './steps.ts';

/** One copy of a snapshot. */
export interface CopyAt {
  readonly manifest: Manifest;
  readonly destination: Destination;
  /** Of a delta: where else its base may be found. */
  readonly baseCopies?: readonly Destination[];
}

/**
 * Brings a snapshot's database back into a file that does not exist yet, and proves it against the manifest: a full as it is, a delta laid
 * over its base. Throws `digest-mismatch`, which names the base in its details where that is what is damaged.
 */
export async function fetchRaw(copy: CopyAt, rawPath: string, steps: Pick<Steps, 'signal' | 'warn'>, report: StepReport): Promise<void> {
  const { manifest } = copy;
  report.fact('destination', copy.destination.name);
  const { raw } =
    manifest.delta === undefined ? await fetchFull(copy, rawPath, steps.signal, report) : await fetchDelta(copy, rawPath, steps, report);
  if (raw.bytes === manifest.raw.bytes && raw.sha256 === manifest.raw.sha256) return;
  throw mismatch(copy, 'what it decompresses to has another SHA-256 than the database had');
}

/** What a restore of a snapshot writes beside its database, in bytes. */
export function scratchBytes({ delta }: Manifest): number {
  return delta?.raw.bytes ?? 0;
}

function fetchFull(copy: CopyAt, rawPath: string, signal: AbortSignal, report: StepReport): Promise<Decompressed> {
  const totalBytes = copy.manifest.object.bytes;
  return fetchObject(copy, rawPath, { signal, onBytes: (doneBytes) => report.progress({ doneBytes, totalBytes }) });
}

/** The delta first: its pages are laid over those of the base while that is decompressed. */
async function fetchDelta(
  copy: CopyAt,
  rawPath: string,
  { signal, warn }: Pick<Steps, 'signal' | 'warn'>,
  report: StepReport,
): Promise<Decompressed> {
  const path = `${rawPath}.delta`;
  try {
    const { raw } = await fetchObject(copy, path, { signal });
    if (raw.sha256 !== copy.manifest.delta?.raw.sha256)
      throw mismatch(copy, 'what it decompresses to has another SHA-256 than the delta had');
    const delta = openDelta(path, shownAt(copy));
    try {
      refuseOther(copy, delta);
      const overlay = layOverBase(delta, copy.manifest.raw.bytes);
      const elsewhere = (copy.baseCopies ?? []).filter(({ name }) => name !== copy.destination.name);
      return await fromAnyCopy([copy.destination, ...elsewhere], warn, signal, async (destination) => {
        await rm(rawPath, { force: true });
        const base = { destination, manifest: await readBase(copy.manifest, destination, signal) };
        const totalBytes = base.manifest.object.bytes;
        const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes });
        return fetchObject(base, rawPath, { signal, onBytes, overlay }).catch((error: unknown) => {
          throw asOfBase(error, base.manifest);
        });
      });
    } finally {
      delta.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}

/** The manifest of a delta's base, as it stands at a destination. Throws `digest-mismatch` where it is of another full. */
export async function readBase({ delta, job }: Manifest, destination: Destination, signal: AbortSignal): Promise<Manifest> {
  if (delta === undefined) throw new TypeError('only a delta has a base');
  const name = manifestBeside(`${job}/${delta.base.name}`);
  const base = await readManifest(destination, name, signal).catch((error: unknown) => {
    throw asOfBase(error, delta.base);
  });
  if (base.raw.sha256 === delta.base.raw.sha256) return base;
  throw asOfBase(
    new BackupError('digest-mismatch', `${name} at ${destination.name} is of another database than the delta is on`),
    delta.base,
  );
}

/** An error that is about the base of a delta, which is to be noted of that. */
export function asOfBase(error: unknown, { id }: { readonly id: string }): unknown {
  if (!(error instanceof BackupError)) return error;
  const { cause, code, details, hint, message, retryable } = error;
  return new BackupError(code, message, { cause, retryable, details: { ...details, base: id }, ...(hint === undefined ? {} : { hint }) });
}

function refuseOther(copy: CopyAt, { meta }: DeltaReader): void {
  const { delta, raw } = copy.manifest;
  if (meta.baseRawSha256 === delta?.base.raw.sha256 && meta.rawSha256 === raw.sha256 && meta.pageSize * meta.pageCount === raw.bytes)
    return;
  throw mismatch(copy, 'it says something else of itself than its manifest does');
}

/** A delta's pages over its base's blocks. */
function layOverBase({ meta, pagesBetween }: DeltaReader, bytes: number): Overlay {
  const { pageSize } = meta;
  return {
    bytes,
    apply: (block, offset) => {
      const before = offset / pageSize;
      for (const { data, pgno } of pagesBetween(before + 1, before + block.length / pageSize))
        data.copy(block, (pgno - 1) * pageSize - offset);
    },
  };
}

interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: (doneBytes: number) => void;
  readonly overlay?: Overlay;
}

/** Decompresses the object of a copy into a file, and proves that it came as it was stored. Throws `digest-mismatch`. */
async function fetchObject(copy: CopyAt, path: string, options: FetchOptions): Promise<Decompressed> {
  const { destination, manifest } = copy;
  const { sha256 } = manifest.object;
  const incoming = destination.get(objectPath(manifest), { signal: options.signal });
  const found = await decompressToFile(incoming, path, { ...options, ...codingOf(manifest) }).catch((error: unknown) => {
    const { code, message } = errorFacts(error);
    throw code === 'digest-mismatch' ? mismatch(copy, message, error) : error;
  });
  if (found.object.sha256 === sha256) return found;
  throw mismatch(copy, 'its bytes have another SHA-256 than when they were stored');
}

/** How the object was compressed; members that cannot be ours are read as one stream, for each is held in memory. */
function codingOf({ object: { codec, members } }: Manifest) {
  const sizes = members?.rawBytes === blockBytes ? parseMemberSizes(members) : undefined;
  return { codec, memberSizes: sizes?.every((size) => size <= worstMemberBytes) ? sizes : undefined };
}

/** Checks a database that was brought back: SQLite's own deep check, its schema, and the rows of every table against the manifest. */
export async function checkRaw(workers: WorkerHost, manifest: Manifest, rawPath: string, signal: AbortSignal): Promise<DatabaseFacts> {
  const shownAs = objectPath(manifest);
  const task = { kind: 'inspect', path: rawPath, shownAs, check: 'integrity_check' } as const;
  const facts = await runSqliteTask(workers, task, { signal }).catch((error: unknown) => {
    const { code, message } = errorFacts(error);
    throw code.startsWith('source-')
      ? new BackupError('digest-mismatch', `${shownAs} is no sound database: ${message}`, { cause: error })
      : error;
  });
  const differences = [
    ...(facts.schemaSha256 === manifest.sqlite.schemaSha256 ? [] : ['its schema is another one']),
    ...rowDifferences(manifest.sqlite.tables, facts.tables),
  ];
  if (differences.length === 0) return facts;
  throw new BackupError('digest-mismatch', `${shownAs} does not hold what its manifest says: ${differences.join(', ')}`);
}

function rowDifferences(expected: Manifest['sqlite']['tables'], found: DatabaseFacts['tables']): string[] {
  const rows = new Map(found.map((table) => [table.name, table.rows]));
  return expected
    .filter((table) => rows.get(table.name) !== table.rows)
    .map(({ name, rows: want }) => `${name} has ${rows.get(name) ?? 'no'} rows instead of ${want}`);
}

function mismatch(copy: CopyAt, what: string, cause?: unknown): BackupError {
  return new BackupError('digest-mismatch', `${shownAt(copy)} is damaged: ${what}`, {
    cause,
    hint: 'use another copy or another day, and check that disk',
  });
}

function shownAt({ destination, manifest }: CopyAt): string {
  return `${objectPath(manifest)} at ${destination.name}`;
}

/** Tries each copy in turn and resolves with the first that `use` succeeds on; throws the first failure where none does. */
export async function fromAnyCopy<T>(
  destinations: readonly Destination[],
  warn: (message: string) => void,
  signal: AbortSignal,
  use: (destination: Destination) => Promise<T>,
): Promise<T> {
  let firstError: unknown;
  for (const destination of destinations) {
    try {
      return await use(destination);
    } catch (error) {
      if (signal.aborted) throw error;
      firstError ??= error;
      if (destinations.length > 1) warn(errorFacts(error).message);
    }
  }
  throw firstError ?? new BackupError('object-missing', 'this snapshot has no copy left that could be used');
}
