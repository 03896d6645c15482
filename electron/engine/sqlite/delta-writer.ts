import Database from 'better-sqlite3';
import { type DeltaMeta, encodeDeltaMeta } from '../../domain/delta-meta.ts';

/** A delta file that is being written. */
export interface DeltaWriter {
  /** Adds a page; pages come in order. The bytes may change after the call. */
  add(pgno: number, page: Buffer): void;
  /** Writes what the delta says of itself, and closes the file: it is whole and has no sidecars. */
  finish(meta: DeltaMeta): void;
  /** Closes the file as it is, which may be half-written. May be called after `finish`, too. */
  close(): void;
}

/**
 * Creates a delta file at `path`, which must not exist. Nothing is flushed to the disk: the file is proven, compressed and then removed,
 * and a crash in between has it made anew. The same pages and meta give the same bytes. Throws SQLite's errors.
 */
export function createDelta(path: string): DeltaWriter {
  const database = new Database(path);
  // Rows of 4 KiB fill pages of this size to 94 %; in smaller ones each row would have a chain of overflow pages that are half empty.
  database.pragma('page_size = 65536');
  // Zeros instead of what was moved elsewhere: stale copies would be compressed along.
  database.pragma('secure_delete = ON');
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  database.pragma('locking_mode = EXCLUSIVE');
  database.exec('CREATE TABLE page (pgno INTEGER PRIMARY KEY, data BLOB); CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT); BEGIN');
  const insertPage = database.prepare('INSERT INTO page (pgno, data) VALUES (?, ?)');
  const insertMeta = database.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
  return {
    add: (pgno, page) => void insertPage.run(pgno, page),
    finish: (meta) => {
      for (const row of encodeDeltaMeta(meta)) insertMeta.run(...row);
      database.exec('COMMIT');
      database.close();
    },
    close: () => void database.close(),
  };
}
