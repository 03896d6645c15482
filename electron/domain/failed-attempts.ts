/** Wrong tokens of late, which decide when the next token is looked at. */
export interface FailedAttempts {
  /** When the recent ones came, in milliseconds since the epoch. */
  readonly atMs: readonly number[];
  /** How often attempts have been held off since the last good sign. */
  readonly holds: number;
  readonly heldUntilMs: number;
}

export const noFailedAttempts: FailedAttempts = { atMs: [], holds: 0, heldUntilMs: 0 };

/** So many wrong tokens within a minute hold off all further ones. */
export const attemptsPerMinute = 10;

const minuteMs = 60_000;
const longestHoldMs = 15 * minuteMs;

/** One more attempt has failed. Every tenth within a minute begins a hold: of 1 minute, then of 2, 4, 8 and at most 15. */
export function noteFailedAttempt({ atMs, holds, heldUntilMs }: FailedAttempts, nowMs: number): FailedAttempts {
  const recent = [...atMs.filter((at) => nowMs - at < minuteMs), nowMs];
  if (recent.length < attemptsPerMinute) return { atMs: recent, holds, heldUntilMs };
  return { atMs: [], holds: holds + 1, heldUntilMs: nowMs + Math.min(2 ** holds * minuteMs, longestHoldMs) };
}

/** How long attempts are still held off; 0 where they are not. A clock that was set back does not make it longer than the longest hold. */
export function remainingHoldMs({ heldUntilMs }: FailedAttempts, nowMs: number): number {
  const remainingMs = heldUntilMs - nowMs;
  return remainingMs > 0 && remainingMs <= longestHoldMs ? remainingMs : 0;
}
