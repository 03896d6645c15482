import type { TableRows } from '../domain/table-rows.ts';
import { countRows } from '../domain/table-rows.ts';
import { counted } from '../domain/units.ts';
import { localTime } from '../domain/zoned-time.ts';

/** `2026-11-22 03:17`, in the zone of this machine unless another is given; a dash for none. */
export function formatInstant(ms: number | null | undefined, zone: string = localZone()): string {
  if (ms === null || ms === undefined) return '-';
  const { day, time } = localTime(ms, zone);
  return `${day} ${time.slice(0, 2)}:${time.slice(2, 4)}`;
}

/** The zone of this machine. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `361,029 rows in 12 tables`. */
export function rowsInTables(tables: readonly TableRows[]): string {
  return `${counted(countRows(tables), 'row')} in ${counted(tables.length, 'table')}`;
}
