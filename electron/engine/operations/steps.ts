import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { RunStep, StepName } from '../../domain/model.ts';
import type { Progress } from '../../domain/progress.ts';
import type { RunEvent } from '../../domain/run-event.ts';
import type { Clock, Log } from '../ports.ts';

/** What a step may say while it works. */
export interface StepReport {
  progress(progress: Progress): void;
  /** Keeps a number or a word with the step. */
  fact(name: string, value: string | number): void;
}

/** The steps of one run or restore, in the order in which they are taken. */
export interface Steps {
  readonly runId: string;
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
  /** Takes one step: refuses when the run was cancelled, times it, and tells its start, progress, end or failure. */
  take<T>(name: StepName, label: string, work: (report: StepReport) => Promise<T>): Promise<T>;
  /** Takes a step that belongs to the one before it: a run that is cancelled in between is not cut in two. */
  complete<T>(name: StepName, label: string, work: (report: StepReport) => Promise<T>): Promise<T>;
  warn(message: string): void;
}

/** Where the steps of a run are kept; a restore from a bare folder keeps none. */
export interface StepRecord {
  started(seq: number, name: StepName, atMs: number): void;
  ended(seq: number, status: 'done' | 'failed', atMs: number, facts: RunStep['facts']): void;
}

/** Progress is told at most this often. */
const progressEveryMs = 100;

export interface StepsOptions {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: RunEvent) => void;
  readonly record?: StepRecord;
}

/** Begins the steps of a run. */
export function startSteps({ runId, signal, clock, log, emit, record }: StepsOptions): Steps {
  const warnings: string[] = [];
  let lastSeq = 0;

  const complete: Steps['complete'] = async (step, label, work) => {
    const seq = ++lastSeq;
    const startedAtMs = clock.now();
    const facts: Record<string, string | number> = {};
    const fact = (name: string, value: string | number) => {
      facts[name] = value;
    };
    record?.started(seq, step, startedAtMs);
    log.info(`${step} started`, { run: runId, label });
    emit({ type: 'step-started', runId, step, label, atMs: startedAtMs });
    try {
      const result = await work({ progress: progressTeller(runId, step, clock, emit), fact });
      record?.ended(seq, 'done', clock.now(), facts);
      log.info(`${step} done`, { run: runId, ms: clock.now() - startedAtMs, ...facts });
      emit({ type: 'step-finished', runId, step, atMs: clock.now(), facts });
      return result;
    } catch (error) {
      const failure = signal.aborted ? asStop(signal.reason) : error;
      recordQuietly(() => record?.ended(seq, 'failed', clock.now(), facts));
      log.info(`${step} failed`, { run: runId, ms: clock.now() - startedAtMs, ...facts, code: errorFacts(failure).code });
      emit({ type: 'step-failed', runId, step, atMs: clock.now(), error: errorFacts(failure) });
      throw failure;
    }
  };

  return {
    runId,
    signal,
    warnings,
    warn: (message) => {
      warnings.push(message);
      log.warn(message, { run: runId });
      emit({ type: 'warning', runId, message, atMs: clock.now() });
    },
    take: async (step, label, work) => {
      signal.throwIfAborted();
      return complete(step, label, work);
    },
    complete,
  };
}

/** Records a failure without letting the record's own failure, such as a full disk, take its place; the next start puts it in order. */
export function recordQuietly(write: () => void): void {
  try {
    write();
  } catch {
    // What failed first is thrown on.
  }
}

/** The reason for which a run was stopped, as an error of ours. */
export function asStop(reason: unknown): BackupError {
  if (reason instanceof BackupError) return reason;
  return new BackupError('cancelled', 'the run was cancelled; nothing half-written was left behind', { cause: reason });
}

function progressTeller(runId: string, step: StepName, clock: Clock, emit: (event: RunEvent) => void): (progress: Progress) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (progress) => {
    const atMs = clock.now();
    if (atMs - lastMs < progressEveryMs && progress.doneBytes < progress.totalBytes) return;
    lastMs = atMs;
    emit({ type: 'step-progress', runId, step, atMs, ...progress });
  };
}
