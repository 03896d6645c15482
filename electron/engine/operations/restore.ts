import { mkdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Preferences, RestoreMode, TableRows } from '../../domain/model.ts';
import type { RunEvent } from '../../domain/run-event.ts';
import type { RestoreRecord } from '../catalog/rows.ts';
import type { Destination } from '../destinations/destination.ts';
import { digestFile } from '../pipeline/digest.ts';
import { privateFolder, syncFolder } from '../platform/atomic-file.ts';
import { translateErrno, unlessMissing } from '../platform/errno.ts';
import type { Log, Ports } from '../ports.ts';
import { databaseFiles } from '../sqlite/database-file.ts';
import { keepFiles, refuseWhileOpen, swapIn } from './database-swap.ts';
import { checkRaw, fetchRaw, fromAnyCopy } from './fetch.ts';
import { guardWrites } from './guard.ts';
import { asStop, type Steps, startSteps } from './steps.ts';

/** The finished database in a part folder, until it is renamed into place. */
export const partName = 'database';

/** What a restore works with; an open engine is one, and so is a machine that has nothing but a destination. */
export interface RestoreContext {
  readonly ports: Ports;
  readonly log: Log;
  readonly preferences: Preferences;
  emit(event: RunEvent): void;
  /** Where restores are recorded; nothing without a data folder. */
  readonly record?: {
    addRestore(restore: RestoreRecord): void;
    setRestoreState(id: string, state: RestoreRecord['state'], endedAtMs?: number): void;
  };
}

export interface RestoreRequest {
  readonly manifest: Manifest;
  /** Where its copies are, the best first. */
  readonly copies: readonly Destination[];
  readonly signal: AbortSignal;
}

export interface RestoreOutcome {
  readonly id: string;
  readonly path: string;
  readonly tables: readonly TableRows[];
  /** The restore that can be undone, for one in place. */
  readonly undo: string | null;
  readonly warnings: readonly string[];
}

/** Restores a snapshot to a file. An existing one is replaced only with `force`; until the end nothing stands under its name. */
export async function restoreToFile(
  context: RestoreContext,
  request: RestoreRequest & { target: string; force: boolean },
): Promise<RestoreOutcome> {
  const target = resolve(request.target);
  return asRestore(context, request, 'file', target, async (steps, partFolder) => {
    await steps.take('guard', 'Checking the target and its space', async () => {
      await refuseTarget(target, request.force);
      if (request.force) await refuseWhileOpen(context.ports.handles, target);
      await guardTarget(context, target, [['the database', request.manifest.raw.bytes]], steps);
    });
    const part = await rebuild(context, request, partFolder, steps);
    await steps.take('publish', `Putting it in place as ${target}`, async () => {
      if (!request.force) await refuseTarget(target, false);
      await swapIn(context.ports.workers, part.path, target);
    });
    return { tables: part.tables, undoable: false };
  });
}

/**
 * Restores a snapshot over the live database. The present one is kept beside it, byte for byte with its sidecars, and `undoRestore`
 * brings it back. Refused while another process has the database open.
 */
export async function restoreInPlace(context: RestoreContext, request: RestoreRequest & { target: string }): Promise<RestoreOutcome> {
  const target = await realTarget(request.target);
  const { manifest } = request;
  return asRestore(context, request, 'in-place', target, async (steps, partFolder, keptFolder, setState) => {
    await steps.take('guard', 'Checking who has it open, and space', async () => {
      await refuseWhileOpen(context.ports.handles, target);
      const presentBytes = await totalBytes(target);
      await guardTarget(
        context,
        target,
        [
          ['the restored database', manifest.raw.bytes],
          ['the present one, kept', presentBytes],
        ],
        steps,
      );
    });
    const part = await rebuild(context, request, partFolder, steps);
    await steps.take('keep', `Keeping the present database in ${keptFolder}`, async () => {
      await refuseWhileOpen(context.ports.handles, target);
      await keepFiles(target, keptFolder);
    });
    setState('swapping');
    await steps.take('swap', 'Replacing it', () => swapIn(context.ports.workers, part.path, target));
    await steps.take('recheck', 'Checking it in place', () => recheck(target, manifest.raw.sha256, steps));
    return { tables: part.tables, undoable: true };
  });
}

type RestoreWork = (
  steps: Steps,
  partFolder: string,
  keptFolder: string,
  setState: (state: RestoreRecord['state']) => void,
) => Promise<{ tables: readonly TableRows[]; undoable: boolean }>;

/** Runs `work` as one recorded restore; its parts are gone afterwards, and so is what it kept if nothing was replaced. */
export async function asRestore(
  context: RestoreContext,
  request: { readonly manifest?: Manifest; readonly job?: string; readonly signal: AbortSignal },
  mode: RestoreMode,
  target: string,
  work: RestoreWork,
): Promise<RestoreOutcome> {
  const { ports, log, emit, record } = context;
  const { clock } = ports;
  const id = ports.ids.make('restore');
  const job = request.manifest?.job ?? request.job ?? '';
  const partFolder = join(dirname(target), `.${basename(target)}.nightjar-${id}`);
  const keptFolder = `${target}.before-${id}`;
  const steps = startSteps({ runId: id, signal: request.signal, clock, log, emit });
  let state = 'running' as RestoreRecord['state'];
  const setState = (next: RestoreRecord['state'], endedAtMs?: number) => {
    state = next;
    record?.setRestoreState(id, next, endedAtMs);
  };
  record?.addRestore({
    id,
    job,
    ...(request.manifest ? { snapshotId: request.manifest.id } : {}),
    mode,
    state,
    targetPath: target,
    partPath: partFolder,
    ...(mode === 'file' ? {} : { keptPath: keptFolder }),
    startedAtMs: clock.now(),
  });
  emit({ type: 'run-started', runId: id, job, trigger: 'manual', atMs: clock.now() });
  try {
    const { tables, undoable } = await work(steps, partFolder, keptFolder, setState);
    setState('done', clock.now());
    log.info(`restored ${target}`, { restore: id, snapshot: request.manifest?.id });
    emit({ type: 'run-finished', runId: id, status: steps.warnings.length > 0 ? 'warning' : 'succeeded', atMs: clock.now() });
    return { id, path: target, tables, undo: undoable ? id : null, warnings: steps.warnings };
  } catch (error) {
    const failure = request.signal.aborted ? asStop(request.signal.reason) : translateErrno(error, targetMeaning(target));
    // Before the swap, and where it was refused, what was kept is only a second copy of what is still in place.
    const isUntouched = state === 'running' || errorFacts(failure).code === 'target-in-use';
    if (isUntouched && mode !== 'file') await rm(keptFolder, { recursive: true, force: true });
    setState(isUntouched ? 'failed' : 'done', clock.now());
    log.error(errorFacts(failure).message, { restore: id, code: errorFacts(failure).code });
    emit({ type: 'run-finished', runId: id, status: 'failed', atMs: clock.now(), error: errorFacts(failure) });
    throw failure;
  } finally {
    await rm(partFolder, { recursive: true, force: true });
  }
}

/** Brings the database back into the part folder and proves it whole. */
async function rebuild(
  context: RestoreContext,
  request: RestoreRequest,
  partFolder: string,
  steps: Steps,
): Promise<{ path: string; tables: readonly TableRows[] }> {
  const { manifest, copies } = request;
  const path = join(partFolder, partName);
  await mkdir(partFolder, { mode: privateFolder });
  return fromAnyCopy(copies, steps.warn, steps.signal, async (destination) => {
    await rm(path, { force: true });
    await steps.take('fetch', `Bringing it back from ${destination.name}`, (report) =>
      fetchRaw(destination, manifest, path, steps.signal, report),
    );
    const facts = await steps.take('check', 'Checking it (integrity_check, rows)', () =>
      checkRaw(context.ports.workers, manifest, path, steps.signal),
    );
    await syncFolder(partFolder);
    return { path, tables: facts.tables };
  });
}

/** The new file must be there as it was proven, and nothing beside it that SQLite would replay. */
async function recheck(target: string, sha256: string, steps: Steps): Promise<void> {
  const beside = await existing(databaseFiles(target).slice(1));
  if (beside.length > 0) {
    steps.warn(`another program has opened ${target} already; it was proven just before it was put in place`);
    return;
  }
  if ((await digestFile(target, steps.signal)).sha256 === sha256) return;
  throw new BackupError('digest-mismatch', `${target} is not what was put there a moment ago`, {
    hint: 'check the disk, then restore again',
  });
}

/** Throws `target-exists` or `target-refused` for a path that must not be written. */
async function refuseTarget(target: string, force: boolean): Promise<void> {
  const folder = dirname(target);
  if (!(await unlessMissing(stat(folder)))?.isDirectory()) {
    throw new BackupError('target-refused', `there is no folder ${folder} to restore into`, { hint: 'make it first, or choose another' });
  }
  if ((await unlessMissing(stat(target)))?.isDirectory()) {
    throw new BackupError('target-refused', `${target} is a folder`, {
      hint: `give the name of a file, such as ${join(target, 'restored.db')}`,
    });
  }
  if (force) return;
  const [taken] = await existing(databaseFiles(target));
  if (taken !== undefined) {
    throw new BackupError('target-exists', `${taken} exists already and was left as it is`, {
      hint: 'choose another name, replace it with --force, or restore the live database with --in-place, which keeps it',
    });
  }
}

/** Judges what a restore will write beside its target; throws `disk-space-low`. */
export async function guardTarget(
  context: RestoreContext,
  target: string,
  writes: readonly (readonly [string, number])[],
  steps: Steps,
): Promise<void> {
  const volume = await context.ports.disk.of(dirname(target));
  guardWrites(
    context.preferences,
    writes.map(([what, bytes]) => ({ volume, what, bytes })),
    steps,
  );
}

/** Through symbolic links to the file itself, so that the link stays and the database behind it is what is replaced. */
export async function realTarget(path: string): Promise<string> {
  const absolute = resolve(path);
  const real = await unlessMissing(realpath(absolute));
  if (real !== undefined) return real;
  const folder = await unlessMissing(realpath(dirname(absolute)));
  if (folder !== undefined) return join(folder, basename(absolute));
  throw new BackupError('target-refused', `there is no folder ${dirname(absolute)} to restore into`, {
    hint: 'make it first, or restore with --to FILE',
  });
}

/** The bytes of a database with its sidecars. */
export async function totalBytes(path: string): Promise<number> {
  let sum = 0;
  for (const file of databaseFiles(path)) sum += (await unlessMissing(stat(file)))?.size ?? 0;
  return sum;
}

export async function isFile(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path)))?.isFile() ?? false;
}

async function existing(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) if (await unlessMissing(stat(path))) found.push(path);
  return found;
}

function targetMeaning(target: string) {
  return { absent: 'target-refused', refused: 'target-refused', place: target } as const;
}
