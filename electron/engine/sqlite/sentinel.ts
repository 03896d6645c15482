import type Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';

/** The first value of a job's sentinel query, by which a person knows that the content is real (S1-22). Throws `sentinel-failed`. */
export function askSentinel(database: Database.Database, sql: string): string | number | null {
  const failed = (reason: string, cause?: unknown) =>
    new BackupError('sentinel-failed', `the sentinel query "${sql}" ${reason}`, {
      cause,
      hint: 'it must be one SELECT whose first value is not zero, such as "SELECT count(*) FROM notes"',
    });
  let row: unknown[] | undefined;
  try {
    const statement = database.prepare(sql);
    if (!statement.reader || !statement.readonly) throw failed('does not only read');
    row = statement.raw().get() as unknown[] | undefined;
  } catch (error) {
    throw error instanceof BackupError ? error : failed(`does not run: ${(error as Error).message}`, error);
  }
  const value = row?.[0];
  if (value === undefined || value === null || value === 0 || value === '') throw failed('found nothing');
  return typeof value === 'number' ? value : String(value);
}
