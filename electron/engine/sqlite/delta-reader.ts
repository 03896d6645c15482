import Database from 'better-sqlite3';
import { type DeltaMeta, parseDeltaMeta } from '../../domain/delta-meta.ts';
import { BackupError } from '../../domain/errors.ts';
import { sqliteCodeOf } from './sqlite-errors.ts';

/** A page of the database that is restored. */
export interface DeltaPage {
  /** Counted from 1. */
  readonly pgno: number;
  readonly data: Buffer;
}

/** A delta file that is open for reading. All calls return at once; every one of them throws `digest-mismatch` where the file is damaged. */
export interface DeltaReader {
  readonly meta: DeltaMeta;
  /** The pages that the delta has from `first` to `last`, both included, in order; each is one whole page of the database. */
  pagesBetween(first: number, last: number): DeltaPage[];
  close(): void;
}

/**
 * Opens a delta file of ours, which nobody else writes. `shownAs` is what it is called in sentences. Throws `digest-mismatch` for a file
 * that is damaged or no delta at all, and `manifest-invalid` for a delta that is none of this format.
 */
export function openDelta(path: string, shownAs: string): DeltaReader {
  return whole(shownAs, () => {
    const database = new Database(path, { readonly: true, fileMustExist: true });
    try {
      refuseViews(database, shownAs);
      const meta = parseDeltaMeta(database.prepare('SELECT key, value FROM meta').raw().all() as [string, unknown][], shownAs);
      return reader(database, meta, shownAs);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** What is read as a table has to be one: a view may be a query without an end. */
function refuseViews(database: Database.Database, shownAs: string): void {
  const tables = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('page', 'meta')").pluck().get();
  if (tables !== 2) throw damaged(shownAs, 'it has other tables than a delta');
}

function reader(database: Database.Database, meta: DeltaMeta, shownAs: string): DeltaReader {
  const between = database.prepare('SELECT pgno, data FROM page WHERE pgno BETWEEN ? AND ? ORDER BY pgno');
  return {
    meta,
    pagesBetween: (first, last) =>
      whole(shownAs, () => {
        const pages = between.all(first, last) as DeltaPage[];
        const wrong = pages.find((page) => !isPage(page, meta));
        if (wrong) throw damaged(shownAs, `what it holds as page ${wrong.pgno} is no page of ${meta.pageSize} bytes`);
        return pages;
      }),
    close: () => void database.close(),
  };
}

function isPage({ pgno, data }: { readonly pgno: number; readonly data: unknown }, meta: DeltaMeta): boolean {
  return pgno >= 1 && pgno <= meta.pageCount && Buffer.isBuffer(data) && data.length === meta.pageSize;
}

/** Translates what SQLite says of a file that is not as it was written. */
function whole<T>(shownAs: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!/^SQLITE_(NOTADB|CORRUPT|ERROR)/.test(sqliteCodeOf(error))) throw error;
    throw damaged(shownAs, (error as Error).message, error);
  }
}

function damaged(shownAs: string, what: string, cause?: unknown): BackupError {
  return new BackupError('digest-mismatch', `the delta ${shownAs} is damaged: ${what}`, {
    cause,
    hint: 'use another copy or another day, and check that disk',
  });
}
