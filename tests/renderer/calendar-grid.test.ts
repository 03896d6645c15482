import { expect, it } from 'vitest';
import type { CalendarDay } from '../../electron/domain/calendar.ts';
import { describeDay, layOutDays, sayDay, stepOf } from '../../renderer/calendar-grid.ts';

const empty = { state: 'none', snapshots: 0, verified: 0, failed: 0, succeeded: 0, skipped: 0 } as const;

function daysFrom(first: string, count: number): CalendarDay[] {
  return Array.from({ length: count }, (_, at) => ({
    ...empty,
    day: new Date(Date.parse(`${first}T00:00:00Z`) + at * 86_400_000).toISOString().slice(0, 10),
  }));
}

it('lays days out with weeks as columns that begin on Monday, whatever day the first is', () => {
  // 2026-11-25 is a Wednesday.
  const { months, rows } = layOutDays(daysFrom('2026-11-25', 9));
  expect(rows.map((row) => row.map((day) => day?.day.slice(8) ?? ''))).toEqual([
    ['', '30'],
    ['', '01'],
    ['25', '02'],
    ['26', '03'],
    ['27', ''],
    ['28', ''],
    ['29', ''],
  ]);
  expect(months).toEqual([{ name: 'Nov', weeks: 2 }]);
});

it('lays out a year, one day, and none', () => {
  const year = layOutDays(daysFrom('2025-11-20', 371));
  expect(year.rows.flat().filter((day) => day !== null)).toHaveLength(371);
  expect(year.months.reduce((sum, { weeks }) => sum + weeks, 0)).toBe(year.rows[0]?.length);
  expect(layOutDays(daysFrom('2026-03-01', 1)).months).toEqual([{ name: 'Mar', weeks: 1 }]);
  expect(layOutDays([])).toEqual({ rows: [], months: [] });
});

it('moves by days and weeks and stays among the days', () => {
  const keys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End', 'a'];
  expect(keys.map((key) => stepOf(key, 10, 20))).toEqual([9, 11, 3, 17, 0, 19, 0, 19, null]);
});

it('says what a day had', () => {
  const of = (change: Partial<CalendarDay>) => describeDay({ ...empty, day: '2026-11-25', ...change });
  expect([
    of({}),
    of({ snapshots: 1, verified: 1, succeeded: 1 }),
    of({ snapshots: 3, verified: 3, succeeded: 3 }),
    of({ snapshots: 3, verified: 1, failed: 1 }),
    of({ snapshots: 1, failed: 2, skipped: 1 }),
    of({ succeeded: 2 }),
  ]).toEqual([
    'nothing',
    '1 snapshot, verified',
    '3 snapshots, all verified',
    '3 snapshots, 1 verified; 1 run failed',
    '1 snapshot, not verified; 2 runs failed; 1 run skipped',
    '2 runs succeeded',
  ]);
  expect(sayDay({ ...empty, day: '2026-11-25' })).toBe('Wednesday, 25 November 2026: nothing');
});
