/** Clocks of one machine differ by less over a correction. */
const toleranceMs = 10 * 60_000;

/** What was dated by a clock that was ahead, as `notes.db.gz was made`, and when it says that was. */
export interface DatedAhead {
  readonly what: string;
  readonly atMs: number;
}

/** The latest instant that evidence can have where the clock is right. */
export function latestDateMs(nowMs: number): number {
  return nowMs + toleranceMs;
}

/** True for an instant that only a clock that was ahead can have given. Pure. */
export function isDatedAhead(atMs: number, nowMs: number): boolean {
  return atMs > latestDateMs(nowMs);
}

/**
 * Without what a clock that was ahead has dated, for that would be the newest until its time comes; all of it where nothing else is
 * left: what is dated wrong was done all the same. Pure.
 */
export function unlessAhead<T>(all: readonly T[], dateOf: (each: T) => number, nowMs: number): readonly T[] {
  const rightly = all.filter((each) => !isDatedAhead(dateOf(each), nowMs));
  return rightly.length > 0 ? rightly : all;
}
