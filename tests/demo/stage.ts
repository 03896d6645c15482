import Database from 'better-sqlite3';
import { formatDuration } from '../../electron/domain/units.ts';
import { countRows } from '../support/prove-object.ts';
import type { Narrator } from './narrator.ts';

/** Where everything of the demo lies. */
export interface Stage {
  readonly folder: string;
  readonly database: string;
  readonly home: string;
  readonly say: Narrator;
  readonly signal: AbortSignal;
}

/** The rows of every table. */
export type Rows = Readonly<Record<string, number | null>>;

export function rowsOf(path: string): Rows {
  return withDatabase(path, countRows);
}

export function dropNotes(path: string): void {
  withDatabase(path, (database) => database.exec('DROP TABLE notes'));
}

/** Opened for writing and closed again, a database in WAL mode has no sidecars. */
function withDatabase<T>(path: string, work: (database: Database.Database) => T): T {
  const database = new Database(path, { fileMustExist: true });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

export function since(startedMs: number): string {
  return formatDuration(performance.now() - startedMs);
}
