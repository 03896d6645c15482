import { stat } from 'node:fs/promises';
import { BackupError } from '../../../domain/errors.ts';
import { unlessMissing } from '../../platform/errno.ts';
import type { Clock } from '../../ports.ts';

const pauseMs = 100;

export interface FileLockOptions {
  readonly clock: Clock;
  /** How long to wait for another holder; 30 s by default. */
  readonly waitMs?: number | undefined;
  /** The age from which on a lock counts as left behind; a living holder renews it in half of that. 10 s by default, 2 s at least. */
  readonly staleMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works while no other process does so under the lock of the same file, which is the folder `FILE.lock`. Programs that use flock
 * leave a regular file of that name behind; beside it the lock is `FILE.lock.nightjar`, and only Nightjar's processes keep
 * each other out. Throws `destination-busy`, the signal's reason.
 */
export async function withFileLock<T>(path: string, options: FileLockOptions, work: () => Promise<T>): Promise<T> {
  const release = await acquire(path, options);
  try {
    return await work();
  } finally {
    // It fails where the lock was lost, because this machine slept, and another process has taken it over.
    await release().catch(() => {});
  }
}

async function acquire(path: string, { clock, waitMs = 30_000, staleMs = 10_000, signal }: FileLockOptions): Promise<() => Promise<void>> {
  const { lock } = await import('proper-lockfile');
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    signal?.throwIfAborted();
    const lockfilePath = await lockPathOf(path);
    try {
      // Whoever loses the lock while at work still replaces the file whole, and only after reading it once more.
      return await lock(path, { lockfilePath, stale: staleMs, realpath: false, onCompromised: () => {} });
    } catch (error) {
      const { code } = error as { code?: unknown };
      // ENOTDIR: another program has just put its regular file there.
      if (code !== 'ELOCKED' && code !== 'ENOTDIR') throw error;
    }
    if (waitedMs >= waitMs) throw busy(path, lockfilePath);
    await clock.sleep(pauseMs, signal);
  }
}

async function lockPathOf(path: string): Promise<string> {
  const usual = `${path}.lock`;
  const stats = await unlessMissing(stat(usual));
  return stats === undefined || stats.isDirectory() ? usual : `${usual}.nightjar`;
}

function busy(path: string, lockPath: string): BackupError {
  return new BackupError('destination-busy', `another program holds ${path}`, {
    retryable: true,
    hint: `wait until it has finished; if no program uses the file, remove ${lockPath}`,
  });
}
