import { BackupError } from '../../domain/errors.ts';
import type { Progress } from '../../domain/progress.ts';
import { workerEntry } from '../platform/workers.ts';
import type { Worker, WorkerHost } from '../ports.ts';
import {
  type CopyOrder,
  releaseMessage,
  type SecondMessage,
  type SqliteTask,
  type TaskResults,
  type WorkerMessage,
} from './worker-protocol.ts';

type ResultOf<T extends SqliteTask> = TaskResults[T['kind']];

export interface TaskOptions {
  /** Ends the worker at once, also inside a blocking call; the task then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Runs one task in a process of its own, and a second one where that asks for it. Resolves to the answer when both have ended, so that
 * nothing they had open outlives the call. Throws what the worker reports, the signal's reason, or `worker-crashed`.
 */
export async function runSqliteTask<T extends SqliteTask>(host: WorkerHost, task: T, options: TaskOptions = {}): Promise<ResultOf<T>> {
  options.signal?.throwIfAborted();
  const worker = host.start(workerEntry('sqlite-worker', import.meta.url));
  const ended = whenEnded(worker);
  const second = secondOf(host, worker, options.onProgress);
  let answer: WorkerMessage | undefined;
  worker.onMessage((value) => {
    const message = value as WorkerMessage;
    if (message.type === 'progress') options.onProgress?.(message.progress);
    else if (message.type === 'to-second') second.post(message.message);
    else answer = message;
  });
  const stop = () => worker.kill();
  options.signal?.addEventListener('abort', stop, { once: true });
  worker.post(task);
  const note = await ended;
  await second.end();
  options.signal?.removeEventListener('abort', stop);
  options.signal?.throwIfAborted();
  return resultOf<T>(answer, task, note);
}

/** The second process of a worker: carries what the two say to each other. A worker cannot start one by itself, least of all under Electron. */
function secondOf(host: WorkerHost, first: Worker, onProgress: TaskOptions['onProgress']) {
  let second: Worker | undefined;
  let ended: Promise<unknown> | undefined;
  const tell = (message: SecondMessage) => first.post(message);
  const start = () => {
    const started = host.start(workerEntry('sqlite-worker', import.meta.url));
    ended = whenEnded(started).then((note) => tell({ type: 'second-ended', note }));
    started.onMessage((value) => {
      const message = value as WorkerMessage;
      if (message.type === 'progress') onProgress?.(message.progress);
      else tell({ type: 'from-second', message });
    });
    return started;
  };
  return {
    post: (message: SqliteTask | CopyOrder) => {
      second ??= start();
      second.post(message);
    },
    end: async () => {
      second?.kill();
      await ended;
    },
  };
}

/** Runs `work` while a worker holds the database at `path` settled and locked (see settle). Throws what either of them throws. */
export async function whileSettled<R>(host: WorkerHost, path: string, lockWaitMs: number, work: () => Promise<R>): Promise<R> {
  const task = { kind: 'settle', path, lockWaitMs } as const;
  const worker = host.start(workerEntry('sqlite-worker', import.meta.url));
  const ended = whenEnded(worker);
  const answered = new Promise<WorkerMessage>((resolve) => worker.onMessage((value) => resolve(value as WorkerMessage)));
  worker.post(task);
  const first = await Promise.race([answered, ended]);
  if (typeof first === 'string') return resultOf(undefined, task, first) as never;
  try {
    resultOf(first, task, '');
    return await work();
  } finally {
    worker.post(releaseMessage);
    await ended;
  }
}

function whenEnded(worker: Worker): Promise<string> {
  return new Promise((resolve) => worker.onExit(resolve));
}

function resultOf<T extends SqliteTask>(answer: WorkerMessage | undefined, task: T, note: string): ResultOf<T> {
  if (answer?.type === 'done') return answer.result as ResultOf<T>;
  if (answer?.type === 'failed') {
    throw new BackupError(answer.code, answer.message, answer.hint === undefined ? {} : { hint: answer.hint });
  }
  throw new BackupError('worker-crashed', `the process that had to ${task.kind} ${task.path} ended without an answer (${note})`, {
    retryable: true,
    hint: 'run it again; if it happens again, check the disk and the memory of this machine',
  });
}
