import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { Job, Run, RunStatus, Trigger } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { privateFolder } from '../platform/atomic-file.ts';
import { type Deadline, startDeadline } from '../platform/deadline.ts';
import { translateErrno } from '../platform/errno.ts';
import type { Clock } from '../ports.ts';
import { asStop, recordQuietly, type Steps, startSteps } from './steps.ts';
import { sweepRunLogs } from './sweep-run-logs.ts';

/** How long work has to end once it was told to. */
const stuckAfterMs = 60_000;

/**
 * Runs `work` as one recorded run of a job: started in the catalog, ended there with its status whatever happens, told to all who
 * listen, and stopped at the job's wall-clock limit (S1-90, S1-91), whether the work then ends or not. The only place where a run's
 * failure is logged.
 */
export async function asRun<T>(
  engine: Engine,
  job: Job,
  trigger: Trigger,
  signal: AbortSignal | undefined,
  work: (steps: Steps) => Promise<T>,
): Promise<{ run: Run; result: T }> {
  const { catalog, emit, log, ports } = engine;
  const { clock } = ports;
  const runId = ports.ids.make('run');
  // At its beginning: whoever hears of its end finds nothing more to be done.
  const swept = sweepRunLogs(engine.home.logFolder);
  const limit = startLimit(engine, job);
  let isOver = false;
  let stuck: BackupError | undefined;
  // What work that was left to itself still does is in the log, and changes nothing of a run that is over.
  const unlessOver =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      if (!isOver) act(...args);
    };
  const steps = startSteps({
    runId,
    clock,
    log,
    emit: unlessOver(emit),
    signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    record: {
      started: unlessOver((seq, name, atMs) => catalog.startStep(runId, seq, name, atMs)),
      ended: unlessOver((seq, status, atMs, facts) => catalog.endStep(runId, seq, status, atMs, facts)),
    },
  });
  const end = (status: RunStatus, failure?: BackupError) => {
    const error = failure && errorFacts(failure);
    const outcome = { status, endedAtMs: clock.now(), warnings: [...steps.warnings], ...(error ? { error } : {}) };
    if (!failure) catalog.endRun(runId, outcome);
    isOver = true;
    if (failure) {
      engine.unsettled.set(runId, outcome);
      settleRuns(engine);
    }
    log.info(`run ${status}`, { run: runId, job: job.name, warnings: steps.warnings.length });
    emit({ type: 'run-finished', runId, status, atMs: clock.now(), ...(error ? { error } : {}) });
  };

  engine.cancels.set(runId, limit.fire);
  try {
    settleRuns(engine);
    catalog.startRun({ id: runId, job: job.name, trigger, startedAtMs: clock.now() });
    log.info('run started', { run: runId, job: job.name, trigger });
    emit({ type: 'run-started', runId, job: job.name, trigger, atMs: clock.now() });
    const result = await unlessStuck(work(steps), steps.signal, clock, (error) => {
      stuck = error;
    });
    end(steps.warnings.length > 0 ? 'warning' : 'succeeded');
    return { run: catalog.run(runId) as Run, result };
  } catch (error) {
    const failure = stuck ?? (steps.signal.aborted ? asStop(steps.signal.reason) : asFailure(error, job));
    log.error(failure.message, { run: runId, job: job.name, code: failure.code, stack: error instanceof Error ? error.stack : undefined });
    end(failure.code === 'cancelled' ? 'cancelled' : 'failed', failure);
    throw failure;
  } finally {
    engine.cancels.delete(runId);
    limit.stop();
    await swept;
  }
}

export interface PassingRun<T> {
  readonly job: string;
  readonly trigger: Trigger;
  readonly signal: AbortSignal;
  readonly work: (steps: Steps) => Promise<T>;
  readonly isGood: (result: T) => boolean;
}

/**
 * Does work that has the events of a run and can be cancelled by its id, but is not one that the catalog keeps: its result is what is kept
 * of it. Throws what the work does, or the reason for which it was stopped, at the latest a minute after that.
 */
export async function asPassingRun<T>(engine: Engine, { isGood, job, signal, trigger, work }: PassingRun<T>): Promise<T> {
  const { cancels, emit, log, ports } = engine;
  const { clock } = ports;
  const runId = ports.ids.make('run');
  const cancelled = new AbortController();
  let stuck: BackupError | undefined;
  const stop = AbortSignal.any([signal, cancelled.signal]);
  const steps = startSteps({ runId, signal: stop, clock, log, emit });
  const end = (status: RunStatus) => emit({ type: 'run-finished', runId, status, atMs: clock.now() });
  cancels.set(runId, (reason) => cancelled.abort(reason));
  emit({ type: 'run-started', runId, job, trigger, atMs: clock.now() });
  try {
    const result = await unlessStuck(work(steps), stop, clock, (error) => {
      stuck = error;
    });
    end(isGood(result) ? 'succeeded' : 'failed');
    return result;
  } catch (error) {
    end(stop.aborted ? 'cancelled' : 'failed');
    throw stuck ?? (stop.aborted ? asStop(stop.reason) : error);
  } finally {
    cancels.delete(runId);
  }
}

/**
 * Writes down how runs have ended whose end the catalog did not take, such as on a full disk: else they would be "running" until the next
 * start. What cannot be written now either is kept for the next time.
 */
export function settleRuns({ catalog, unsettled }: Pick<Engine, 'catalog' | 'unsettled'>): void {
  for (const [runId, outcome] of unsettled) {
    recordQuietly(() => {
      catalog.endRun(runId, outcome);
      unsettled.delete(runId);
    });
  }
}

/**
 * What `work` comes to; where it has not ended a minute after the signal fired, as where a file system hangs, it is left to itself: then it
 * rejects with what it has told `onStuck`, and what the work comes to later is nobody's concern.
 */
async function unlessStuck<T>(work: Promise<T>, signal: AbortSignal, clock: Clock, onStuck: (error: BackupError) => void): Promise<T> {
  const ended = new AbortController();
  const left = Promise.withResolvers<never>();
  const giveUp = () => {
    const { code, hint, message, retryable } = asStop(signal.reason);
    const error = new BackupError(
      code,
      `${message}; what it was doing has not ended ${stuckAfterMs / 1000} s later, and was left to itself`,
      {
        retryable,
        hint: hint ?? 'a disk or a server may not answer; see the log for its last step',
      },
    );
    onStuck(error);
    left.reject(error);
  };
  // It ended in time where that comes first.
  const onStop = () => void clock.sleep(stuckAfterMs, ended.signal).then(giveUp, () => {});
  if (signal.aborted) onStop();
  else signal.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    ended.abort();
    signal.removeEventListener('abort', onStop);
  }
}

/** Gives `work` a folder in staging that is gone afterwards, whatever happens (S1-11). */
export async function inStaging<T>(engine: Engine, id: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(engine.home.stagingFolder, id);
  try {
    await mkdir(folder, { mode: privateFolder });
    return await work(folder);
  } catch (error) {
    throw translateErrno(error, {
      absent: 'home-unusable',
      refused: 'home-unusable',
      place: `the staging folder ${engine.home.stagingFolder}`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fires when the run has lasted longer than its job allows. */
export function startLimit(engine: Engine, { limitSeconds }: Job): Deadline {
  const why = () =>
    new BackupError('timed-out', `the run took longer than its limit of ${limitSeconds} s and was ended`, {
      retryable: true,
      hint: 'give it more time with --limit SECONDS',
    });
  return startDeadline(engine.ports.clock, limitSeconds * 1000, why);
}

function asFailure(error: unknown, job: Job): BackupError {
  if (error instanceof BackupError) return error;
  return new BackupError('internal', `the run of ${job.name} failed: ${errorFacts(error).message}`, {
    cause: error,
    hint: 'the log has the details; please report it',
  });
}
