import { join } from 'node:path';
import { BackupError, type ErrorCode, errorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { VerifyLevel } from '../../domain/model.ts';
import type { CopyProof, VerifyOutcome } from '../../domain/outcomes.ts';
import { type SnapshotRecord, storedCopies } from '../../domain/snapshot-record.ts';
import type { TableRows } from '../../domain/table-rows.ts';
import type { Destination, ReadOptions } from '../destinations/destination.ts';
import { manifestPath, objectPath, readManifest } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import { asOfBase, checkRaw, fetchRaw, readBase, scratchBytes } from './fetch.ts';
import { guardWrites } from './guard.ts';
import { asPassingRun, inStaging } from './run.ts';
import type { Steps } from './steps.ts';

/**
 * Proves every copy of a snapshot and keeps the result and its date with it. `quick` compares digests at the destination with the
 * manifest; `full` brings the bytes back, rebuilds the database, and compares SHA-256 and the rows of every table.
 */
export async function verifySnapshot(
  engine: Engine,
  snapshot: SnapshotRecord,
  level: VerifyLevel,
  signal: AbortSignal,
): Promise<VerifyOutcome> {
  const work = async (steps: Steps) => {
    const results: CopyResult[] = [];
    for (const { destination } of storedCopies(snapshot)) results.push(await proveCopy(engine, destination, snapshot, level, steps));
    return results;
  };
  const isGood = (results: readonly CopyResult[]) => results.length > 0 && results.every((result) => result.ok);
  const results = await asPassingRun(engine, { job: snapshot.job, trigger: 'manual', signal, work, isGood });
  const found = results.findLast((result) => result.found !== null)?.found ?? null;
  return {
    ok: isGood(results),
    level,
    snapshot: engine.catalog.snapshot(snapshot.id) ?? snapshot,
    proofs: results.map(toProof),
    found,
  };
}

export interface CopyResult extends CopyProof {
  readonly found: readonly TableRows[] | null;
  /** Why it is not ok: damaged or missing bytes are evidence against the copy, a destination that is away is not. */
  readonly failure?: { readonly code: ErrorCode; readonly isEvidence: boolean };
}

/** Proves one copy and records the result. Throws what says nothing of the copy: a full disk here, a cancelled run. */
export async function proveCopy(
  engine: Engine,
  destination: string,
  snapshot: SnapshotRecord,
  level: VerifyLevel,
  steps: Steps,
): Promise<CopyResult> {
  const record = (id: string, failure?: string) => {
    const result = { level, atMs: engine.ports.clock.now() };
    engine.catalog.recordVerification(id, destination, failure === undefined ? result : { ...result, failure });
  };
  try {
    const found = level === 'full' ? await proveFully(engine, engine.destination(destination, steps.signal), snapshot, steps) : null;
    if (level === 'quick') await proveQuickly(engine.destination(destination, steps.signal), snapshot, steps);
    record(snapshot.id);
    clearBase(engine, destination, snapshot);
    return { destination, ok: true, found };
  } catch (error) {
    const { code, message } = errorFacts(error);
    if (steps.signal.aborted || !(isEvidence(code) || code.startsWith('destination-'))) throw error;
    if (isEvidence(code)) record(whatFailed(engine, snapshot, error), message);
    return { destination, ok: false, message, found: null, failure: { code, isEvidence: isEvidence(code) } };
  }
}

/** A base that was damaged or missing, and was just found as it was stored, is a good copy again. */
function clearBase({ catalog, ports }: Engine, destination: string, { manifest }: SnapshotRecord): void {
  const base = manifest.delta && catalog.snapshot(manifest.delta.base.id);
  const isBad = base?.copies.some((copy) => copy.destination === destination && (copy.failure !== undefined || copy.state === 'missing'));
  if (base && isBad) catalog.recordVerification(base.id, destination, { level: 'quick', atMs: ports.clock.now() });
}

/** The snapshot that evidence is against: of a delta it may be the base. */
function whatFailed({ catalog }: Engine, snapshot: SnapshotRecord, error: unknown): string {
  const base = error instanceof BackupError ? error.details.base : undefined;
  return typeof base === 'string' && catalog.snapshot(base) ? base : snapshot.id;
}

function toProof({ destination, ok, message }: CopyResult): CopyProof {
  return { destination, ok, ...(message === undefined ? {} : { message }) };
}

async function proveQuickly(destination: Destination, { manifest }: SnapshotRecord, steps: Steps): Promise<void> {
  await steps.take('verify', `Reading back from ${destination.name}`, async (report) => {
    const stored = await readManifest(destination, manifestPath(manifest), steps.signal);
    const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes: manifest.object.bytes });
    await compareDigest(destination, manifest, { signal: steps.signal, onBytes });
    if (stored.object.sha256 !== manifest.object.sha256) throw changed(destination, manifest);
    if (manifest.delta === undefined) return;
    // A delta is as good as its base there.
    const base = await readBase(manifest, destination, steps.signal);
    await compareDigest(destination, base, { signal: steps.signal }).catch((error: unknown) => {
      throw asOfBase(error, base);
    });
  });
}

async function compareDigest(destination: Destination, manifest: Manifest, options: ReadOptions): Promise<void> {
  const { sha256 } = await destination.digest(objectPath(manifest), options);
  if (sha256 !== manifest.object.sha256) throw changed(destination, manifest);
}

function changed({ name }: Destination, manifest: Manifest): BackupError {
  return new BackupError('digest-mismatch', `${objectPath(manifest)} at ${name} has another SHA-256 than when it was stored`);
}

async function proveFully(
  engine: Engine,
  destination: Destination,
  { manifest }: SnapshotRecord,
  steps: Steps,
): Promise<readonly TableRows[]> {
  return inStaging(engine, engine.ports.ids.make('run'), async (folder) => {
    const rawPath = join(folder, 'copy.db');
    await steps.take('guard', 'Checking space', async () => {
      const volume = await engine.ports.disk.of(folder);
      const bytes = manifest.raw.bytes + scratchBytes(manifest);
      guardWrites(engine.settings.current.preferences, [{ volume, what: 'the database, to be checked', bytes }], steps);
    });
    await steps.take('fetch', `Bringing it back from ${destination.name}`, (report) =>
      fetchRaw({ destination, manifest }, rawPath, steps, report),
    );
    const facts = await steps.take('check', 'Checking it (integrity_check, rows)', () =>
      checkRaw(engine.ports.workers, manifest, rawPath, steps.signal),
    );
    return facts.tables;
  });
}

/** A disk that is away says nothing about the copy; damaged or missing bytes do. */
function isEvidence(code: ErrorCode): boolean {
  return code === 'digest-mismatch' || code === 'object-missing' || code === 'manifest-invalid';
}
