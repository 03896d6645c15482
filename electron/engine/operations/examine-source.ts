import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding } from '../../domain/outcomes.ts';
import { type Access, judgeAccess, type SourceAccess } from '../../domain/source-access.ts';
import { formatBytes } from '../../domain/units.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Ports } from '../ports.ts';
import { sidecarEndings } from '../sqlite/database-file.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import { hinted } from './finding.ts';

/** Looks at a database as a run will, and at what this user may do with it and with the files beside it. Changes nothing. */
export async function examineSource(
  { workers }: Pick<Ports, 'workers'>,
  job: string,
  path: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const what = `source of ${job}`;
  let probed: Finding;
  let isWal = false;
  try {
    const facts = await runSqliteTask(workers, { kind: 'probe', path, lockWaitMs: 5000 }, { signal });
    isWal = facts.journalMode === 'wal';
    const size = `${path}, ${formatBytes(facts.rawBytes)}, ${isWal ? 'WAL mode' : 'rollback mode'}`;
    if (facts.walBytes > facts.rawBytes && facts.walBytes > 64 * 1024 * 1024) {
      const message = `${size}; its WAL has ${formatBytes(facts.walBytes)}`;
      probed = { what, verdict: 'warning', message, hint: 'its writer never checkpoints, or a reader holds it open' };
    } else if (!isWal) probed = { what, verdict: 'warning', message: `${size}: writers wait while a snapshot is taken` };
    else probed = { what, verdict: 'good', message: size };
  } catch (error) {
    probed = { what, verdict: 'bad', ...hinted(error) };
  }
  return [probed, ...(await examineAccess(job, path, isWal))];
}

async function examineAccess(job: string, path: string, isWal: boolean): Promise<Finding[]> {
  const what = `permissions of ${job}`;
  try {
    const facts = await readAccess(path, isWal);
    // That it is not there was found already.
    if (facts === null) return [];
    const problems = judgeAccess(facts).map((problem) => ({ what, ...problem }));
    if (problems.length > 0) return problems;
    const beside = Object.keys(facts.sidecars);
    const names = beside.length === 0 ? 'it' : `it and its ${beside.join(', ')}`;
    return [{ what, verdict: 'good', message: `this user may read ${names}` }];
  } catch (error) {
    return [{ what, verdict: 'warning', message: `they could not be looked at: ${hinted(error).message}` }];
  }
}

async function readAccess(path: string, isWal: boolean): Promise<SourceAccess | null> {
  // SQLite keeps its files beside the file itself, not beside a link to it.
  const real = await unlessMissing(realpath(path));
  const database = real === undefined ? null : await accessOf(real);
  if (real === undefined || database === null) return null;
  const sidecars: Record<string, Access> = {};
  for (const ending of sidecarEndings) {
    const found = await accessOf(real + ending);
    if (found !== null) sidecars[ending] = found;
  }
  const folder = dirname(real);
  const around = (await accessOf(folder)) ?? { isReadable: false, isWritable: false, owner: null };
  return { path: real, folder, isWal, database, sidecars, around, user: process.getuid?.() ?? null };
}

async function accessOf(path: string): Promise<Access | null> {
  const stats = await unlessMissing(stat(path));
  if (stats === undefined) return null;
  return {
    isReadable: await may(path, constants.R_OK),
    isWritable: await may(path, constants.W_OK),
    owner: process.getuid === undefined ? null : stats.uid,
  };
}

/** True where this user has the right (`constants.R_OK` and the like). */
export function may(path: string, right: number): Promise<boolean> {
  return access(path, right).then(
    () => true,
    () => false,
  );
}
