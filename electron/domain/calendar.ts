import type { RunStatus } from './model.ts';
import type { DaySpan } from './zoned-time.ts';

/** What a day of a job, or of all jobs, is shown as; the first that applies. */
export const dayStates = ['failed', 'verified', 'unverified', 'skipped', 'none'] as const;
export type DayState = (typeof dayStates)[number];

/** One day of the calendar. */
export interface CalendarDay {
  /** `2026-11-25`, in the zone that was asked for. */
  readonly day: string;
  readonly state: DayState;
  /** Snapshots of that day that are stored, and those of them that are verified. */
  readonly snapshots: number;
  readonly verified: number;
  /** Runs of that day that failed or were interrupted, those that succeeded, and slots or runs that were left out. */
  readonly failed: number;
  readonly succeeded: number;
  readonly skipped: number;
}

type Counts = Omit<CalendarDay, 'day' | 'state'>;

/** So much of one kind that happened at an instant, or on its day. */
export interface CalendarMark {
  readonly atMs: number;
  readonly kind: keyof Counts;
  readonly count: number;
}

/** What a run counts as on the day on which it started; the other statuses count as nothing. */
export const runKinds: Readonly<Partial<Record<RunStatus, CalendarMark['kind']>>> = {
  succeeded: 'succeeded',
  warning: 'succeeded',
  failed: 'failed',
  interrupted: 'failed',
  skipped: 'skipped',
};

/** One entry for each of the days, which follow one another; marks of other days do not count. Pure. */
export function foldCalendar(days: readonly DaySpan[], marks: readonly CalendarMark[]): CalendarDay[] {
  const counted: Record<keyof Counts, number>[] = days.map(() => ({ snapshots: 0, verified: 0, failed: 0, succeeded: 0, skipped: 0 }));
  for (const { atMs, count, kind } of marks) {
    const counts = counted[indexAt(days, atMs)];
    if (counts) counts[kind] += count;
  }
  return days.flatMap(({ day }, index) => {
    const counts = counted[index];
    return counts ? [{ day, state: stateOf(counts), ...counts }] : [];
  });
}

/**
 * What a day is shown as. A failure is never hidden by a later success. A run that succeeded has proven what it stored, so where that has
 * expired since, and for a store that has no snapshots, the day was a verified one.
 */
function stateOf({ failed, skipped, snapshots, succeeded, verified }: Counts): DayState {
  if (failed > 0) return 'failed';
  if (verified > 0 || (succeeded > 0 && snapshots === 0)) return 'verified';
  if (snapshots > 0) return 'unverified';
  return skipped > 0 ? 'skipped' : 'none';
}

/** The last day that has begun by an instant; -1 for one before all of them, or after the last has ended. */
function indexAt(days: readonly DaySpan[], atMs: number): number {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle]?.startMs ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return atMs < (days[low - 1]?.endMs ?? 0) ? low - 1 : -1;
}
