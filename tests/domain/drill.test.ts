import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Drill, drillsUnlessAhead, isDrillDue, lastProvenMs, unprovenSinceMs, weighDrills } from '../../electron/domain/drill.ts';
import { type DrillRhythm, gitJobSchema, sqliteJobSchema } from '../../electron/domain/model.ts';
import { localTime } from '../../electron/domain/zoned-time.ts';

const dayMs = 86_400_000;
const jobOf = (drill: DrillRhythm, zone = 'UTC') => ({ drill, schedule: { zone } });
const at = (text: string) => Date.parse(text);
const drillAt = (text: string, some: Partial<Drill> = {}): Drill => ({
  job: 'notes',
  place: 'usb',
  level: 'full',
  outcome: 'proven',
  snapshotId: 'snap-1',
  startedAtMs: at(text),
  endedAtMs: at(text) + 1000,
  message: 'it came back',
  code: null,
  rows: 3,
  ...some,
});

describe('a drill is due', () => {
  // 2026-11-22 and 29 are Sundays; the first Sundays of the months are 2026-11-01 and 2026-12-06.
  it.each([
    ['where there was none', 'weekly', null, 'proven', '2026-11-25T03:20:00Z', true],
    ['never where it is off', 'off', null, 'proven', '2026-11-25T03:20:00Z', false],
    ['not in the week of the last one', 'weekly', '2026-11-22T03:20:00Z', 'proven', '2026-11-28T23:59:00Z', false],
    ['from the next Sunday on', 'weekly', '2026-11-22T03:20:00Z', 'proven', '2026-11-29T00:00:00Z', true],
    ['on the Monday after a Sunday that was missed', 'weekly', '2026-11-22T03:20:00Z', 'proven', '2026-11-30T09:00:00Z', true],
    ['not twice on a Sunday', 'weekly', '2026-11-29T03:20:00Z', 'proven', '2026-11-29T23:00:00Z', false],
    ['on the Sunday after a first one on a Saturday', 'weekly', '2026-11-28T22:00:00Z', 'proven', '2026-11-29T03:20:00Z', true],
    ['not on every Sunday where it is monthly', 'monthly', '2026-11-01T03:20:00Z', 'proven', '2026-11-29T03:20:00Z', false],
    ['on the first Sunday of the next month', 'monthly', '2026-11-01T03:20:00Z', 'proven', '2026-12-06T03:20:00Z', true],
    ['not on the first days of that month', 'monthly', '2026-11-01T03:20:00Z', 'proven', '2026-12-05T23:00:00Z', false],
    ['not on the day on which it was postponed', 'weekly', '2026-11-22T03:20:00Z', 'postponed', '2026-11-22T23:00:00Z', false],
    ['on the day after that', 'weekly', '2026-11-22T03:20:00Z', 'postponed', '2026-11-23T00:00:00Z', true],
    ['whatever a clock that was ahead has dated', 'weekly', '2027-11-22T03:20:00Z', 'proven', '2026-11-23T00:00:00Z', true],
    ['on the day after a failed one', 'monthly', '2026-11-22T03:20:00Z', 'failed', '2026-11-23T00:00:00Z', true],
  ] as const)('%s', (_, rhythm, last, outcome, now, due) => {
    const lastDrill = last === null ? null : { startedAtMs: at(last), outcome };
    expect(isDrillDue(jobOf(rhythm), lastDrill, at(now))).toBe(due);
  });

  it("by the days of the job's own zone", () => {
    const last = { startedAtMs: at('2026-11-27T12:00:00Z'), outcome: 'proven' as const };
    const now = at('2026-11-28T12:00:00Z'); // Sunday in Auckland, Saturday in New York.
    expect([
      isDrillDue(jobOf('weekly', 'Pacific/Auckland'), last, now),
      isDrillDue(jobOf('weekly', 'America/New_York'), last, now),
    ]).toEqual([true, false]);
  });

  it('at least once in any eight days, and never twice on one, if each that is due is done', () => {
    const zones = ['UTC', 'America/New_York', 'Pacific/Auckland', 'Europe/Berlin'];
    const start = at('2026-01-01T00:00:00Z');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 30, maxLength: 120 }),
        (zone, waits) => {
          const done: number[] = [];
          let now = start;
          for (const hours of waits) {
            now += hours * 3_600_000;
            const startedAtMs = done.at(-1);
            const last = startedAtMs === undefined ? null : { startedAtMs, outcome: 'proven' as const };
            if (isDrillDue(jobOf('weekly', zone), last, now)) done.push(now);
          }
          const days = done.map((ms) => localTime(ms, zone).day);
          expect(new Set(days).size).toBe(days.length);
          // The first is at once, the second on the Sunday after; from there it is a week, and the longest wait.
          for (let each = 1; each < done.length; each++) expect((done[each] ?? 0) - (done[each - 1] ?? 0)).toBeLessThan(10 * dayMs);
          expect(now - (done.at(-1) ?? 0)).toBeLessThan(10 * dayMs);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the drills of a place', () => {
  it('say when it was last proven, and what the last one was that proved anything', () => {
    const drills = [
      drillAt('2026-11-25T03:00:00Z', { outcome: 'postponed', message: 'usb is away' }),
      drillAt('2026-11-24T03:00:00Z', { outcome: 'failed' }),
      drillAt('2026-11-23T03:00:00Z', { place: 'nas' }),
      drillAt('2026-11-22T03:00:00Z'),
    ];
    expect(weighDrills('usb', drills)).toEqual({
      place: 'usb',
      last: drills[1],
      lastProvenMs: drills[3]?.endedAtMs,
      postponed: 'usb is away',
    });
    expect(weighDrills('elsewhere', drills)).toEqual({ place: 'elsewhere', last: null, lastProvenMs: null, postponed: null });
  });

  it('of a clock that was ahead are left out for each place that has others', () => {
    const now = at('2026-11-25T12:00:00Z');
    const ahead = drillAt('2027-11-25T03:00:00Z');
    const alone = drillAt('2027-11-25T03:00:00Z', { place: 'nas' });
    const usb = drillAt('2026-11-22T03:00:00Z');
    expect(drillsUnlessAhead([ahead, alone, usb], now)).toEqual([alone, usb]);
  });

  it('say since when it is not proven: since its last proof, else since the first that was put off', () => {
    const late = drillAt('2026-11-25T03:00:00Z', { outcome: 'postponed' });
    const early = drillAt('2026-11-20T03:00:00Z', { outcome: 'postponed' });
    const proven = drillAt('2026-11-22T03:00:00Z');
    const elsewhere = drillAt('2026-11-01T03:00:00Z', { place: 'nas', outcome: 'postponed' });
    const failed = drillAt('2026-11-01T03:00:00Z', { outcome: 'failed' });
    expect([
      unprovenSinceMs('usb', [late, early, elsewhere]),
      unprovenSinceMs('usb', [late, proven, early]),
      unprovenSinceMs('usb', [failed, elsewhere]),
    ]).toEqual([early.startedAtMs, proven.endedAtMs, null]);
  });

  it('prove a job only as far as its oldest place', () => {
    const sqlite = { source: { kind: 'sqlite', path: '/notes.db' }, schedule: { cron: '17 3 * * *', zone: 'UTC' }, retention: {} };
    const job = sqliteJobSchema.parse({ ...sqlite, name: 'notes', destinations: ['usb', 'nas'] });
    const usb = drillAt('2026-11-22T03:00:00Z');
    const nas = drillAt('2026-11-15T03:00:00Z', { place: 'nas' });
    expect([lastProvenMs(job, [usb]), lastProvenMs(job, [usb, nas])]).toEqual([null, nas.endedAtMs]);
  });

  it('of a store that is not pushed are those of its own repository', () => {
    const job = gitJobSchema.parse({
      name: 'notes',
      schedule: { cron: '17 3 * * *', zone: 'UTC' },
      source: { kind: 'git', path: '/notes', stores: [''] },
    });
    const drill = drillAt('2026-11-22T03:00:00Z', { place: '/notes', level: 'local' });
    expect(lastProvenMs(job, [drill])).toBe(drill.endedAtMs);
  });
});
