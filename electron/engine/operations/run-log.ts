import { BackupError } from '../../domain/errors.ts';
import { type LogLine, readLogLine } from '../../domain/log-line.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';
import { logLimits, logPath, runLogPath } from '../platform/log.ts';
import { hasLog, openLogReader } from '../platform/log-files.ts';

/** What was said of a run or restore, oldest first; the last so many lines. Throws `run-unknown`. */
export async function readRunLog(logFolder: string, catalog: CatalogReader | null, id: string, limit: number): Promise<LogLine[]> {
  const reader = openLogReader(await findRunLog(logFolder, () => catalog, id), 1);
  try {
    return (await reader.read()).slice(-limit).map(readLogLine);
  } finally {
    await reader.close();
  }
}

/** The latest lines of the log of everything, oldest first. */
export async function readLatestLog(logFolder: string, limit: number): Promise<LogLine[]> {
  const reader = openLogReader(logPath(logFolder), logLimits.files);
  try {
    return (await reader.read()).slice(-limit).map(readLogLine);
  } finally {
    await reader.close();
  }
}

/** Where the log of a run or restore is; the catalog is only asked where there is none. Throws `run-unknown`. */
export async function findRunLog(logFolder: string, catalog: () => CatalogReader | null, id: string): Promise<string> {
  const path = runLogPath(logFolder, id);
  if (path !== null && (await hasLog(path))) return path;
  const known = catalog();
  if (known?.run(id) !== undefined || known?.restore(id) !== undefined) {
    throw new BackupError('run-unknown', `the log of ${id} is not kept any more`, {
      hint: 'its steps, warnings and error are still in: nightjar history --json',
    });
  }
  throw new BackupError('run-unknown', `there is no run "${id}"`, { hint: 'see the runs with: nightjar history' });
}
