import { fork } from 'node:child_process';
import { once } from 'node:events';
import Database from 'better-sqlite3';

/** A process that writes to a database as fast as it can. */
export interface WildWriter extends AsyncDisposable {
  /** How many transfers it has committed. Throws where it has ended by itself. */
  commits(): number;
  /** Stops it where it is, be that in the middle of a transaction, until it goes on. */
  stop(): void;
  goOn(): void;
}

/** Prepares a database of `makeSampleDatabase` for wild writers: it shrinks as soon as pages are free. */
export function prepareForWildWriters(path: string): void {
  const database = new Database(path, { fileMustExist: true });
  database.exec("CREATE TABLE ballast (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT; INSERT INTO meta VALUES ('ballast', 0)");
  database.pragma('auto_vacuum = FULL');
  database.exec('VACUUM');
  database.close();
}

/** What is wrong with a copy of such a database beyond what `checkInvariants` says. */
export function ballastProblems(database: Database.Database): string[] {
  const counts = "SELECT (SELECT count(*) FROM ballast) = (SELECT value FROM meta WHERE key = 'ballast')";
  const problems = database.prepare(counts).pluck().get() === 1 ? [] : ['the ballast is not as much as its count says'];
  if (database.prepare("SELECT count(*) FROM ledger WHERE reason LIKE '% never'").pluck().get() !== 0)
    problems.push('there is a row that was never committed');
  return problems;
}

/**
 * Starts a process that makes transfers without a pause, and by chance grows and shrinks the database, rolls back, and checkpoints in every
 * mode. An even seed checkpoints after a few pages, an odd one after many. Resolves after its first commits; disposing of it ends it.
 */
export async function startWildWriter(path: string, seed: number): Promise<WildWriter> {
  const script = new URL('wild-writer-process.ts', import.meta.url);
  const child = fork(script, [path, String(seed)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  let commits = 0;
  child.on('message', (message: { commits: number }) => {
    commits = message.commits;
  });
  await Promise.race([once(child, 'message'), exited]);
  return {
    commits: () => {
      if (child.exitCode !== null) throw new Error(`the writer ended by itself (${child.exitCode})`);
      return commits;
    },
    stop: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
