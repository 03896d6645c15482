import type { CalendarDay, DayState } from '../electron/domain/calendar.ts';
import { counted } from '../electron/domain/units.ts';
import { formatLongDay } from './format.ts';

/** The word of each state of a day, as a legend says it. */
export const dayWords: Readonly<Record<DayState, string>> = {
  verified: 'Verified',
  unverified: 'Not verified',
  failed: 'Failed',
  skipped: 'Skipped',
  none: 'Nothing',
};

/** A year of days as a wall calendar has them on its side. */
export interface CalendarGrid {
  /** Seven rows from Monday on; each has one place a week, `null` where the days do not reach. */
  readonly rows: readonly (readonly (CalendarDay | null)[])[];
  /** The months over the weeks in which their first shown day is. */
  readonly months: readonly { readonly name: string; readonly weeks: number }[];
}

/** Lays days out with weeks as columns. They follow each other without a gap, oldest first. */
export function layOutDays(days: readonly CalendarDay[]): CalendarGrid {
  const [first] = days;
  if (first === undefined) return { rows: [], months: [] };
  const offset = weekdayOf(first.day);
  const weeks = Math.ceil((offset + days.length) / 7);
  const rows = Array.from({ length: 7 }, (_, weekday) =>
    Array.from({ length: weeks }, (_week, week) => days[week * 7 + weekday - offset] ?? null),
  );
  const names = Array.from({ length: weeks }, (_, week) => monthOf(days[Math.max(0, week * 7 - offset)]?.day ?? first.day));
  return { rows, months: groupRuns(names) };
}

/** 0 is Monday. */
function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

const month = new Intl.DateTimeFormat('en-GB', { month: 'short', timeZone: 'UTC' });

function monthOf(day: string): string {
  return month.format(Date.parse(`${day}T00:00:00Z`));
}

function groupRuns(names: readonly string[]): { name: string; weeks: number }[] {
  const groups: { name: string; weeks: number }[] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last?.name === name) last.weeks += 1;
    else groups.push({ name, weeks: 1 });
  }
  return groups;
}

/** The days that a key leads to, as a distance; to either end with Home and End. `null` for a key that leads nowhere. */
export function stepOf(key: string, at: number, count: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowUp: at - 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 7,
    ArrowRight: at + 7,
    PageUp: at - 28,
    PageDown: at + 28,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined ? null : Math.min(count - 1, Math.max(0, next));
}

/** What a day had: `2 snapshots, both verified; 1 run failed`. */
export function describeDay(day: CalendarDay): string {
  const parts = [
    ...(day.snapshots === 0 ? [] : [snapshotsOf(day)]),
    ...(day.failed === 0 ? [] : [`${counted(day.failed, 'run')} failed`]),
    ...(day.snapshots > 0 || day.succeeded === 0 ? [] : [`${counted(day.succeeded, 'run')} succeeded`]),
    ...(day.skipped === 0 ? [] : [`${counted(day.skipped, 'run')} skipped`]),
  ];
  return parts.length === 0 ? 'nothing' : parts.join('; ');
}

function snapshotsOf({ snapshots, verified }: CalendarDay): string {
  const count = counted(snapshots, 'snapshot');
  if (verified === 0) return `${count}, not verified`;
  if (verified < snapshots) return `${count}, ${verified} verified`;
  return snapshots === 1 ? `${count}, verified` : `${count}, all verified`;
}

/** The same with its date, as it is spoken. */
export function sayDay(day: CalendarDay): string {
  return `${formatLongDay(day.day)}: ${describeDay(day)}`;
}
