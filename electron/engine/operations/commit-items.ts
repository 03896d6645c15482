import { BackupError, errorFacts } from '../../domain/errors.ts';
import { type GitItem, itemsText, retryWaitMs } from '../../domain/git-item.ts';
import type { GitJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { commitPaths, fillMessage } from '../git/commit-paths.ts';
import type { Git } from '../git/git.ts';
import type { GitPath } from '../git/git-path.ts';
import { checkStore } from '../git/open-store.ts';
import { judgeItems } from '../git/store-items.ts';
import { findFlagged, findUnseen } from '../git/unseen.ts';

/** So many items go into one commit: the time that git takes to match paths grows with their number squared. */
const itemsPerCommit = 2000;
/** So many commits may fail one after the other before the reason is taken for one of the repository. */
const maxFailures = 40;
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
 * Commits every item that is queued, those that have failed least and waited longest first. What waits at the same time goes into one
 * commit; an item that cannot be committed fails alone, and the others go on without it (S2-21). Throws what concerns the whole
 * repository.
 */
export async function commitQueued(engine: Engine, job: GitJob, git: Git): Promise<Committed> {
  const queue = engine.queue(job.name);
  const flagged = queue.hasQueued() ? await findFlagged(git) : new Set<GitPath>();
  const work: Work = { engine, job, git, flagged, commits: [], items: [], failed: [], failuresInARow: 0 };
  for (let items = queue.take(itemsPerCommit); items.length > 0; items = queue.take(itemsPerCommit)) {
    const placed = await placeOrFail(work, items);
    if (placed.length > 0) await commitOrHalve(work, placed);
  }
  return work;
}

/** What commits queued items, and how far it is. */
interface Work {
  readonly engine: Engine;
  readonly job: GitJob;
  readonly git: Git;
  /** Files that git was told not to look at. */
  readonly flagged: ReadonlySet<GitPath>;
  readonly commits: string[];
  readonly items: string[];
  readonly failed: FailedItem[];
  failuresInARow: number;
}

/** An item with its paths as git has them. */
type PlacedItem = GitItem & { readonly places: readonly string[] };

/** Fails the items whose paths are refused. Those that nobody asked for are forgotten: they are not to be backed up any more. */
async function placeOrFail(work: Work, items: readonly GitItem[]): Promise<readonly PlacedItem[]> {
  const { engine, git, job } = work;
  const judged = await judgeItems(
    git,
    job.source.stores,
    items.map(({ paths }) => paths),
  );
  const placed: PlacedItem[] = [];
  for (const [at, item] of items.entries()) {
    const places = judged[at] ?? [];
    if (!(places instanceof BackupError)) placed.push({ ...item, places });
    else if (item.found) engine.queue(job.name).drop([item.item]);
    else failItem(work, item.item, places);
  }
  return refuseUnseen(work, placed);
}

/** Fails the items of which git would say that they are safe when they are not: it was told not to look, or another program has them. */
async function refuseUnseen(work: Work, items: readonly PlacedItem[]): Promise<readonly PlacedItem[]> {
  const { flagged, git, job } = work;
  const paths = items.flatMap(({ places }) => places);
  const unseen = await findUnseen(git, paths, { flagged, isPushed: job.source.push, hasHooks: job.source.hooks });
  if (unseen.size === 0) return items;
  return items.filter(({ item, places }) => {
    const reason = places.map((path) => unseen.get(path)).find((error) => error !== undefined);
    if (reason !== undefined) failItem(work, item, reason);
    return reason === undefined;
  });
}

async function commitOrHalve(work: Work, items: readonly PlacedItem[]): Promise<void> {
  try {
    const commit = await commitItems(work, items);
    work.failuresInARow = 0;
    if (commit !== null) work.commits.push(commit);
    const names = items.map(({ item }) => item);
    work.engine.queue(work.job.name).setCommitted(names);
    work.items.push(...names);
  } catch (error) {
    if (!(error instanceof BackupError && error.code === 'git-failed')) throw error;
    work.failuresInARow += 1;
    const [first] = items;
    if (first !== undefined && items.length === 1) failItem(work, first.item, error);
    if (work.failuresInARow >= maxFailures) throw error;
    if (items.length === 1) return;
    const middle = Math.ceil(items.length / 2);
    await commitOrHalve(work, items.slice(0, middle));
    await commitOrHalve(work, items.slice(middle));
  }
}

async function commitItems({ git, job: { source } }: Work, items: readonly PlacedItem[]): Promise<string | null> {
  // A person may have switched branches since the last one.
  await checkStore(git, source);
  const paths = [...new Set(items.flatMap(({ places }) => places))];
  // What a commit has already is only looked at again.
  const fresh = items.filter(({ committed }) => !committed);
  return (await commitPaths(git, paths, messageOf(source.message, fresh.length > 0 ? fresh : items))).commit;
}

function failItem({ engine, failed, job }: Work, item: string, error: BackupError): void {
  const queue = engine.queue(job.name);
  const { clock, ids } = engine.ports;
  const waitMs = retryWaitMs(queue.failuresOf(item) + 1, ids.fraction());
  queue.fail([item], { error: errorFacts(error), retryAtMs: clock.now() + waitMs });
  failed.push({ item, error });
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
