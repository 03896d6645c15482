import { stat } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { unlessMissing } from '../platform/errno.ts';
import type { Clock } from '../ports.ts';
import { canClone } from './copy-files.ts';
import { type FileHeader, readFileHeader, realSource } from './database-file.ts';
import { attemptMs, whenUnlocked } from './lock-wait.ts';
import { askSentinel } from './sentinel.ts';
import { needsRecovery, translateSqlite } from './sqlite-errors.ts';
import type { SourceFacts, SqliteTask } from './worker-protocol.ts';

type ProbeTask = Extract<SqliteTask, { kind: 'probe' }>;

/**
 * Size and journal mode of a source, read without changing it, and, where that is asked, whether it can be cloned; nothing is left of the
 * trial. Runs in a worker process.
 */
export async function probe({ path: named, lockWaitMs, sentinel, trialFolder }: ProbeTask, clock: Clock): Promise<SourceFacts> {
  const path = await realSource(named);
  const header = await readFileHeader(path);
  const walBytes = (await unlessMissing(stat(`${path}-wal`)))?.size ?? 0;
  const { journalMode, pageSize } = header;
  const rawBytes = (await isQuiet(path, header))
    ? header.fileBytes + walBytes
    : await whenUnlocked(clock, lockWaitMs, () => readSize(header, path, sentinel)).catch((error: unknown) => {
        throw translateSqlite(error, path);
      });
  const isCloneable = trialFolder !== undefined && (await canClone(path, trialFolder));
  return { journalMode, pageSize, rawBytes, walBytes, canClone: isCloneable };
}

/**
 * True for a WAL database that nobody has open: opening it, even read-only, would create its `-shm` and leave it there.
 * Such a database is copied as files instead.
 */
export async function isQuiet(path: string, header: FileHeader): Promise<boolean> {
  return header.journalMode === 'wal' && (await unlessMissing(stat(`${path}-shm`))) === undefined;
}

function readSize(header: FileHeader, path: string, sentinel: string | undefined): number {
  try {
    const database = new Database(path, { readonly: true, timeout: attemptMs });
    try {
      const pages = database.pragma('page_count', { simple: true }) as number;
      if (sentinel !== undefined) askSentinel(database, sentinel);
      return pages * (database.pragma('page_size', { simple: true }) as number);
    } finally {
      database.close();
    }
  } catch (error) {
    // The snapshot plays the journal into its own copy; the file is at least as large as what comes of that.
    if (needsRecovery(error)) return header.fileBytes;
    throw error;
  }
}
