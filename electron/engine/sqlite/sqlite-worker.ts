import { BackupError, errorFacts } from '../../domain/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { openWorkerChannel } from '../platform/worker-channel.ts';
import { makeDelta } from './delta.ts';
import { checkLive, inspect } from './inspect.ts';
import { probe } from './probe.ts';
import { recover } from './recover.ts';
import { settle } from './settle.ts';
import { takeSnapshot } from './snapshot.ts';
import { translateSqlite } from './sqlite-errors.ts';
import { releaseMessage, type SqliteTask, type WorkerMessage } from './worker-protocol.ts';

/**
 * The entry point of the process in which SQLite touches sources and copies: one task, one answer, then the end.
 * A process, not a thread: it can be ended inside a blocking call, and it holds no other lock that closing a file would drop.
 */
const channel = openWorkerChannel();

function send(message: WorkerMessage): Promise<void> {
  return channel.send(message);
}

async function perform(task: SqliteTask): Promise<WorkerMessage> {
  switch (task.kind) {
    case 'probe':
      return { type: 'done', result: await probe(task, systemClock) };
    case 'snapshot':
      return {
        type: 'done',
        result: await takeSnapshot(
          task.path,
          task.target,
          task.lockWaitMs,
          systemClock,
          (progress) => void send({ type: 'progress', progress }),
        ),
      };
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
