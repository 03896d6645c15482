import { localTime } from '../../../electron/domain/zoned-time.ts';

/** What a day has to be restored. */
export interface RestoreDay {
  readonly day: string;
  readonly snapshots: number;
  readonly isVerified: boolean;
  /** The newest of the day. */
  readonly id: string;
}

/** What is needed of a snapshot. */
export interface Dated {
  readonly id: string;
  readonly createdAtMs: number;
  readonly isVerified: boolean;
}

/** The days that have a snapshot, oldest first. */
export function daysOf(snapshots: readonly Dated[], zone: string): readonly RestoreDay[] {
  const days = Map.groupBy(snapshots, ({ createdAtMs }) => localTime(createdAtMs, zone).day);
  return [...days]
    .map(([day, group]) => ({
      day,
      snapshots: group.length,
      isVerified: group.some(({ isVerified }) => isVerified),
      id: group.reduce((newest, each) => (each.createdAtMs > newest.createdAtMs ? each : newest)).id,
    }))
    .toSorted((a, b) => a.day.localeCompare(b.day));
}

/** `2026-11` of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** The weeks of a month from Monday on; `null` stands for the days of its neighbours. */
export function weeksOf(month: string): readonly (readonly (string | null)[])[] {
  const first = new Date(`${month}-01T00:00:00Z`);
  const offset = (first.getUTCDay() + 6) % 7;
  const count = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  const weeks = Math.ceil((offset + count) / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_day, weekday) => {
      const day = week * 7 + weekday - offset + 1;
      return day < 1 || day > count ? null : `${month}-${String(day).padStart(2, '0')}`;
    }),
  );
}

/** The day of those given that a key leads to: the next with left and right, a week or more away with up and down; `null` for other keys. */
export function dayByKey(key: string, current: string, days: readonly string[]): string | null {
  const weekMs = 7 * 86_400_000;
  const at = Date.parse(current);
  switch (key) {
    case 'ArrowLeft':
      return days.findLast((day) => day < current) ?? null;
    case 'ArrowRight':
      return days.find((day) => day > current) ?? null;
    case 'ArrowUp':
      return days.findLast((day) => Date.parse(day) <= at - weekMs) ?? days[0] ?? null;
    case 'ArrowDown':
      return days.find((day) => Date.parse(day) >= at + weekMs) ?? days.at(-1) ?? null;
    case 'PageUp':
      return days.findLast((day) => monthOf(day) < monthOf(current)) ?? days[0] ?? null;
    case 'PageDown':
      return days.find((day) => monthOf(day) > monthOf(current)) ?? days.at(-1) ?? null;
    case 'Home':
      return days[0] ?? null;
    case 'End':
      return days.at(-1) ?? null;
    default:
      return null;
  }
}
