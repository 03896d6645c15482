/** How far a step is. Bytes are of the step's own kind: raw bytes while compressing, stored bytes while sending. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface Pace extends Progress {
  readonly bytesPerSecond: number;
  /** Missing until the rate means something. */
  readonly secondsLeft?: number;
}

/** Rate and time left from the average since the step began; nothing is promised in the first half second. */
export function paceOf(progress: Progress, elapsedMs: number): Pace {
  const bytesPerSecond = elapsedMs > 0 ? Math.round((progress.doneBytes * 1000) / elapsedMs) : 0;
  if (elapsedMs < 500 || bytesPerSecond === 0) return { ...progress, bytesPerSecond };
  const secondsLeft = Math.max(0, Math.ceil((progress.totalBytes - progress.doneBytes) / bytesPerSecond));
  return { ...progress, bytesPerSecond, secondsLeft };
}
