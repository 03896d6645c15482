import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What the writer did since it started or resumed. */
export interface WriterReport {
  readonly commits: number;
  /** The longest that one transaction took, waiting for locks included. */
  readonly worstCommitMs: number;
  /** Processor time of its process. */
  readonly cpuMs: number;
}

/** What the writer's process tells. */
export type WriterMessage =
  | { readonly type: 'ready' }
  | ({ readonly type: 'paused' } & WriterReport)
  | { readonly type: 'failed'; readonly message: string };

/** What the writer's process is told. */
export type WriterCommand = 'pause' | 'resume' | 'stop';

/** Another process that commits to a sample database. */
export interface LiveWriter {
  readonly pid: number;
  /** Finishes the transaction at hand, empties the WAL and keeps the database open. */
  pause(): Promise<WriterReport>;
  /** Resolves after the next commit. */
  resume(): Promise<void>;
  /** Closes the database and ends the process; what it did since it last resumed. */
  stop(): Promise<WriterReport>;
}

/**
 * Starts a process that commits a transaction to a database of `makeSampleDatabase` every so many milliseconds: a transfer and a
 * note. Resolves after its first commit. Rejects, as do the methods, when the process fails; it ends with its parent.
 */
export async function startLiveWriter(path: string, { everyMs }: { readonly everyMs: number }): Promise<LiveWriter> {
  const script = new URL('live-writer-process.ts', import.meta.url);
  const child = fork(script, [path, String(everyMs)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  // A writer must not keep a test or the bench alive.
  child.unref();
  child.channel?.unref();

  const ended = new AbortController();
  child.once('exit', (code, signal) => ended.abort(new Error(`the writer ended by itself (${signal ?? code})`)));
  const answer = async (): Promise<WriterMessage> => {
    child.channel?.ref();
    try {
      const [message] = await once(child, 'message', { signal: ended.signal });
      return message as WriterMessage;
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    } finally {
      child.channel?.unref();
    }
  };
  const ask = async (command?: WriterCommand): Promise<WriterMessage> => {
    if (ended.signal.aborted) throw ended.signal.reason;
    const answered = answer();
    if (command) child.send(command);
    const message = await answered;
    if (message.type === 'failed') throw new Error(`the writer failed: ${message.message}`);
    return message;
  };
  const askReport = async (command: WriterCommand): Promise<WriterReport> => {
    const message = await ask(command);
    if (message.type !== 'paused') throw new Error(`the writer answered "${message.type}" to "${command}"`);
    return { commits: message.commits, worstCommitMs: message.worstCommitMs, cpuMs: message.cpuMs };
  };

  await ask();
  return {
    pid: child.pid ?? 0,
    pause: () => askReport('pause'),
    resume: async () => void (await ask('resume')),
    stop: async () => {
      const exited = once(child, 'exit');
      const report = await askReport('stop');
      child.ref();
      await exited;
      return report;
    },
  };
}
