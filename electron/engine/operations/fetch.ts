import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { parseMemberSizes } from '../../domain/member-index.ts';
import type { Destination } from '../destinations/destination.ts';
import { objectPath } from '../destinations/manifests.ts';
import { decompressToFile } from '../pipeline/decompress.ts';
import { blockBytes } from '../pipeline/raw-blocks.ts';
import type { WorkerHost } from '../ports.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { DatabaseFacts } from '../sqlite/worker-protocol.ts';
import type { StepReport } from './steps.ts';

/** Brings a snapshot's bytes back into a file that does not exist yet, and proves them against the manifest. Throws `digest-mismatch`. */
export async function fetchRaw(
  destination: Destination,
  manifest: Manifest,
  rawPath: string,
  signal: AbortSignal,
  report: StepReport,
): Promise<void> {
  const { object, raw } = manifest;
  const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes: object.bytes });
  report.fact('destination', destination.name);
  const incoming = destination.get(objectPath(manifest), { signal });
  const found = await decompressToFile(incoming, rawPath, { ...codingOf(manifest), signal, onBytes }).catch((error: unknown) => {
    const { code, message } = errorFacts(error);
    throw code === 'digest-mismatch' ? mismatch(manifest, destination, message, error) : error;
  });
  if (found.object.sha256 !== object.sha256)
    throw mismatch(manifest, destination, 'its bytes have another SHA-256 than when they were stored');
  if (found.raw.bytes !== raw.bytes || found.raw.sha256 !== raw.sha256) {
    throw mismatch(manifest, destination, 'what it decompresses to has another SHA-256 than the database had');
  }
}

/** How the object was compressed; members of another size than ours are read as one stream. */
function codingOf({ object: { codec, members } }: Manifest) {
  return { codec, memberSizes: members?.rawBytes === blockBytes ? parseMemberSizes(members) : undefined };
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

function mismatch(manifest: Manifest, destination: Destination, what: string, cause?: unknown): BackupError {
  return new BackupError('digest-mismatch', `${objectPath(manifest)} at ${destination.name} is damaged: ${what}`, {
    cause,
    hint: 'use another copy or another day, and check that disk',
  });
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
