import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';
import { privateFile } from './atomic-file.ts';
import { announceHolder, forgetHolder, readHolder } from './holder.ts';
import { translateHomeError } from './home-errors.ts';

/** The one engine of a data folder. */
export interface HomeLock {
  release(): void;
}

/**
 * Takes the data folder for this process. The lock is SQLite's exclusive lock on an empty database, so the operating system
 * drops it with the process, however that ends: nothing is ever stale. Throws `home-busy` that names the holder, and `home-unusable`.
 */
export function lockHome(home: string): HomeLock {
  const path = join(home, 'engine.lock');
  const database = openLockFile(path, home);
  try {
    chmodSync(path, privateFile);
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw translateHomeError(cause, home);
    const holder = readHolder(home);
    throw new BackupError('home-busy', `another Nightjar${holder ? ` (process ${holder.pid})` : ''} is at work in ${home}`, {
      cause,
      hint: 'wait until it has finished, or use another data folder with --home',
      retryable: true,
    });
  }
  announceHolder(home);
  return {
    release: () => {
      forgetHolder(home);
      database.close();
    },
  };
}

function openLockFile(path: string, home: string): Database.Database {
  try {
    return new Database(path, { timeout: 100 });
  } catch (error) {
    throw translateHomeError(error, home);
  }
}
