import { rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorFacts } from '../../domain/errors.ts';
import type { Preferences, RestoreMode, RestoreState } from '../../domain/model.ts';
import type { RestoreOutcome } from '../../domain/outcomes.ts';
import type { RunEvent } from '../../domain/run-event.ts';
import type { TableRows } from '../../domain/table-rows.ts';
import type { RestoreRecord } from '../catalog/rows.ts';
import type { Engine } from '../engine.ts';
import { translateErrno, unlessMissing } from '../platform/errno.ts';
import type { Log, Ports } from '../ports.ts';
import { asStop, type Steps, startSteps } from './steps.ts';

/** The finished database in a part folder, until it is renamed into place. */
export const partName = 'database';

/** True where a swap that began has put its part in place: the part is gone, or it is the target itself under a second name. */
export async function isInPlace(partFolder: string, target: string): Promise<boolean> {
  const part = await unlessMissing(stat(join(partFolder, partName)));
  const live = await unlessMissing(stat(target));
  if (part === undefined) return true;
  // An empty part stands for no database at all: it is in place where there is none.
  if (part.size === 0) return live === undefined;
  return live !== undefined && live.dev === part.dev && live.ino === part.ino;
}

/** What a restore works with; an open engine is one, and so is a machine that has nothing but a destination. */
export interface RestoreContext {
  readonly ports: Ports;
  readonly log: Log;
  readonly preferences: Preferences;
  /** Folders that hold what must not be replaced by a restore: the data folder and the destinations. */
  readonly protectedFolders: readonly string[];
  emit(event: RunEvent): void;
  /** Where a restore is found by its id, to be cancelled; nothing where there is nobody who could ask for that. */
  readonly cancels?: Engine['cancels'];
  /** Where restores are recorded; nothing without a data folder. */
  readonly record?: {
    addRestore(restore: RestoreRecord): void;
    setRestoreState(id: string, state: RestoreState, endedAtMs?: number): void;
  };
}

/** What a restore is of. */
export interface RestoreSubject {
  readonly job: string;
  readonly snapshotId?: string;
  readonly mode: RestoreMode;
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Where a restore works. */
export interface RestorePlaces {
  /** A folder beside the target, for what is not finished yet; it is gone afterwards. */
  readonly partFolder: string;
  /** A folder beside the target, for the files that are replaced. */
  readonly keptFolder: string;
  /** To be called when the part is finished and its next rename makes it the target: from then on a crash is judged by the part. */
  beginSwap(): void;
}

/** What a restore has put in place, as it was proven. */
export interface Restored {
  readonly tables: readonly TableRows[];
  readonly sha256: string | null;
}

/** Runs `work` as one recorded restore that can be cancelled by its id, and resolves to its outcome. */
export async function asRestore(
  context: RestoreContext,
  subject: RestoreSubject,
  work: (steps: Steps, places: RestorePlaces) => Promise<Restored>,
): Promise<RestoreOutcome> {
  const { cancels, ports, log, emit } = context;
  const { mode, target } = subject;
  const { clock } = ports;
  const id = ports.ids.make('restore');
  const cancelled = new AbortController();
  const signal = AbortSignal.any([subject.signal, cancelled.signal]);
  const places = { partFolder: join(dirname(target), `.${basename(target)}.nightjar-${id}`), keptFolder: `${target}.before-${id}` };
  const record = recordRestore(context, subject, id, places);
  const steps = startSteps({ runId: id, signal, clock, log, emit });
  log.info('restore started', { restore: id, job: subject.job, mode, snapshot: subject.snapshotId, target });
  cancels?.set(id, (reason) => cancelled.abort(reason));
  emit({ type: 'run-started', runId: id, job: subject.job, trigger: 'manual', atMs: clock.now() });
  try {
    const restored = await work(steps, { ...places, beginSwap: () => record.set('swapping') });
    // Before the end is recorded: a start after a crash looks only at restores that have not ended.
    await rm(places.partFolder, { recursive: true, force: true });
    record.set('done');
    log.info(`restored ${target}`, { restore: id, snapshot: subject.snapshotId });
    emit({ type: 'run-finished', runId: id, status: steps.warnings.length > 0 ? 'warning' : 'succeeded', atMs: clock.now() });
    return { id, path: target, ...restored, undo: mode === 'file' ? null : id, warnings: steps.warnings };
  } catch (error) {
    const failure = signal.aborted
      ? asStop(signal.reason)
      : translateErrno(error, { absent: 'target-refused', refused: 'target-refused', place: target });
    await record.fail(failure).catch(() => {}); // What failed first is thrown on; the next start puts the record in order.
    const facts = errorFacts(failure);
    emit({ type: 'run-finished', runId: id, status: facts.code === 'cancelled' ? 'cancelled' : 'failed', atMs: clock.now(), error: facts });
    throw failure;
  } finally {
    cancels?.delete(id);
    await rm(places.partFolder, { recursive: true, force: true });
  }
}

/** Keeps a restore's state in the catalog, where there is one, and judges a failure by what it left. */
function recordRestore(context: RestoreContext, subject: RestoreSubject, id: string, places: Omit<RestorePlaces, 'beginSwap'>) {
  const { log, ports, record } = context;
  const { job, mode, snapshotId, target } = subject;
  let state: RestoreState = 'running';
  const set = (next: RestoreState) => {
    record?.setRestoreState(id, next, next === 'swapping' ? undefined : ports.clock.now());
    state = next;
  };
  record?.addRestore({
    id,
    job,
    ...(snapshotId === undefined ? {} : { snapshotId }),
    mode,
    state,
    targetPath: target,
    partPath: places.partFolder,
    ...(mode === 'file' ? {} : { keptPath: places.keptFolder }),
    startedAtMs: ports.clock.now(),
  });
  const fail = async (failure: unknown) => {
    const { code, message } = errorFacts(failure);
    const isReplaced = (state === 'swapping' || state === 'done') && (await isInPlace(places.partFolder, target));
    // Before the swap, and where it was refused, what was kept is only a second copy of what is still in place.
    const isUntouched = state === 'running' || code === 'target-in-use';
    if (isUntouched && mode !== 'file') await rm(places.keptFolder, { recursive: true, force: true });
    set(isReplaced ? 'done' : 'failed');
    log.error(message, { restore: id, code });
  };
  return { set, fail };
}
