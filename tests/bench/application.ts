import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Day } from './days.ts';

/** What the application's process is told. */
export interface ApplicationCommand {
  readonly day: Day;
  readonly seed: number;
}

/** The application that a database belongs to: it has the database open, and writes only while it spends a day. */
export interface Application {
  /** Resolves when all is committed and the WAL is empty. */
  spendDay(day: Day, seed: number): Promise<void>;
  /** Closes the database. */
  close(): Promise<void>;
}

/** Opens a brain in a process of its own. Rejects, as the methods do, where that process fails; it ends with its parent. */
export async function openApplication(path: string): Promise<Application> {
  const child = fork(new URL('application-process.ts', import.meta.url), [path], { execArgv: [] });
  const ended = new AbortController();
  const exited = once(child, 'exit').then(() => ended.abort(new Error('the application that holds the database open has ended')));
  const ready = async () => {
    try {
      await once(child, 'message', { signal: ended.signal });
    } catch (error) {
      throw ended.signal.aborted ? ended.signal.reason : error;
    }
  };
  await ready();
  return {
    spendDay: async (day, seed) => {
      child.send({ day, seed } satisfies ApplicationCommand);
      await ready();
    },
    close: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
