import { stat } from 'node:fs/promises';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import { readFileHeader, realSource } from './database-file.ts';
import { cloneFiles, copyFiles } from './held-files.ts';
import { onlineBackup } from './online-backup.ts';
import { quietFiles, stillFiles } from './quiet-files.ts';
import type { SnapshotRequest, SnapshotTools, SnapshotWay } from './snapshot-way.ts';
import { needsRecovery, translateSqlite } from './sqlite-errors.ts';
import type { SnapshotFacts, SqliteTask } from './worker-protocol.ts';

/** The ways to take a snapshot, the quickest first; the last one asks nothing of the file system. */
const ways: readonly SnapshotWay[] = [quietFiles, cloneFiles, copyFiles, onlineBackup];

/**
 * Writes a transactionally consistent copy of a live database to `target`, which must not exist (S1-04, S1-09): one file in the source's
 * journal mode. The source is opened read-only and never written. Runs in a worker process.
 */
export async function takeSnapshot(task: Extract<SqliteTask, { kind: 'snapshot' }>, tools: SnapshotTools): Promise<SnapshotFacts> {
  const { target, lockWaitMs } = task;
  if (await unlessMissing(stat(target))) throw new BackupError('target-exists', `${target} exists already`);
  const path = await realSource(task.path);
  const copier = tools.openCopier(path, target);
  const request = { ...tools, path, target, lockWaitMs, header: await readFileHeader(path), copier };
  try {
    return await firstThatWorks(ways, request);
  } catch (error) {
    // A journal that a crash left behind must be rolled back before anybody can read; a reader may not do that in place.
    const facts = needsRecovery(error) ? await stillFiles(request) : null;
    if (facts === null) throw translateSqlite(error, path);
    return facts;
  }
}

async function firstThatWorks(ways: readonly SnapshotWay[], request: SnapshotRequest): Promise<SnapshotFacts> {
  for (const way of ways) {
    const facts = await way(request);
    if (facts !== null) return facts;
  }
  throw new TypeError('the last way either works or throws');
}
