import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { privateFile } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Clock } from '../ports.ts';
import { databaseFiles, fingerprintFiles } from './database-file.ts';
import { isQuiet } from './probe.ts';
import { finishCopy, removeCopy, type SnapshotWay } from './snapshot-way.ts';

/** A file that changed more recently than this may change again within the same time stamp. */
const settledMs = 2000;
const quietAttempts = 5;

/** The files of a WAL database that nobody has open. */
export const quietFiles: SnapshotWay = async (request) => ((await isQuiet(request.path, request.header)) ? stillFiles(request) : null);

/** The files of a database that nobody is writing. */
export const stillFiles: SnapshotWay = async ({ path, target, clock, header }) => {
  if (!(await copyStill(path, target, clock))) return null;
  const bytes = await finishCopy(target);
  return { method: 'quiet', journalMode: header.journalMode, bytes, restarts: 0, walGrowthBytes: 0, heldMs: 0 };
};

/**
 * Copies the files of a database that nobody is writing, and proves by their time stamps that nobody was. Returns false, with
 * nothing left behind, where somebody keeps writing.
 */
async function copyStill(path: string, target: string, clock: Clock): Promise<boolean> {
  for (let attempt = 0; attempt < quietAttempts; attempt++) {
    const before = await fingerprintFiles(path);
    const settlesInMs = before.newestChangeMs + settledMs - clock.now();
    if (settlesInMs > 0) {
      await clock.sleep(Math.min(settlesInMs, settledMs));
      continue;
    }
    await copyFile(path, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    for (const ending of ['-wal', '-journal']) {
      if (before.endings.includes(ending)) await copyFile(path + ending, target + ending, constants.COPYFILE_FICLONE);
    }
    // A source that may only be read gives a copy that may only be read.
    for (const file of databaseFiles(target)) await unlessMissing(chmod(file, privateFile));
    if ((await fingerprintFiles(path)).text === before.text) return true;
    await removeCopy(target);
  }
  return false;
}
