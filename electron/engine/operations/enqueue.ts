import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { GitItem, ItemIntent } from '../../domain/git-item.ts';
import type { GitJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { isBelowStores, toRepositoryPath } from '../git/store-items.ts';

const maxPaths = 10_000;
/** As long as a path may be. */
const maxTextLength = 4096;

/**
 * Accepts items for backup. When this returns they are in the catalog, with their paths and reasons, and no crash loses them; the
 * backup itself follows later and fails nobody's write (S2-17, S2-18). Resolves to the items as they stand now: queued, or disabled
 * where the job is. Throws `usage-invalid` and `git-path-refused`; then nothing was accepted.
 */
export function enqueueItems(engine: Engine, job: GitJob, intents: readonly ItemIntent[]): GitItem[] {
  const checked = intents.map((intent) => checkIntent(job, intent));
  const queue = engine.queue(job.name);
  const atMs = engine.ports.clock.now();
  if (job.source.enabled) queue.enqueue(checked, atMs);
  else queue.disable(checked, atMs);
  if (job.source.enabled && checked.length > 0) engine.emit({ type: 'items-queued', job: job.name, atMs });
  return checked.flatMap(({ item }) => queue.item(item) ?? []);
}

/**
 * Keeps that an item is about to be written, before it is: should the program end in between, the next start looks at its paths (S2-25).
 * `enqueueItems` ends the intent. Throws as `enqueueItems`.
 */
export function intendItem(engine: Engine, job: GitJob, intent: ItemIntent): void {
  const checked = checkIntent(job, intent);
  if (job.source.enabled) engine.queue(job.name).intend(checked, engine.ports.clock.now());
}

/**
 * Keeps the intent, lets `write` do the caller's own work, and asks for the backup only then (S2-26): neither waits for git. Where `write`
 * throws, the caller gets that error, and the item stays pending: whatever was written of it is looked at by the next full backup. So is
 * what was written and could not be queued.
 */
export async function enqueueAround<T>(engine: Engine, job: GitJob, intent: ItemIntent, write: () => Promise<T>): Promise<T> {
  intendItem(engine, job, intent);
  const result = await write();
  try {
    enqueueItems(engine, job, [intent]);
  } catch (error) {
    // The work is done, and its intent is kept: a failure would only make the caller do it twice (S2-18).
    engine.log.error(`${intent.item} was not queued: ${errorFacts(error).message}`, { job: job.name });
  }
  return result;
}

/** The backup of one item; `undefined` where nobody has asked for it. */
export function itemStatus(engine: Engine, job: GitJob, item: string): GitItem | undefined {
  return engine.queue(job.name).item(item);
}

/** What can be told without asking git or the disk; the rest is refused when it is its turn. */
function checkIntent(job: GitJob, { item, paths, reason }: ItemIntent): ItemIntent {
  for (const [name, text] of Object.entries({ item, reason })) {
    if (text !== '' && text.length <= maxTextLength && !text.includes('\0')) continue;
    throw new BackupError(
      'usage-invalid',
      `the ${name} of an item is text of 1 to ${maxTextLength} characters, not "${text.slice(0, 40)}"`,
      {
        hint: 'name the item by what it is to you, such as its id or path',
      },
    );
  }
  if (paths.length === 0 || paths.length > maxPaths) {
    throw new BackupError('usage-invalid', `the item ${item} has ${paths.length} paths, and it must have 1 to ${maxPaths}`, {
      hint: 'give the files or folders of the item; a folder stands for everything in it',
    });
  }
  const clean = [...new Set(paths.map((path) => toRepositoryPath(path)))];
  const outside = clean.find((path) => !isBelowStores(path, job.source.stores));
  if (outside === undefined) return { item, paths: clean, reason };
  throw new BackupError('git-path-refused', `${outside === '' ? 'the project itself' : outside} is outside the paths of ${job.name}`, {
    hint: `they are: ${job.source.stores.map((store) => store || 'everything').join(', ')}`,
  });
}
