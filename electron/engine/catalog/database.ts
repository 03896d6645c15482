import { chmodSync, existsSync, renameSync } from 'node:fs';
import Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';
import { privateFile } from '../platform/atomic-file.ts';
import { migrations } from './migrations/index.ts';

/** A handle that may write, and one that may only read: told apart by their types, and opened so. */
export type WritableDatabase = Database.Database & { readonly access: 'read-write' };
export type ReadableDatabase = Database.Database & { readonly access: 'read-write' | 'read-only' };

export interface OpenedCatalog {
  readonly database: WritableDatabase;
  /** Where the former file was put, if it was damaged. */
  readonly setAside?: string;
}

/**
 * Opens the catalog, migrates it, or sets a damaged one aside and begins a new one. A new one knows from its first moment that it has
 * not read these destinations yet. Throws `catalog-newer`.
 */
export function openCatalogDatabase(path: string, nowMs: number, destinations: readonly string[] = []): OpenedCatalog {
  try {
    return openAndMigrate(path, destinations);
  } catch (error) {
    if (error instanceof BackupError || !isDamage(error)) throw error;
    const setAside = setFileAside(path, nowMs);
    return { ...openAndMigrate(path, destinations), setAside };
  }
}

/** Opens the catalog beside a living engine, without writing; `null` where there is none yet or it has another version. */
export function readCatalogDatabase(path: string): ReadableDatabase | null {
  if (!existsSync(path)) return null;
  const database = new Database(path, { readonly: true, timeout: 5000 });
  if (database.pragma('user_version', { simple: true }) === newestVersion()) return asHandle(database, 'read-only');
  database.close();
  return null;
}

/**
 * Runs the missing migrations in one transaction, in which a new catalog also notes the destinations that it has to read. Throws
 * `catalog-newer` for a file of a later program.
 */
export function migrate(database: Database.Database, destinations: readonly string[] = []): void {
  const version = readVersion(database);
  database.transaction(() => {
    for (const { version: next, sql } of migrations) {
      if (next <= version) continue;
      database.exec(sql);
      database.pragma(`user_version = ${next}`);
    }
    if (version > 0) return;
    for (const name of destinations) database.prepare('INSERT INTO unread_destination VALUES (?)').run(name);
  })();
}

function openAndMigrate(path: string, destinations: readonly string[]): OpenedCatalog {
  const database = new Database(path, { timeout: 5000 });
  try {
    readVersion(database);
    chmodSync(path, privateFile);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    const answer = database.pragma('quick_check(1)', { simple: true });
    if (answer !== 'ok') throw Object.assign(new Error(`the catalog is damaged: ${answer}`), { code: 'SQLITE_CORRUPT' });
    migrate(database, destinations);
    return { database: asHandle(database, 'read-write') };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The version of a file that this program may touch; 0 for one that is new. Throws `catalog-newer` for a later program's. */
function readVersion(database: Database.Database): number {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version <= newestVersion()) return version;
  throw new BackupError('catalog-newer', `the catalog has version ${version}, this Nightjar knows ${newestVersion()}`, {
    hint: 'use the newer Nightjar that wrote it',
  });
}

function asHandle<A extends 'read-write' | 'read-only'>(
  database: Database.Database,
  access: A,
): Database.Database & { readonly access: A } {
  return Object.assign(database, { access });
}

function setFileAside(path: string, nowMs: number): string {
  const aside = `${path}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '')}`;
  for (const ending of ['', '-wal', '-shm']) if (existsSync(path + ending)) renameSync(path + ending, aside + ending);
  return aside;
}

function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: unknown }).code));
}

function newestVersion(): number {
  return migrations.at(-1)?.version ?? 0;
}
