import prettyMilliseconds from 'pretty-ms';
import { paceOf } from '../electron/domain/progress.ts';
import { formatBytes } from '../electron/domain/units.ts';
import { zone } from './clock.ts';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium', timeZone: zone });
const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone });
const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone });

const longDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `2 hr. ago`, `in 5 min.`, `just now`. */
export function formatAgo(atMs: number, nowMs: number): string {
  const distance = atMs - nowMs;
  const [unit, size] = units.find(([, each]) => Math.abs(distance) >= each) ?? [];
  // The present is known to half a minute.
  if (unit === undefined || size === undefined) return distance > 30_000 ? 'in a moment' : 'just now';
  return relative.format(Math.round(distance / size), unit).replaceAll('.', '');
}

/** `Wednesday, 25 November 2026 at 03:17:02`: the exact instant, in the person's zone. */
export function formatInstant(atMs: number): string {
  return full.format(atMs);
}

/** `25 Nov, 03:17`. */
export function formatShort(atMs: number): string {
  return short.format(atMs);
}

/** `03:17`. */
export function formatTime(atMs: number): string {
  return clockTime.format(atMs);
}

/** `25 Nov 2026`. */
export function formatDate(atMs: number): string {
  return date.format(atMs);
}

/** `Wednesday, 25 November 2026` of a day such as `2026-11-25`. */
export function formatLongDay(day: string): string {
  return longDay.format(Date.parse(`${day}T00:00:00Z`));
}

/** `2 m 5 s`: two units at most, and no fractions from a second on. */
export function formatTook(ms: number): string {
  return prettyMilliseconds(ms, { unitCount: 2, secondsDecimalDigits: ms < 10_000 ? 1 : 0 });
}

/** `2.1 of 5.2 GB, 210 MB/s, 15 s left`. */
export function formatProgress(progress: { readonly doneBytes: number; readonly totalBytes: number }, elapsedMs: number): string {
  const { bytesPerSecond, doneBytes, secondsLeft, totalBytes } = paceOf(progress, elapsedMs);
  const amount = `${formatBytes(Math.min(doneBytes, totalBytes))} of ${formatBytes(totalBytes)}`;
  if (secondsLeft === undefined) return amount;
  return `${amount}, ${formatBytes(bytesPerSecond)}/s, ${secondsLeft === 0 ? 'almost done' : `${formatTook(secondsLeft * 1000)} left`}`;
}
