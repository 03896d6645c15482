import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSchedule, defaultCron, nextSlot, slotsBetween } from '../../electron/domain/schedule.ts';
import { localTime } from '../../electron/domain/zoned-time.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (instantMs: number | null) => instantMs && new Date(instantMs).toISOString().replace(':00.000Z', 'Z');
const slots = (cron: string, zone: string, from: string, to: string) => slotsBetween({ cron, zone }, at(from), at(to)).map(iso);

describe('slotsBetween gives each local day its slot, once', () => {
  it.each([
    [
      '02:30 that does not exist: at once after the gap',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28',
      '2026-03-31',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      '02:30 that comes twice: the first',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24',
      '2026-10-27',
      ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      '03:17 over the gap',
      defaultCron,
      'Europe/Berlin',
      '2026-03-28',
      '2026-03-31',
      ['2026-03-28T02:17Z', '2026-03-29T01:17Z', '2026-03-30T01:17Z'],
    ],
    [
      'New York, forward',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T06:00Z',
      '2026-03-10',
      ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'New York, back',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T05:00Z',
      '2026-11-03',
      ['2026-10-31T05:30Z', '2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      'Lord Howe, half an hour forward',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02',
      '2026-10-05',
      ['2026-10-02T15:45Z', '2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      'Lord Howe, half an hour back',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-03',
      '2026-04-06',
      ['2026-04-03T14:45Z', '2026-04-04T14:45Z', '2026-04-05T15:15Z'],
    ],
    [
      'Apia, over the day that it skipped',
      '0 6 * * *',
      'Pacific/Apia',
      '2011-12-29',
      '2012-01-01',
      ['2011-12-29T16:00Z', '2011-12-30T16:00Z', '2011-12-31T16:00Z'],
    ],
    ['weekdays', '0 9 * * 1-5', 'UTC', '2026-11-20T08:00Z', '2026-11-24', ['2026-11-20T09:00Z', '2026-11-23T09:00Z']],
    [
      'every half hour goes on through the hour that comes twice',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:45Z',
      '2026-10-25T01:45Z',
      ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z'],
    ],
  ])('%s', (_, cron, zone, from, to, expected) => {
    expect(slots(cron, zone, from, to)).toEqual(expected);
  });

  it('leaves out the first instant and takes in the last', () => {
    expect(slots('17 3 * * *', 'UTC', '2026-11-20T03:17Z', '2026-11-22T03:17Z')).toEqual(['2026-11-21T03:17Z', '2026-11-22T03:17Z']);
  });

  it('at any time of day, in any zone, over any month', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
      'UTC',
    );
    const months = fc.integer({ min: at('2009-01-01') / 3_600_000, max: at('2035-01-01') / 3_600_000 });
    fc.assert(
      fc.property(fc.nat(59), fc.nat(23), zones, months, (minute, hour, zone, fromHour) => {
        const days = slotsBetween({ cron: `${minute} ${hour} * * *`, zone }, fromHour * 3_600_000, (fromHour + 30 * 24) * 3_600_000).map(
          (slot) => localTime(slot, zone).day,
        );
        const expected = new Set(Array.from({ length: 31 * 24 }, (_, step) => localTime((fromHour + step) * 3_600_000, zone).day));
        expect(days).toEqual([...expected].filter((day) => day >= (days[0] ?? '') && day <= (days.at(-1) ?? '')));
        expect(days.length).toBeGreaterThanOrEqual(28);
      }),
    );
  });
});

describe('nextSlot', () => {
  it.each([
    ['is the slot that comes', '2026-11-22T03:16:59.999Z', '2026-11-22T03:17Z'],
    ['is after its instant, never at it', '2026-11-22T03:17:00.000Z', '2026-11-23T03:17Z'],
    ['is not the slot that has just begun', '2026-11-22T03:17:00.001Z', '2026-11-23T03:17Z'],
  ])('%s', (_, after, expected) => {
    expect(iso(nextSlot({ cron: defaultCron, zone: 'UTC' }, at(after)))).toBe(expected);
  });

  it('is not the second pass of a time that comes twice', () => {
    expect(iso(nextSlot({ cron: '30 2 * * *', zone: 'Europe/Berlin' }, at('2026-10-25T00:30Z')))).toBe('2026-10-26T01:30Z');
  });

  it('is null where there is none', () => {
    expect(nextSlot({ cron: '0 0 30 2 *', zone: 'UTC' }, at('2026-11-22'))).toBeNull();
  });
});

describe('checkSchedule', () => {
  it.each(['17 3 * * *', '*/15 8-18 * * 1-5', '0 0 29 2 *', '  17 3 * * *  '])('takes %j', (cron) => {
    expect(() => checkSchedule({ cron, zone: 'Europe/Berlin' }, at('2026-11-22'))).not.toThrow();
  });

  it.each([
    ['a zone that nobody knows', '17 3 * * *', 'Europe/Nowhere', 'the time zone "Europe/Nowhere" is not known'],
    ['four fields', '17 3 * *', 'UTC', 'the schedule "17 3 * *" does not have five fields'],
    ['six fields', '0 17 3 * * *', 'UTC', 'the schedule "0 17 3 * * *" does not have five fields'],
    ['nothing', '', 'UTC', 'the schedule "" does not have five fields'],
    ['a minute that no hour has', '60 3 * * *', 'UTC', 'the schedule "60 3 * * *" cannot be read'],
    ['words', 'every night at three please', 'UTC', 'the schedule "every night at three please" cannot be read'],
    ['a day that never comes', '0 0 30 2 *', 'UTC', 'the schedule "0 0 30 2 *" never comes'],
  ])('refuses %s and says so', (_, cron, zone, message) => {
    expect(() => checkSchedule({ cron, zone }, at('2026-11-22'))).toThrow(
      expect.objectContaining({ code: 'usage-invalid', message, hint: expect.any(String) }),
    );
  });
});
