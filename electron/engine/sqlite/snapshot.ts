import { constants } from 'node:fs';
import { chmod, copyFile, rm, stat } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';
import type { Progress } from '../../domain/progress.ts';
import { privateFile } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Clock } from '../ports.ts';
import { databaseFiles, emptySource, fingerprintFiles, readFileHeader } from './database-file.ts';
import { attemptMs, whenUnlocked } from './lock-wait.ts';
import { isQuiet } from './probe.ts';
import { recover } from './recover.ts';
import { needsRecovery, translateSqlite } from './sqlite-errors.ts';
import type { SnapshotFacts } from './worker-protocol.ts';

const stepBytes = 16 * 1024 * 1024;
/** A file that changed more recently than this may change again within the same time stamp. */
const settledMs = 2000;
const quietAttempts = 5;

/**
 * Writes a transactionally consistent copy of a live database to `target`, which must not exist (S1-04, S1-09).
 * The source is opened read-only and never written; the copy needs no sidecars. Runs in a worker process.
 */
export async function takeSnapshot(
  path: string,
  target: string,
  lockWaitMs: number,
  clock: Clock,
  onProgress: (progress: Progress) => void,
): Promise<SnapshotFacts> {
  if (await unlessMissing(stat(target))) throw new BackupError('target-exists', `${target} exists already`);
  const header = await readFileHeader(path);
  const journalMode = header.journalMode;
  if ((await isQuiet(path, header)) && (await copyQuietFiles(path, target, clock))) {
    return { method: 'quiet', journalMode, bytes: (await stat(target)).size, restarts: 0, walGrowthBytes: 0 };
  }
  try {
    return await copyOnline(path, target, lockWaitMs, clock, journalMode, onProgress);
  } catch (error) {
    // A journal that a crash left behind must be rolled back before anybody can read; a reader may not do that in place.
    if (needsRecovery(error) && (await copyQuietFiles(path, target, clock))) {
      return { method: 'quiet', journalMode, bytes: (await stat(target)).size, restarts: 0, walGrowthBytes: 0 };
    }
    throw translateSqlite(error, path);
  }
}

/**
 * SQLite's online backup inside one held read transaction: without it, every commit of another process makes the copy begin again,
 * and under a busy writer it never ends (S1-07).
 */
async function copyOnline(
  path: string,
  target: string,
  lockWaitMs: number,
  clock: Clock,
  journalMode: 'wal' | 'rollback',
  onProgress: (progress: Progress) => void,
): Promise<SnapshotFacts> {
  const walPath = `${path}-wal`;
  const source = await whenUnlocked(clock, lockWaitMs, () => openHeld(path));
  try {
    const pageSize = source.pragma('page_size', { simple: true }) as number;
    const pageCount = source.pragma('page_count', { simple: true }) as number;
    if (pageCount === 0) throw emptySource(path);
    const walBytes = (await unlessMissing(stat(walPath)))?.size ?? 0;
    let restarts = 0;
    let lastRemaining = Number.POSITIVE_INFINITY;
    await source.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        if (remainingPages > lastRemaining) restarts++;
        lastRemaining = remainingPages;
        onProgress({ doneBytes: (totalPages - remainingPages) * pageSize, totalBytes: totalPages * pageSize });
        return Math.max(1, Math.floor(stepBytes / pageSize));
      },
    });
    const walGrowthBytes = Math.max(0, ((await unlessMissing(stat(walPath)))?.size ?? 0) - walBytes);
    return { method: 'online', journalMode, bytes: pageCount * pageSize, restarts, walGrowthBytes };
  } finally {
    source.close();
  }
}

/** Opens a source and holds a read transaction in it: a first read pins the state that is copied. */
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

/**
 * Copies the files of a database that nobody is writing, and proves by their time stamps that nobody was. Returns false, with
 * nothing left behind, where somebody keeps writing: then the ordinary way works.
 */
async function copyQuietFiles(path: string, target: string, clock: Clock): Promise<boolean> {
  for (let attempt = 0; attempt < quietAttempts; attempt++) {
    const before = await fingerprintFiles(path);
    const settlesInMs = before.newestChangeMs + settledMs - clock.now();
    if (settlesInMs > 0) {
      await clock.sleep(Math.min(settlesInMs, settledMs));
      continue;
    }
    await copyFile(path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    for (const ending of ['-wal', '-journal']) {
      if (before.endings.includes(ending)) await copyFile(path + ending, target + ending);
    }
    // A source that may only be read gives a copy that may only be read.
    for (const file of databaseFiles(target)) await unlessMissing(chmod(file, privateFile));
    if ((await fingerprintFiles(path)).text === before.text) {
      recover(target);
      return true;
    }
    await removeCopy(target);
  }
  return false;
}

async function removeCopy(target: string): Promise<void> {
  for (const file of databaseFiles(target)) await rm(file, { force: true });
}
