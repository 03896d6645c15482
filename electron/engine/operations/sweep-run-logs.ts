import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { planRunLogs, type RunLogFile, type RunLogLimits, runLogLimits } from '../../domain/run-logs.ts';
import { unlessMissing } from '../platform/errno.ts';
import { runLogFolder } from '../platform/log.ts';

/** Removes the logs of old runs that are beyond what is kept. What cannot be removed stays, and is tried again after the next run. */
export async function sweepRunLogs(logFolder: string, limits: RunLogLimits = runLogLimits): Promise<void> {
  const folder = runLogFolder(logFolder);
  const files: RunLogFile[] = [];
  try {
    for (const name of await readdir(folder)) {
      const stats = name.endsWith('.log') ? await unlessMissing(stat(join(folder, name))) : undefined;
      if (stats) files.push({ name, bytes: stats.size, changedAtMs: stats.mtimeMs });
    }
    for (const name of planRunLogs(files, limits)) await rm(join(folder, name), { force: true });
  } catch {
    // A run is not worth less because of its neighbours' logs.
  }
}
