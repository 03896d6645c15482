import { stat } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { unlessMissing } from '../platform/errno.ts';
import type { Clock } from '../ports.ts';
import { emptySource } from './database-file.ts';
import { attemptMs, whenUnlocked } from './lock-wait.ts';

/** A read transaction that is held in a source: what it sees stays as it is, whoever writes meanwhile. */
export interface HeldRead {
  readonly database: Database.Database;
  readonly journalMode: 'wal' | 'rollback';
  readonly pageSize: number;
  readonly pageCount: number;
}

/** What holding a read transaction came to. */
export interface HoldCost {
  readonly heldMs: number;
  /** Growth of the WAL meanwhile: it is not reset while somebody reads from it. */
  readonly walGrowthBytes: number;
}

/**
 * Does `work` while a read transaction is held in the source at `path`, and lets go of it then. Waits for a lock for `lockWaitMs` at the
 * most. Throws SQLite's own error where it cannot be had, `source-empty`, or what the work throws.
 */
export async function whileHeld<T>(
  path: string,
  lockWaitMs: number,
  clock: Clock,
  work: (held: HeldRead) => Promise<T>,
): Promise<{ readonly result: T; readonly cost: HoldCost }> {
  const walBytes = async () => (await unlessMissing(stat(`${path}-wal`)))?.size ?? 0;
  const database = await whenUnlocked(clock, lockWaitMs, () => openHeld(path));
  const heldSinceMs = clock.now();
  try {
    const held = readHeld(database);
    if (held.pageCount === 0) throw emptySource(path);
    const walBytesBefore = await walBytes();
    const result = await work(held);
    const walGrowthBytes = Math.max(0, (await walBytes()) - walBytesBefore);
    return { result, cost: { heldMs: clock.now() - heldSinceMs, walGrowthBytes } };
  } finally {
    database.close();
  }
}

/** Opens a source and begins a read transaction in it: a first read pins the state that is copied. */
function openHeld(path: string): Database.Database {
  const source = new Database(path, { readonly: true, timeout: attemptMs });
  try {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
    return source;
  } catch (error) {
    source.close();
    throw error;
  }
}

function readHeld(database: Database.Database): HeldRead {
  const ask = (pragma: string) => database.pragma(pragma, { simple: true });
  return {
    database,
    journalMode: ask('journal_mode') === 'wal' ? 'wal' : 'rollback',
    pageSize: ask('page_size') as number,
    pageCount: ask('page_count') as number,
  };
}
