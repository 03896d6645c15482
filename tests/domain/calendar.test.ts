import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalendarMark, foldCalendar } from '../../electron/domain/calendar.ts';
import { latestDays } from '../../electron/domain/zoned-time.ts';

const zone = 'Europe/Berlin';
const nowMs = Date.parse('2026-03-30T10:00:00Z');
const days = latestDays(3, nowMs, zone);
const mark = (at: string, kind: CalendarMark['kind'], count = 1): CalendarMark => ({ atMs: Date.parse(at), kind, count });
const none = { snapshots: 0, verified: 0, failed: 0, succeeded: 0, skipped: 0 };

describe('a calendar', () => {
  it('has every day, also those on which nothing happened', () => {
    expect(foldCalendar(days, [])).toEqual([
      { day: '2026-03-28', state: 'none', ...none },
      { day: '2026-03-29', state: 'none', ...none },
      { day: '2026-03-30', state: 'none', ...none },
    ]);
  });

  it('puts what happened on its day in the zone, also where the clock is changed, and leaves out what is of other days', () => {
    const marks = [
      mark('2026-03-27T22:59:59Z', 'failed'),
      mark('2026-03-27T23:00:00Z', 'failed'),
      mark('2026-03-28T22:59:59Z', 'failed'),
      mark('2026-03-28T23:00:00Z', 'succeeded', 2),
      mark('2026-03-29T21:59:59Z', 'succeeded', 3),
      mark('2026-03-29T22:00:00Z', 'skipped'),
      mark('2026-03-30T22:00:00Z', 'skipped'),
    ];
    expect(foldCalendar(days, marks).map(({ failed, skipped, succeeded }) => [failed, succeeded, skipped])).toEqual([
      [2, 0, 0],
      [0, 5, 0],
      [0, 0, 1],
    ]);
  });

  const at = '2026-03-30T08:00:00Z';
  it.each([
    ['nothing', [], 'none'],
    ['a slot that was left out', ['skipped'], 'skipped'],
    ['a snapshot that is not verified', ['snapshots', 'succeeded', 'skipped'], 'unverified'],
    ['a verified snapshot', ['snapshots', 'verified', 'succeeded', 'skipped'], 'verified'],
    ['a run whose snapshot has expired, or that had none', ['succeeded'], 'verified'],
    ['a failure before a success', ['failed', 'succeeded', 'snapshots', 'verified'], 'failed'],
  ] as const)('shows a day with %s', (_, kinds, state) => {
    const marks = kinds.map((kind) => mark(at, kind));
    expect(foldCalendar(days, marks).at(-1)?.state).toBe(state);
  });

  it('counts everything of its days once, in any order', () => {
    const kinds = fc.constantFrom<CalendarMark['kind']>('snapshots', 'verified', 'failed', 'succeeded', 'skipped');
    const instants = fc.integer({ min: nowMs - 5 * 86_400_000, max: nowMs + 2 * 86_400_000 });
    const someMarks = fc.array(fc.record({ atMs: instants, kind: kinds, count: fc.integer({ min: 0, max: 9 }) }));
    fc.assert(
      fc.property(someMarks, (marks) => {
        const folded = foldCalendar(days, marks);
        expect(foldCalendar(days, marks.toReversed())).toEqual(folded);
        const [first, last] = [days[0]?.startMs ?? 0, days.at(-1)?.endMs ?? 0];
        const inside = marks.filter(({ atMs }) => atMs >= first && atMs < last);
        const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
        expect(
          sumOf(folded.flatMap(({ failed, skipped, snapshots, succeeded, verified }) => [failed, skipped, snapshots, succeeded, verified])),
        ).toBe(sumOf(inside.map(({ count }) => count)));
      }),
    );
  });
});
