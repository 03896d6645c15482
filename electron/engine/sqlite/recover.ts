import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { translateSqlite } from './sqlite-errors.ts';

/**
 * Opens a copy that is ours alone, in whatever journal mode it is in: under an exclusive lock, so that SQLite needs no `-shm`
 * and takes its `-wal` away again on closing. `read-only` refuses every change of content.
 */
export function openOwnCopy(path: string, access: 'read-only' | 'read-write'): Database.Database {
  const database = new Database(path, { fileMustExist: true });
  database.pragma('locking_mode = EXCLUSIVE');
  if (access === 'read-only') database.pragma('query_only = ON');
  return database;
}

/**
 * Plays a copy's `-wal` or `-journal` into it, so that one file is left that holds everything; it is for the caller to flush. Returns
 * how many bytes the database has.
 */
export function recover(path: string): number {
  let bytes = 0;
  try {
    const database = openOwnCopy(path, 'read-write');
    try {
      database.pragma('synchronous = OFF');
      database.prepare('SELECT count(*) FROM sqlite_schema').get();
      database.pragma('wal_checkpoint(TRUNCATE)');
      bytes = (database.pragma('page_count', { simple: true }) as number) * (database.pragma('page_size', { simple: true }) as number);
    } finally {
      database.close();
    }
  } catch (error) {
    throw translateSqlite(error, path);
  }
  // What is left has been played in: a journal that SQLite found not to be hot, or an index of the WAL.
  for (const ending of ['-wal', '-shm', '-journal']) rmSync(path + ending, { force: true });
  return bytes;
}
