import { realpath, stat } from 'node:fs/promises';
import { errorFacts } from '../../domain/errors.ts';
import type { SourceReport } from '../../domain/found-sources.ts';
import type { Engine } from '../engine.ts';
import { peekRepository } from '../git/peek-repository.ts';
import { translateErrno } from '../platform/errno.ts';
import { fingerprintFiles } from '../sqlite/database-file.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import { knowSources, usedAmong } from './found-source.ts';
import { isInside } from './restore-target.ts';

const lockWaitMs = 2000;

/** Says what an absolute path is: a database, a repository, or nothing that can be backed up, and why. Changes nothing. */
export async function inspectSource(engine: Engine, path: string, signal: AbortSignal): Promise<SourceReport> {
  try {
    const real = await realpath(path);
    if (isInside(real, engine.home.path)) return { kind: 'none', path, message: `${path} is where Nightjar keeps its own files` };
    return (await stat(real)).isDirectory() ? await inspectFolder(engine, real) : await inspectDatabase(engine, real, signal);
  } catch (error) {
    signal.throwIfAborted();
    const failure = translateErrno(error, { absent: 'source-missing', refused: 'source-unreadable', place: path });
    return { kind: 'none', path, message: errorFacts(failure).message };
  }
}

async function inspectFolder(engine: Engine, path: string): Promise<SourceReport> {
  const facts = await peekRepository(path);
  if (facts === null) return { kind: 'none', path, message: `${path} is a folder, and no git repository` };
  const known = await knowSources(engine);
  return { kind: 'git', path, branch: facts.branch, remote: facts.remote, ...known(path) };
}

async function inspectDatabase(engine: Engine, path: string, signal: AbortSignal): Promise<SourceReport> {
  const { journalMode, walBytes } = await runSqliteTask(engine.ports.workers, { kind: 'probe', path, lockWaitMs }, { signal });
  const { size } = await stat(path);
  const { newestChangeMs: lastWriteMs } = await fingerprintFiles(path);
  const known = await knowSources(engine);
  const isInUse = await usedAmong(engine, [path]);
  return { kind: 'sqlite', path, bytes: size + walBytes, lastWriteMs, journalMode, isInUse: isInUse(path), ...known(path) };
}
