import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cronOf, describeSchedule, type Rhythm, readRhythm } from '../../electron/domain/rhythm.ts';
import { checkSchedule } from '../../electron/domain/schedule.ts';

const time = fc.tuple(fc.nat(23), fc.nat(59)).map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
const rhythms: fc.Arbitrary<Rhythm> = fc.oneof(
  fc.record({ every: fc.constant('minutes' as const), minutes: fc.constantFrom(1, 5, 10, 15, 20, 30) }),
  fc.record({ every: fc.constant('hour' as const), minute: fc.nat(59) }),
  fc.record({ every: fc.constantFrom('day' as const, 'weekday' as const), time }),
  fc.record({ every: fc.constant('week' as const), time, weekday: fc.nat(6) }),
  fc.record({ every: fc.constant('month' as const), time, day: fc.integer({ min: 1, max: 31 }) }),
);

it('reads every rhythm from the expression that it writes, and any of them can be a schedule', () => {
  fc.assert(
    fc.property(rhythms, (rhythm) => {
      checkSchedule({ cron: cronOf(rhythm), zone: 'Europe/Berlin' }, 0);
      expect(readRhythm(cronOf(rhythm))).toEqual(rhythm);
    }),
  );
});

it('keeps what it has no words for as it is', () => {
  fc.assert(fc.property(fc.string(), (cron) => readRhythm(cron).every !== 'cron' || cronOf(readRhythm(cron)) === cron));
});

it.each([
  ['17 3 * * *', 'every day at 03:17'],
  ['0 * * * *', 'every hour'],
  ['5 * * * *', 'every hour at 5 past'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['*/1 * * * *', 'every minute'],
  ['30 8 * * 1-5', 'Monday to Friday at 08:30'],
  ['0 22 * * 0', 'every Sunday at 22:00'],
  ['0 22 * * 7', 'every Sunday at 22:00'],
  ['0 4 1 * *', 'on day 1 of every month at 04:00'],
  ['  17   3 * * * ', 'every day at 03:17'],
  ['*/7 * * * *', 'by the cron expression */7 * * * *'],
  ['0 4 0 * *', 'by the cron expression 0 4 0 * *'],
  ['0 4 1 * 1', 'by the cron expression 0 4 1 * 1'],
  ['0 4 * 6 *', 'by the cron expression 0 4 * 6 *'],
  ['0 9-17 * * *', 'by the cron expression 0 9-17 * * *'],
  ['60 3 * * *', 'by the cron expression 60 3 * * *'],
  ['often', 'by the cron expression often'],
])('says of "%s": %s', (cron, words) => {
  expect(describeSchedule(cron)).toBe(words);
});
