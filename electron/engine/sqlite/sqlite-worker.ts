import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { Progress } from '../../domain/progress.ts';
import { systemClock } from '../platform/clock.ts';
import { openWorkerChannel } from '../platform/worker-channel.ts';
import { copyFiles, mayClone } from './copy-files.ts';
import { makeDelta } from './delta.ts';
import { openFileCopier } from './file-copier.ts';
import { checkLive, inspect } from './inspect.ts';
import { probe } from './probe.ts';
import { recover } from './recover.ts';
import { settle } from './settle.ts';
import { takeSnapshot } from './snapshot.ts';
import { translateSqlite } from './sqlite-errors.ts';
import { type CopyOrder, releaseMessage, type SqliteTask, type WorkerMessage } from './worker-protocol.ts';

/**
 * The entry point of the process in which SQLite touches sources and copies: one task, one answer, then the end.
 * A process, not a thread: it can be ended inside a blocking call, and it holds no other lock that closing a file would drop.
 */
const channel = openWorkerChannel();

function send(message: WorkerMessage): Promise<void> {
  return channel.send(message);
}

function onProgress(progress: Progress): void {
  void send({ type: 'progress', progress });
}

async function perform(task: SqliteTask): Promise<WorkerMessage> {
  switch (task.kind) {
    case 'probe':
      return { type: 'done', result: await probe(task, systemClock) };
    case 'snapshot':
      return {
        type: 'done',
        result: await takeSnapshot(task, {
          clock: systemClock,
          openCopier: (path, target) => openFileCopier(channel, path, target),
          onProgress,
        }),
      };
    case 'copy-files':
      return serveCopies(task);
    case 'inspect':
      return { type: 'done', result: inspect(task) };
    case 'recover':
      recover(task.path);
      return { type: 'done', result: null };
    case 'check':
      checkLive(task.path);
      return { type: 'done', result: null };
    case 'delta':
      return { type: 'done', result: await makeDelta(task, (progress) => void send({ type: 'progress', progress })) };
    case 'settle': {
      const release = settle(task.path, task.lockWaitMs);
      await send({ type: 'done', result: null });
      await new Promise<void>((resolve) => channel.onMessage((message) => message === releaseMessage && resolve()));
      release();
      return { type: 'done', result: null };
    }
  }
}

/** Says whether cloning may work, and then copies whenever it is told to, until it is ended. */
async function serveCopies({ path, target }: Extract<SqliteTask, { kind: 'copy-files' }>): Promise<never> {
  const copy = (order: CopyOrder): Promise<WorkerMessage> =>
    copyFiles(path, target, order, onProgress).then(
      () => ({ type: 'done', result: null }),
      (error: unknown) => ({ type: 'failed', ...errorFacts(error) }),
    );
  const result = { mayClone: await mayClone(path, `${target}.trial`) };
  channel.onMessage((order) => void copy(order as CopyOrder).then(send));
  await send({ type: 'done', result });
  return new Promise<never>(() => {});
}

function failure(task: SqliteTask, error: unknown): WorkerMessage {
  const shownAs = 'shownAs' in task ? task.shownAs : task.path;
  const translated = translateSqlite(error, shownAs);
  const facts = errorFacts(translated);
  if (!(translated instanceof BackupError)) return { type: 'failed', ...facts, message: `${task.kind} ${shownAs}: ${facts.message}` };
  return { type: 'failed', ...facts };
}

// Copies of other people's databases are for their owner alone (S1-112).
process.umask(0o077);
let isAsked = false;
channel.onMessage((message) => {
  if (isAsked) return;
  isAsked = true;
  const task = message as SqliteTask;
  void perform(task)
    .catch((error: unknown) => failure(task, error))
    .then(send)
    .finally(() => channel.end());
});
