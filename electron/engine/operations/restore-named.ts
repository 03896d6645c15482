import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { judgeWrites } from '../../domain/disk-guard.ts';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { localPaths } from '../../domain/model.ts';
import type { ForeignRestore, PastRestore, RestoreOutcome, RestorePlan } from '../../domain/outcomes.ts';
import { isVerified, type SnapshotRecord, storedCopies } from '../../domain/snapshot-record.ts';
import type { RestoreRecord } from '../catalog/rows.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Engine } from '../engine.ts';
import { unlessMissing } from '../platform/errno.ts';
import { databaseFiles } from '../sqlite/database-file.ts';
import { findAtDestination, findSnapshot } from './find-snapshot.ts';
import { restoreInPlace, restoreToFile } from './restore.ts';
import type { RestoreContext } from './restore-run.ts';
import { inPlaceWrites, realTarget, writesBeside } from './restore-target.ts';
import { discardKept, undoRestore } from './undo.ts';

/** A file that a restore makes, by its absolute path. */
export interface FileTarget {
  readonly target: string;
  /** Replaces what is there. */
  readonly force: boolean;
}

/** Restores the snapshot that is meant by an id, `JOB` or `JOB@WHEN` to a file. Throws as `findSnapshot` and `restoreToFile`. */
export function restoreNamed(engine: Engine, what: string, { force, target }: FileTarget, signal: AbortSignal): Promise<RestoreOutcome> {
  const snapshot = findSnapshot(engine.catalog, what);
  return restoreToFile(contextOf(engine), { ...sourcesOf(engine, snapshot, signal), target, force });
}

/**
 * What `restoreLive` would do, and what it would find now; changes nothing. Throws as `findSnapshot`, and `target-refused` where no database
 * here is known to be the job's, or its folder is gone.
 */
export async function planLive(engine: Engine, what: string): Promise<RestorePlan> {
  const { disk, handles } = engine.ports;
  const snapshot = findSnapshot(engine.catalog, what);
  const target = liveTarget(engine, snapshot);
  const real = await realTarget(target);
  const writes = await writesBeside(disk, real, await inPlaceWrites(real, snapshot.manifest));
  const openBy = await handles.of(databaseFiles(real));
  const needs = judgeWrites(writes, engine.settings.current.preferences);
  return { snapshot, target, present: await presentAt(real), openBy, needs };
}

/** Replaces the job's own database with a snapshot; the present one is kept. Throws as `planLive` and `restoreInPlace`. */
export async function restoreLive(engine: Engine, what: string, signal: AbortSignal): Promise<RestoreOutcome> {
  const snapshot = findSnapshot(engine.catalog, what);
  return restoreInPlace(contextOf(engine), { ...sourcesOf(engine, snapshot, signal), target: liveTarget(engine, snapshot) });
}

async function presentAt(path: string): Promise<RestorePlan['present']> {
  const stats = await unlessMissing(stat(path));
  return stats === undefined ? null : { bytes: stats.size, walBytes: (await unlessMissing(stat(`${path}-wal`)))?.size ?? 0 };
}

/** A restore on a machine that knows nothing but the sign-in: what is there is read from the destination, not from the catalog. */
export async function restoreForeign(
  engine: Engine,
  from: { readonly destination: string; readonly job: string | undefined; readonly at: string },
  { force, target }: FileTarget,
  signal: AbortSignal,
): Promise<ForeignRestore> {
  const notes: string[] = [];
  const destination = engine.destination(from.destination, signal);
  const manifest = await findAtDestination(destination, from.job, from.at, (error) => notes.push(errorFacts(error).message));
  const context = contextOf(engine);
  // What lies there is all that is left: nothing goes among it.
  const protectedFolders = [...context.protectedFolders, ...(isAbsolute(from.destination) ? [from.destination] : [])];
  const outcome = await restoreToFile({ ...context, protectedFolders }, { manifest, copies: [destination], signal, target, force });
  return { snapshotId: manifest.id, outcome, notes };
}

/** Brings back what a restore in place replaced. Throws `restore-unknown`, and as `undoRestore`. */
export function undoNamed(engine: Engine, id: string, signal: AbortSignal): Promise<RestoreOutcome> {
  return undoRestore(engine, contextOf(engine), pastRestore(engine, id), signal);
}

/** Deletes what a restore in place had kept. Throws `restore-unknown`, and as `discardKept`. */
export async function discardNamed(engine: Engine, id: string): Promise<PastRestore> {
  const former = pastRestore(engine, id);
  await discardKept(engine, former);
  return { ...former, isKept: false };
}

/** Every restore, newest first. */
export function pastRestores(engine: Engine): PastRestore[] {
  return engine.catalog
    .restores()
    .map((restore) => ({ ...restore, isKept: restore.keptPath !== undefined && existsSync(restore.keptPath) }));
}

function pastRestore(engine: Engine, id: string): RestoreRecord {
  const record = engine.catalog.restore(id);
  if (record) return record;
  throw new BackupError('restore-unknown', `there is no restore "${id}"`, { hint: 'see them with: nightjar restore --list' });
}

function contextOf(engine: Engine): RestoreContext {
  const { cancels, ports, log, settings, emit, catalog } = engine;
  const { preferences } = settings.current;
  return { ports, log, preferences, protectedFolders: foldersOf(engine), emit, cancels, record: catalog };
}

/** The folders in which Nightjar keeps its own files: nothing is restored into them. */
export function foldersOf({ catalog, home, settings }: Pick<Engine, 'catalog' | 'home' | 'settings'>): string[] {
  return [home.path, ...localPaths(settings.current.destinations), ...catalog.destinations().filter(isAbsolute)];
}

/** The snapshot and its copies, those whose last proof succeeded first. */
function sourcesOf(engine: Engine, snapshot: SnapshotRecord, signal: AbortSignal) {
  const base = snapshot.manifest.delta && engine.catalog.snapshot(snapshot.manifest.delta.base.id);
  return { manifest: snapshot.manifest, copies: copiesOf(engine, snapshot), baseCopies: base ? copiesOf(engine, base) : [], signal };
}

function copiesOf(engine: Engine, snapshot: SnapshotRecord): Destination[] {
  const copies = storedCopies(snapshot).toSorted((a, b) => Number(isVerified(b)) - Number(isVerified(a)));
  return copies.map(({ destination }) => engine.destination(destination));
}

/** The job's database; for a job that is not configured, the path in the manifest if it was this machine's. */
function liveTarget(engine: Engine, snapshot: SnapshotRecord): string {
  const job = engine.settings.current.jobs.find(({ name }) => name === snapshot.job);
  if (job) return job.source.path;
  const { host, path } = snapshot.manifest.source;
  if (host === engine.ports.host) return path;
  throw new BackupError('target-refused', `${snapshot.job} was taken on ${host}, so it is not known which database it would replace here`, {
    hint: 'restore it with --to FILE',
  });
}
