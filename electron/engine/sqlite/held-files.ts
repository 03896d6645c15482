import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { type HeldRead, whileHeld } from './held-read.ts';
import { finishCopy, removeCopy, type SnapshotRequest, type SnapshotWay } from './snapshot-way.ts';
import type { CopyMeans } from './worker-protocol.ts';

/** The file system clones the files while a read transaction is held in the database: in an instant, and without taking space. */
export const cloneFiles: SnapshotWay = (request) => copyHeldFiles(request, 'clone');

/** The files are read while a read transaction is held in the database. */
export const copyFiles: SnapshotWay = (request) => copyHeldFiles(request, 'copy');

/**
 * Copies the files of a database under a held read transaction, and plays the copied log into the copy. In WAL mode the transaction keeps
 * the log that it reads from beginning anew, and checkpoints from writing what it does not see into the database's file: whatever is
 * torn there is whole in the log. In rollback mode it keeps writers from the file (ARCHITECTURE.md, "Files under a held read").
 */
async function copyHeldFiles(request: SnapshotRequest, means: CopyMeans): ReturnType<SnapshotWay> {
  const { path, target, lockWaitMs, clock, copier } = request;
  if (!(await canHold(request)) || !(await copier.isReadyTo(means))) return null;
  const before = await identityOf(path);
  const { result, cost } = await whileHeld(path, lockWaitMs, clock, async ({ journalMode }: HeldRead) => {
    const isCopied = await succeeds(() => copier.copy({ means, withLog: journalMode === 'wal' }));
    // Another file of this name is not what the transaction holds still.
    return { journalMode, isCopied: isCopied && (await identityOf(path)) === before };
  });
  let bytes = 0;
  const isWhole = result.isCopied && (await succeeds(async () => (bytes = await finishCopy(target))));
  if (isWhole) return { method: means, journalMode: result.journalMode, bytes, restarts: 0, ...cost };
  await removeCopy(target);
  return null;
}

/** In WAL mode a transaction that may not write to the index of the log need not be seen by others, who then do not heed it. */
async function canHold({ path, header }: SnapshotRequest): Promise<boolean> {
  return header.journalMode === 'rollback' || (await succeeds(() => access(`${path}-shm`, constants.R_OK | constants.W_OK)));
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  return `${dev} ${ino}`;
}

/** Whatever failed, another way may do without it. */
function succeeds(work: () => Promise<unknown>): Promise<boolean> {
  return work().then(
    () => true,
    () => false,
  );
}
