/** What a look at a path has found: a file, or `null` where there is none. */
export type Look = { readonly size: number; readonly mtimeMs: number } | null;

/** A path that has changed and is not ready yet. All times are instants of one clock. */
export interface Unsettled {
  /** When the change was noticed. */
  readonly firstMs: number;
  /** Since when looks have found the same. */
  readonly sinceMs: number;
  /** When it was looked at last. */
  readonly seenMs: number;
  readonly look: Look;
}

export type UnsettledPaths = ReadonlyMap<string, Unsettled>;

export interface SettlingLimits {
  /** How long neither size nor modification time may move before a path is ready. */
  readonly quietMs: number;
  /** After how long a path is ready that never is quiet. */
  readonly longestMs: number;
}

export const defaultSettling: SettlingLimits = { quietMs: 2000, longestMs: 60_000 };

export interface Settled {
  /** The paths that are ready now. */
  readonly ready: readonly string[];
  /** The paths that may be ready, and are as soon as another look has found them unmoved. */
  readonly unsure: readonly string[];
  /** What is left: all but the ready paths, and those of them that still move. */
  readonly unsettled: UnsettledPaths;
  /** When the next of the paths that are left, unless it moves, may be ready; `null` where there is none to wait for. */
  readonly nextMs: number | null;
}

/** Takes up what was just seen of paths: a new one waits from now on, one that has moved is quiet from now on. */
export function notice(unsettled: UnsettledPaths, looks: Iterable<readonly [path: string, look: Look]>, nowMs: number): UnsettledPaths {
  const noticed = new Map(unsettled);
  for (const [path, look] of looks) {
    const known = noticed.get(path);
    const isQuiet = known !== undefined && isSame(known.look, look);
    noticed.set(path, { firstMs: known?.firstMs ?? nowMs, sinceMs: isQuiet ? known.sinceMs : nowMs, seenMs: nowMs, look });
  }
  return noticed;
}

/**
 * Decides which paths are ready: those that were looked at once more after their quiet time and had not moved, and those whose longest
 * wait is over. What still moved then is told as it is, and waits anew. A clock that was set back lets a path wait once more, and never
 * longer; one that was set forward at most makes it ready early, and a later change is another one.
 */
export function settle(unsettled: UnsettledPaths, nowMs: number, limits: SettlingLimits): Settled {
  const ready: string[] = [];
  const unsure: string[] = [];
  const left = new Map<string, Unsettled>();
  let nextMs: number | null = null;
  const wait = (path: string, entry: Unsettled) => {
    left.set(path, entry);
    nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, dueMs(entry, limits));
  };
  for (const [path, entry] of unsettled) {
    const now = notAfter(entry, nowMs);
    if (dueMs(now, limits) > nowMs) {
      wait(path, now);
    } else if (now.seenMs < dueMs(now, limits)) {
      unsure.push(path);
      left.set(path, now);
    } else {
      ready.push(path);
      if (nowMs < now.sinceMs + limits.quietMs) wait(path, { ...now, firstMs: nowMs });
    }
  }
  return { ready, unsure, unsettled: left, nextMs };
}

function dueMs({ firstMs, sinceMs }: Unsettled, { quietMs, longestMs }: SettlingLimits): number {
  return Math.min(sinceMs + quietMs, firstMs + longestMs);
}

/** Nothing was seen in the future: the clock was set back. */
function notAfter(entry: Unsettled, nowMs: number): Unsettled {
  const { firstMs, sinceMs, seenMs } = entry;
  if (Math.max(firstMs, sinceMs, seenMs) <= nowMs) return entry;
  return { ...entry, firstMs: Math.min(firstMs, nowMs), sinceMs: Math.min(sinceMs, nowMs), seenMs: Math.min(seenMs, nowMs) };
}

function isSame(one: Look, other: Look): boolean {
  if (one === null || other === null) return one === other;
  return one.size === other.size && one.mtimeMs === other.mtimeMs;
}
