import { formatDate, formatShort, formatTime } from '../../format.ts';

const yearMs = 330 * 86_400_000;

/** `25 Nov, 03:17`, and with its year where it is about a year ago or more. */
export function formatMoment(atMs: number, nowMs: number): string {
  return nowMs - atMs < yearMs ? formatShort(atMs) : `${formatDate(atMs)}, ${formatTime(atMs)}`;
}
