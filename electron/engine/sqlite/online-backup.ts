import { whileHeld } from './held-read.ts';
import type { SnapshotWay } from './snapshot-way.ts';

/** How much is copied between two reports of progress. */
const stepBytes = 64 * 1024 * 1024;

/**
 * SQLite's online backup inside one held read transaction: without it, every commit of another process makes the copy begin again,
 * and under a busy writer it never ends (S1-07).
 */
export const onlineBackup: SnapshotWay = async ({ path, target, lockWaitMs, clock, onProgress }) => {
  const { result, cost } = await whileHeld(path, lockWaitMs, clock, async ({ database, journalMode, pageSize, pageCount }) => {
    let restarts = 0;
    let lastRemaining = Number.POSITIVE_INFINITY;
    await database.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        if (remainingPages > lastRemaining) restarts++;
        lastRemaining = remainingPages;
        onProgress({ doneBytes: (totalPages - remainingPages) * pageSize, totalBytes: totalPages * pageSize });
        return Math.max(1, Math.floor(stepBytes / pageSize));
      },
    });
    return { journalMode, bytes: pageCount * pageSize, restarts };
  });
  return { method: 'online', ...result, ...cost };
};
