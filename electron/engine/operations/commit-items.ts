import { BackupError, errorFacts } from '../../domain/errors.ts';
import { type GitItem, itemsText, retryWaitMs } from '../../domain/git-item.ts';
import type { GitJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { commitPaths, fillMessage } from '../git/commit-paths.ts';
import type { Git } from '../git/git.ts';
import { checkStore } from '../git/open-store.ts';
import { resolveItems } from '../git/store-items.ts';

/** So many items go into one commit: the time that git takes to match paths grows with their number squared. */
const itemsPerCommit = 2000;
/** So many commits are tried in a run to find the items that cannot be committed; the rest of them waits for the next one. */
const maxFailedTries = 60;
/** What a commit names of its items. */
const maxListed = 500;

export interface Committed {
  readonly commits: readonly string[];
  /** Items that are in a commit now, or have been before. */
  readonly items: readonly string[];
  readonly failed: readonly FailedItem[];
}

export interface FailedItem {
  readonly item: string;
  readonly error: BackupError;
}

/**
 * Commits every item that is queued, those that have waited longest first. What waits at the same time goes into one commit; an item
 * that cannot be committed fails alone, and the others go on without it (S2-21). Throws what concerns the whole repository.
 */
export async function commitQueued(engine: Engine, job: GitJob, git: Git): Promise<Committed> {
  const queue = engine.queue(job.name);
  const commits: string[] = [];
  const done: string[] = [];
  const failed: FailedItem[] = [];

  const commitOrHalve = async (items: readonly GitItem[]): Promise<void> => {
    try {
      const commit = await commitItems(job, git, items);
      if (commit !== null) commits.push(commit);
      const names = items.map(({ item }) => item);
      queue.setCommitted(names);
      done.push(...names);
    } catch (error) {
      if (!(error instanceof BackupError && concernsItems(error))) throw error;
      if (items.length === 1 || failed.length >= maxFailedTries) {
        failed.push(...failItems(engine, job, items, error));
        return;
      }
      const middle = Math.ceil(items.length / 2);
      await commitOrHalve(items.slice(0, middle));
      await commitOrHalve(items.slice(middle));
    }
  };

  for (let items = queue.take(itemsPerCommit); items.length > 0; items = queue.take(itemsPerCommit)) await commitOrHalve(items);
  return { commits, items: done, failed };
}

async function commitItems({ source }: GitJob, git: Git, items: readonly GitItem[]): Promise<string | null> {
  // A person may have switched branches since the last one.
  await checkStore(git, source);
  const paths = await resolveItems(
    git,
    source.stores,
    items.flatMap((item) => item.paths),
  );
  return (await commitPaths(git, paths, messageOf(source.message, items))).commit;
}

/** True for what another item, or another state of this one, would not have. */
function concernsItems({ code }: BackupError): boolean {
  return code === 'git-path-refused' || code === 'git-failed';
}

function failItems(engine: Engine, job: GitJob, items: readonly GitItem[], error: BackupError): FailedItem[] {
  const queue = engine.queue(job.name);
  const { clock, ids } = engine.ports;
  return items.map(({ item }) => {
    const waitMs = retryWaitMs(queue.failuresOf(item) + 1, ids.fraction());
    queue.fail([item], { error: errorFacts(error), retryAtMs: clock.now() + waitMs });
    return { item, error };
  });
}

function messageOf(template: string, items: readonly GitItem[]): string {
  const reasons = [...new Set(items.map(({ reason }) => reason))];
  const reason = reasons.length > 3 ? `${reasons.slice(0, 3).join(', ')}, ...` : reasons.join(', ');
  const subject = fillMessage(template, { item: itemsText(items.map(({ item }) => item)), reason });
  if (items.length === 1) return subject;
  const listed = items.slice(0, maxListed).map((each) => `${each.item} (${each.reason})`);
  const rest = items.length > maxListed ? [`and ${items.length - maxListed} more`] : [];
  return [subject, '', ...listed, ...rest].join('\n');
}
