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
