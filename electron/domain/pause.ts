import { BackupError } from './errors.ts';
import type { Job } from './model.ts';
import { endOfDay, localTime } from './zoned-time.ts';

/** A pause that ends when somebody ends it. */
export const untilResumed = Number.MAX_SAFE_INTEGER;

type Pausable = Pick<Job, 'paused' | 'pausedUntil'>;

/** Until when no run of the job starts by itself, in milliseconds; `null` where it is not paused. The end may have passed. */
export function pauseEndMs({ paused, pausedUntil }: Pausable): number | null {
  if (!paused) return null;
  return pausedUntil === null ? untilResumed : Date.parse(pausedUntil);
}

/** True where no run of the job starts by itself now. */
export function isPaused(job: Pausable, nowMs: number): boolean {
  return nowMs < (pauseEndMs(job) ?? Number.NEGATIVE_INFINITY);
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads the end of a pause: `30m`, `1h`, `2d`, `tomorrow` (the next midnight of the zone), or an instant with its offset. Throws
 * `usage-invalid` for anything else, and for what has passed.
 */
export function parsePauseEnd(text: string, nowMs: number, zone: string): number {
  const endMs = readEnd(text.trim(), nowMs, zone);
  if (Number.isFinite(endMs) && endMs > nowMs) return endMs;
  throw new BackupError('usage-invalid', `"${text}" is not an end for a pause`, {
    hint: 'give how long, such as 30m, 1h or 2d; or "tomorrow"; or an instant to come, such as 2026-12-01T08:00+01:00',
  });
}

function readEnd(text: string, nowMs: number, zone: string): number {
  if (text === 'tomorrow') return endOfDay(localTime(nowMs, zone).day, zone);
  const span = /^(\d{1,5})([mhd])$/.exec(text);
  if (span) return nowMs + Number(span[1]) * (unitMs[span[2] ?? ''] ?? Number.NaN);
  // Without its offset an instant would mean whatever zone this machine is in.
  return /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
}
