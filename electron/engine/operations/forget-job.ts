import { isGitJob, type Settings } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';

/** What knows something of a job beside its snapshots and runs. */
type Memories = Pick<Engine, 'queue' | 'ledger' | 'catalog'>;

/**
 * Forgets the queue, the ledger and the evidence of a job that is gone; what it has stored stays. To be called after the settings have
 * changed: a job that stays because they cannot be written loses nothing. What a crash in between leaves of a git job, `adaptQueues` and
 * `addJob` take away before another one has its name.
 */
export function forgetJob(engine: Memories, name: string): void {
  engine.queue(name).forget();
  engine.ledger(name).forget();
  engine.catalog.evidence().forgetJob(name);
}

/** Forgets every job that a change of all settings has taken away, or has made one of another kind. To be called after it. */
export function forgetRemoved(engine: Memories, before: Settings, after: Settings): void {
  for (const job of before.jobs) {
    const isStill = after.jobs.some((next) => next.name === job.name && isGitJob(next) === isGitJob(job));
    if (!isStill) forgetJob(engine, job.name);
  }
}
