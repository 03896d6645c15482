import Database from 'better-sqlite3';
import type { ErrorFacts } from '../../electron/domain/errors.ts';
import type { ItemIntent, ItemState } from '../../electron/domain/git-item.ts';
import { Catalog } from '../../electron/engine/catalog/catalog.ts';
import { migrate, type WritableDatabase } from '../../electron/engine/catalog/database.ts';
import type { GitMemory } from '../../electron/engine/catalog/git-memory.ts';
import type { GitReader } from '../../electron/engine/catalog/git-reader.ts';

/** The queue of a job `notes` in a catalog that is in memory only. */
export function openQueue(): { readonly database: WritableDatabase; readonly catalog: Catalog; readonly queue: GitMemory } {
  const database = Object.assign(new Database(':memory:'), { access: 'read-write' as const });
  migrate(database);
  const catalog = new Catalog(database);
  return { database, catalog, queue: catalog.git('notes') };
}

export const itemError: ErrorFacts = { code: 'git-failed', message: 'git commit failed', hint: 'look at it' };
export const repositoryError: ErrorFacts = { code: 'git-detached', message: 'on no branch' };

/** What asks for the item `a`; its paths are single letters. */
export function asking(paths: string, reason = 'created', item = 'a'): ItemIntent {
  return { item, paths: [...paths], reason };
}

/** Ways to an item `a` with the path `x` in every state, at times up to 10. */
export const waysTo: Readonly<Record<ItemState, (queue: GitMemory) => void>> = {
  pending: (queue) => queue.intend(asking('x'), 1),
  queued: (queue) => queue.enqueue([asking('x')], 1),
  running: (queue) => {
    waysTo.queued(queue);
    queue.take(1);
  },
  success: (queue) => {
    waysTo.running(queue);
    queue.succeed(['a'], true, 10);
  },
  failed: (queue) => {
    waysTo.running(queue);
    queue.fail(['a'], { error: itemError, retryAtMs: 50 });
  },
  disabled: (queue) => queue.disable([asking('x')], 1),
};

/** How many items there are in each state that has any. */
export function countsOf(queue: GitReader): Partial<Record<ItemState, number>> {
  const byState = Object.groupBy(queue.items(), ({ state }) => state);
  return Object.fromEntries(Object.entries(byState).map(([state, items]) => [state, items.length]));
}
