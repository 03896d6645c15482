import { localTime } from '../domain/zoned-time.ts';

/** `2026-11-22 03:17` in the zone of this machine, as in every table, or a dash. */
export function formatInstant(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '-';
  const { day, time } = localTime(ms, localZone());
  return `${day} ${time.slice(0, 2)}:${time.slice(2, 4)}`;
}

/** The zone of this machine. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
