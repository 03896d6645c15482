import Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';
import { sqliteCodeOf } from './sqlite-errors.ts';

/**
 * Makes a database that is about to be replaced one whole file without sidecars, and locks everybody else out of it until the
 * returned function is called. Throws `target-in-use` where another connection has it open, and SQLite's own error where the
 * file is too damaged to be settled. Runs in a worker process.
 */
export function settle(path: string, lockWaitMs: number): () => void {
  const database = new Database(path, { fileMustExist: true, timeout: lockWaitMs });
  try {
    // Leaving WAL mode checkpoints the log, removes it, and is refused while any other connection is open.
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/^SQLITE_(BUSY|LOCKED)/.test(sqliteCodeOf(error))) throw error;
    throw new BackupError('target-in-use', `another program has ${path} open`, {
      cause: error,
      hint: 'quit the program that uses it, then restore again',
    });
  }
  return () => database.close();
}
