/** Free space as it was found once. */
export interface SpaceSample {
  readonly atMs: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** How full a place is, and when it will be at the pace of the last runs. */
export interface SpaceForecast {
  /** A destination; '' where snapshots are staged. */
  readonly place: string;
  readonly atMs: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Whole days until what may be used is used up; `null` where it does not shrink, or too little is known. */
  readonly daysLeft: number | null;
}

/** A pace is only told from samples that are this far apart. */
const shortestSpanMs = 86_400_000;

/**
 * When a place will be full, from samples of it, newest first: at the pace at which its free space has shrunk from the oldest to the
 * newest of them, down to the reserve that is never used. `null` without samples. Pure.
 */
export function forecastSpace(place: string, samples: readonly SpaceSample[], reserveBytes: number): SpaceForecast | null {
  const [newest] = samples;
  const oldest = samples.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  const spanMs = newest.atMs - oldest.atMs;
  const takenBytes = oldest.freeBytes - newest.freeBytes;
  const usableBytes = Math.max(0, newest.freeBytes - reserveBytes);
  const daysLeft = spanMs < shortestSpanMs || takenBytes <= 0 ? null : Math.floor((usableBytes / takenBytes) * (spanMs / 86_400_000));
  return { place, ...newest, daysLeft };
}
