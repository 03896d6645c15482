import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { BackupError } from '../../domain/errors.ts';
import { privateFile } from './atomic-file.ts';
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
  const ownerPath = join(home, 'engine.json');
  const path = join(home, 'engine.lock');
  const database = openLockFile(path, home);
  try {
    chmodSync(path, privateFile);
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw translateHomeError(cause, home);
    const holder = holderOf(ownerPath);
    throw new BackupError('home-busy', `another Nightjar${holder} is at work in ${home}`, {
      cause,
      hint: 'wait until it has finished, or use another data folder with --home',
      retryable: true,
    });
  }
  try {
    writeFileSync(ownerPath, `${JSON.stringify({ pid: process.pid })}\n`, { mode: privateFile });
  } catch {
    // Only a courtesy to the next one who asks; the lock is held without it, also on a full disk.
  }
  return {
    release: () => {
      rmSync(ownerPath, { force: true });
      database.close();
    },
  };
}

function openLockFile(path: string, home: string): Database.Database {
  try {
    return new Database(path, { timeout: 500 });
  } catch (error) {
    throw translateHomeError(error, home);
  }
}

function holderOf(ownerPath: string): string {
  try {
    const { pid } = JSON.parse(readFileSync(ownerPath, 'utf8')) as { pid?: unknown };
    return typeof pid === 'number' ? ` (process ${pid})` : '';
  } catch {
    return ''; // The holder has taken the lock and not said its name yet.
  }
}
