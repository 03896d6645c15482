import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';
import type { SqliteCheck, TextEncoding } from '../../domain/source.ts';
import type { TableRows } from '../../domain/table-rows.ts';
import { emptySource } from './database-file.ts';
import { openOwnCopy } from './recover.ts';
import { askSentinel } from './sentinel.ts';
import { sqliteCodeOf, translateSqlite } from './sqlite-errors.ts';
import type { DatabaseFacts, SqliteTask } from './worker-protocol.ts';

type InspectTask = Extract<SqliteTask, { kind: 'inspect' }>;

/**
 * Checks a finished copy and reads its facts from the copy itself (S1-18, S1-22). Leaves its bytes as they are.
 * Throws `source-corrupt` with SQLite's own words, or `sentinel-failed`. Runs in a worker process.
 */
export function inspect({ path, shownAs, check, sentinel }: InspectTask): DatabaseFacts {
  try {
    const database = openOwnCopy(path, 'read-only');
    try {
      const pageCount = numberPragma(database, 'page_count');
      if (pageCount === 0) throw emptySource(shownAs);
      runCheck(database, shownAs, check);
      const facts = readFacts(database, pageCount);
      return sentinel === undefined ? facts : { ...facts, sentinel: askSentinel(database, sentinel) };
    } finally {
      database.close();
    }
  } catch (error) {
    throw translateSqlite(error, shownAs);
  }
}

/** Checks a database of ours that stays in use. Throws `source-corrupt` with SQLite's own words. Runs in a worker process. */
export function checkLive(path: string): void {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    const [answer, ...more] = database.prepare('PRAGMA quick_check(20)').pluck().all() as string[];
    if (answer === 'ok') return;
    throw new BackupError('source-corrupt', `quick_check found ${1 + more.length} problems in ${path}, the first: ${answer}`);
  } finally {
    database.close();
  }
}

function readFacts(database: Database.Database, pageCount: number): DatabaseFacts {
  return {
    pageSize: numberPragma(database, 'page_size'),
    pageCount,
    encoding: database.pragma('encoding', { simple: true }) as TextEncoding,
    userVersion: numberPragma(database, 'user_version'),
    applicationId: numberPragma(database, 'application_id'),
    journalMode: database.pragma('journal_mode', { simple: true }) === 'wal' ? 'wal' : 'rollback',
    schemaSha256: schemaDigest(database),
    tables: countRows(database),
  };
}

function runCheck(database: Database.Database, shownAs: string, check: SqliteCheck): void {
  const answer = database.prepare(`PRAGMA ${check}(20)`).pluck().all() as string[];
  if (answer.length === 1 && answer[0] === 'ok') return;
  // Each row may hold several lines, the first of them only a heading.
  const problems = answer.flatMap((row) => row.split('\n')).filter((line) => !line.startsWith('***'));
  throw new BackupError('source-corrupt', `${check} found ${problems.length} problems in ${shownAs}, the first: ${problems[0]}`, {
    hint: 'the live database is damaged too: stop its writer and restore the last good snapshot, or repair it with "sqlite3 FILE .recover"',
  });
}

/** SHA-256 over every object of the schema, in an order that does not depend on the file. */
function schemaDigest(database: Database.Database): string {
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name, tbl_name').raw().all();
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

/**
 * Rows of every table. A virtual table whose module this build does not have is left out: its content is in its shadow tables,
 * which are counted.
 */
function countRows(database: Database.Database): TableRows[] {
  const names = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
    .pluck()
    .all() as string[];
  return names.flatMap((name) => {
    const rows = countTable(database, name);
    return rows === null ? [] : [{ name, rows }];
  });
}

function countTable(database: Database.Database, name: string): number | null {
  try {
    return database
      .prepare(`SELECT count(*) FROM "${name.replaceAll('"', '""')}"`)
      .pluck()
      .get() as number;
  } catch (error) {
    const isVirtual = database.prepare("SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ? AND type = 'virtual'").get(name);
    if (isVirtual && sqliteCodeOf(error) === 'SQLITE_ERROR') return null;
    throw error;
  }
}

function numberPragma(database: Database.Database, name: string): number {
  return database.pragma(name, { simple: true }) as number;
}
