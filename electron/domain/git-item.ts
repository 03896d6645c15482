import type { ErrorFacts } from './errors.ts';

/**
 * Where the backup of an item of a git store is in its life (S2-07): `pending` is meant to be backed up, `queued` is accepted,
 * `running` is being worked on. Types, the catalog's CHECK and tests derive from this list.
 */
export const itemStates = ['pending', 'queued', 'running', 'success', 'failed', 'disabled'] as const;
export type ItemState = (typeof itemStates)[number];

/** What somebody asks to be backed up. */
export interface ItemIntent {
  /** A name that the asker chooses; for what the watcher finds it is the path. */
  readonly item: string;
  /** Paths in the repository, with forward slashes. */
  readonly paths: readonly string[];
  readonly reason: string;
}

/** One item of a git store with what is known of its backup. */
export interface GitItem extends ItemIntent {
  readonly state: ItemState;
  /** When the last backup succeeded; later failures keep it (S2-10). */
  readonly lastBackupAtMs: number | null;
  /** Why the last attempt failed; `null` after a success. */
  readonly lastError: ErrorFacts | null;
  /** True where it was noticed, and nobody asked for it by its name. */
  readonly found: boolean;
  /** True where a commit here has the item as it was taken last. */
  readonly committed: boolean;
  /** True where the remote was seen to have that commit. */
  readonly pushed: boolean;
  readonly updatedAtMs: number;
}

/** What is known of the repository of a git job as a whole. */
export interface StoreRecord {
  /** The commit that the remote was last seen to have, with the branch there and the time of that answer. */
  readonly proof: { readonly commit: string; readonly branch: string; readonly remoteHead: string; readonly atMs: number } | null;
  /** Why no item could be worked on, or none could be pushed; `null` after a success. */
  readonly problem: (ErrorFacts & { readonly step: StoreStep; readonly atMs: number }) | null;
  /** Failures of the repository in a row, and when it is tried again. */
  readonly failures: number;
  readonly retryAtMs: number | null;
  /** When everything of the store was last seen to be safe. */
  readonly safeAtMs: number | null;
}

/** A repository of which nothing is known yet. */
export const unknownStore: StoreRecord = { proof: null, problem: null, failures: 0, retryAtMs: null, safeAtMs: null };

/** Where a repository failed: before anything was done (it blocks), at committing, or at pushing. */
export type StoreStep = 'guard' | 'commit' | 'push';

const firstRetryMs = 30_000;
const longestRetryMs = 3_600_000;

/**
 * How long to wait before the next attempt after so many failures in a row: half a minute, then twice as long each time, up to an
 * hour; less up to a quarter by chance, so that many do not come at once (S2-34). `fraction` is a random number from 0 to below 1.
 */
export function retryWaitMs(failures: number, fraction: number): number {
  const waitMs = Math.min(firstRetryMs * 2 ** Math.max(0, failures - 1), longestRetryMs);
  return Math.round(waitMs * (1 - fraction / 4));
}

/** How a commit names what it has: one item, or the first and how many more. */
export function itemsText(items: readonly string[]): string {
  const [first = 'nothing', ...others] = items;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
