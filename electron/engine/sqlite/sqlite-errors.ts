import { BackupError } from '../../domain/errors.ts';

const permissionHint =
  'check the permissions of the file, of its -wal and -shm and of their folder; on macOS also System Settings, Privacy & Security, Full Disk Access';

/** The extended result code of a SQLite error (`SQLITE_BUSY_SNAPSHOT`), or the empty string. */
export function sqliteCodeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** The result codes of writes that found no room; some systems have no better word for it than an I/O error. */
export function isDiskFull(code: string): boolean {
  return /^SQLITE_(FULL|IOERR_(WRITE|FSYNC|TRUNCATE|SHMSIZE|SHMOPEN))$/.test(code);
}

/** Translates SQLite's result codes where they enter, for a database that is read; what is not one is returned as it is. */
export function translateSqlite(error: unknown, path: string): unknown {
  if (error instanceof BackupError) return error;
  const code = sqliteCodeOf(error);
  const cause = error;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new BackupError('source-locked', `${path} is locked by another program, and stayed so for as long as we wait`, {
      cause,
      retryable: true,
      hint: 'the next run tries again; a job waits longer with --lock-wait SECONDS',
    });
  }
  if (code === 'SQLITE_NOTADB') return new BackupError('source-not-database', `${path} is not a SQLite database`, { cause });
  if (code.startsWith('SQLITE_CORRUPT')) {
    return new BackupError('source-corrupt', `${path} is damaged: ${(error as Error).message}`, {
      cause,
      hint: 'restore the last good snapshot, or repair it with "sqlite3 FILE .recover"',
    });
  }
  if (isDiskFull(code)) {
    return new BackupError('disk-full', `the disk became full while ${path} was copied`, {
      cause,
      hint: 'free some space and run it again; nothing half-written was left behind',
    });
  }
  if (/^SQLITE_(CANTOPEN|PERM|AUTH|READONLY|IOERR)/.test(code)) {
    return new BackupError('source-unreadable', `${path} cannot be read (${code})`, { cause, hint: permissionHint });
  }
  return error;
}

/** The error for a file that exists and may not be opened. */
export function unreadable(path: string, cause: unknown): BackupError {
  return new BackupError('source-unreadable', `${path} may not be read by this user`, { cause, hint: permissionHint });
}

/** True where a crash left a journal or log that has to be played in before anybody can read: a reader may not do that in place. */
export function needsRecovery(error: unknown): boolean {
  return /^SQLITE_(READONLY_ROLLBACK|READONLY_RECOVERY|READONLY_CANTINIT|READONLY_CANTLOCK|CANTOPEN)$/.test(sqliteCodeOf(error));
}
