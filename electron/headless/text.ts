import { localTime } from '../domain/zoned-time.ts';

/** `2026-11-22 03:17` in a zone, or a dash. */
export function formatInstant(ms: number | null | undefined, zone: string): string {
  if (ms === null || ms === undefined) return '-';
  const { day, time } = localTime(ms, zone);
  return `${day} ${time.slice(0, 2)}:${time.slice(2, 4)}`;
}

/** The zone of this machine, for instants that belong to no job. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
