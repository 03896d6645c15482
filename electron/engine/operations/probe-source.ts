import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SqliteJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { SourceFacts } from '../sqlite/worker-protocol.ts';

/**
 * What the next run of a job will find of its source, and whether that can be cloned into staging. Nothing is left of the trial. Throws
 * what keeps the source from being read, and the signal's reason.
 */
export async function probeSource(engine: Engine, job: SqliteJob, lockWaitMs: number, signal: AbortSignal): Promise<SourceFacts> {
  const trialFolder = join(engine.home.stagingFolder, engine.ports.ids.make('part'));
  try {
    const task = { kind: 'probe', path: job.source.path, lockWaitMs, trialFolder } as const;
    return await runSqliteTask(engine.ports.workers, task, { signal });
  } finally {
    // A worker that was ended in the middle of it could not.
    await rm(trialFolder, { recursive: true, force: true });
  }
}
