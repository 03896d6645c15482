import type { GitSource } from '../../domain/source.ts';
import type { GitMemory } from '../catalog/git-memory.ts';
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
