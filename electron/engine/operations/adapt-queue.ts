import { isGitJob, type Settings } from '../../domain/model.ts';
import type { GitSource } from '../../domain/source.ts';
import type { GitMemory } from '../catalog/git-memory.ts';
import type { Engine } from '../engine.ts';
import { isBelowStores } from '../git/store-items.ts';

/**
 * Brings what is known of a git store in line with a change of its job: another repository knows none of it, another remote or branch has
 * proven nothing yet, and what is in none of the store's paths any more is not to be backed up.
 */
export function adaptQueue(queue: GitMemory, before: GitSource, after: GitSource): void {
  if (after.path !== before.path) {
    queue.forget();
    return;
  }
  const isElsewhere = (['branch', 'remote', 'remoteFingerprint'] as const).some((field) => after[field] !== before[field]);
  if (isElsewhere) queue.forgetRemote();
  const outside = queue.items().filter(({ paths }) => !paths.some((path) => isBelowStores(path, after.stores)));
  queue.drop(outside.map(({ item }) => item));
}

/**
 * Brings the queue of every git job in line with a change of all settings; one that is new begins with none. To be called before the
 * settings change: a crash in between must not leave a proof that another remote gave.
 */
export function adaptQueues(engine: Pick<Engine, 'queue'>, before: Settings, after: Settings): void {
  for (const job of after.jobs.filter(isGitJob)) {
    const former = before.jobs.find((other) => other.name === job.name);
    if (former && isGitJob(former)) adaptQueue(engine.queue(job.name), former.source, job.source);
    else engine.queue(job.name).forget();
  }
}
