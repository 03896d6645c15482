import type { WorkerChannel } from '../platform/worker-channel.ts';
import type { CopyMeans, CopyOrder, SecondMessage, SqliteTask, WorkerMessage } from './worker-protocol.ts';

/**
 * Copies the files of a database for the process that holds it still. It is a process of its own: one that has a database open with
 * SQLite loses its locks by closing any other descriptor of that file.
 */
export interface FileCopier {
  /** Resolves when it is ready to copy by these means at once; false where they are known not to work. Nothing of the target is there then. */
  isReadyTo(means: CopyMeans): Promise<boolean>;
  /** Copies; rejects where that did not work, and what is there of the target is then the caller's to remove. */
  copy(order: CopyOrder): Promise<void>;
}

/** The copier of the files of `path` to `target`, as the second process of this worker. It starts when it is first asked. */
export function openFileCopier(channel: WorkerChannel, path: string, target: string): FileCopier {
  let listener: (message: SecondMessage) => void = () => {};
  let gone: string | undefined;
  channel.onMessage((value) => {
    const message = value as SecondMessage;
    if (message.type === 'second-ended') gone = message.note;
    if (message.type === 'second-ended' || message.type === 'from-second') listener(message);
  });
  const ask = async (message: SqliteTask | CopyOrder): Promise<WorkerMessage> => {
    if (gone !== undefined) throw new Error(`the process that copies files has ended (${gone})`);
    const answered = new Promise<SecondMessage>((resolve) => {
      listener = resolve;
    });
    await channel.send({ type: 'to-second', message });
    const answer = await answered;
    if (answer.type === 'second-ended') throw new Error(`the process that copies files has ended (${answer.note})`);
    if (answer.message.type === 'failed') throw new Error(answer.message.message);
    return answer.message;
  };
  const start = async (): Promise<boolean> => {
    const answer = await ask({ kind: 'copy-files', path, target });
    const result = answer.type === 'done' ? (answer.result as { mayClone: boolean }) : { mayClone: false };
    return result.mayClone;
  };
  let started: Promise<boolean> | undefined;
  return {
    isReadyTo: async (means) => {
      started ??= start();
      const mayClone = await started.catch(() => undefined);
      return means === 'clone' ? mayClone === true : mayClone !== undefined;
    },
    copy: async (order) => void (await ask(order)),
  };
}
