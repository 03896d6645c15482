import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfDay, isDay, isoWeek, isZone, latestDays, localTime } from '../../electron/domain/zoned-time.ts';

const iso = (instantMs: number) => new Date(instantMs).toISOString();
const hours = (ms: number) => ms / 3_600_000;

describe('localTime reads the calendar and the clock of a zone', () => {
  it.each([
    ['a plain instant', '2026-11-22T02:17:05.999Z', 'Europe/Berlin', '2026-11-22', '031705'],
    ['midnight as 00, not 24', '2026-06-01T00:00:00Z', 'UTC', '2026-06-01', '000000'],
    ['the second before the clock goes forward', '2026-03-29T00:59:59Z', 'Europe/Berlin', '2026-03-29', '015959'],
    ['the second after', '2026-03-29T01:00:00Z', 'Europe/Berlin', '2026-03-29', '030000'],
    ['the hour that comes twice, first', '2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25', '023000'],
    ['the hour that comes twice, again', '2026-10-25T01:30:00Z', 'Europe/Berlin', '2026-10-25', '023000'],
    ['Lord Howe, half an hour forward', '2026-10-03T15:30:00Z', 'Australia/Lord_Howe', '2026-10-04', '023000'],
    ['Lord Howe, half an hour back', '2026-04-04T15:00:00Z', 'Australia/Lord_Howe', '2026-04-05', '013000'],
    ['Kathmandu, 45 minutes off', '2026-11-21T18:14:59Z', 'Asia/Kathmandu', '2026-11-21', '235959'],
    ['Apia before the day that it skipped', '2011-12-30T09:59:59Z', 'Pacific/Apia', '2011-12-29', '235959'],
    ['Apia after it', '2011-12-30T10:00:00Z', 'Pacific/Apia', '2011-12-31', '000000'],
    ['an early year with four digits', '0800-12-25T12:00:00Z', 'UTC', '0800-12-25', '120000'],
  ])('%s', (_, instant, zone, day, time) => {
    expect(localTime(Date.parse(instant), zone)).toEqual({ day, time });
  });

  it('throws RangeError for a zone that nobody knows', () => {
    expect(() => localTime(0, 'Europe/Nowhere')).toThrow(RangeError);
  });
});

describe('isZone', () => {
  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Europe/Nowhere', false],
    ['', false],
  ])('%j: %s', (zone, known) => expect(isZone(zone)).toBe(known));
});

describe('isDay', () => {
  it.each([
    ['2026-11-22', true],
    ['2024-02-29', true],
    ['2000-02-29', true],
    ['2025-02-29', false],
    ['1900-02-29', false],
    ['2026-02-30', false],
    ['2026-04-31', false],
    ['2026-13-01', false],
    ['2026-00-01', false],
    ['2026-01-00', false],
    ['2026-1-1', false],
    ['2026-11-22\n', false],
    ['2026-11-22T00', false],
    ['\u0662\u0660\u0662\u0666-11-22', false],
    ['', false],
  ])('%j: %s', (text, isOne) => expect(isDay(text)).toBe(isOne));
});

describe('isoWeek', () => {
  it.each([
    ['2026-11-22', '2026-W47'],
    ['2026-11-23', '2026-W48'],
    ['2025-12-28', '2025-W52'],
    ['2025-12-29', '2026-W01'],
    ['2026-01-01', '2026-W01'],
    ['2020-12-31', '2020-W53'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2023-01-01', '2022-W52'],
    ['2024-12-30', '2025-W01'],
    ['2027-01-01', '2026-W53'],
  ])('%s lies in %s', (day, week) => expect(isoWeek(day)).toBe(week));
});

describe('endOfDay is the first instant of the next day', () => {
  it.each([
    ['an ordinary day', '2026-11-22', 'Europe/Berlin', '2026-11-22T23:00:00.000Z', 24],
    ['a day of 23 hours', '2026-03-29', 'Europe/Berlin', '2026-03-29T22:00:00.000Z', 23],
    ['a day of 25 hours', '2026-10-25', 'Europe/Berlin', '2026-10-25T23:00:00.000Z', 25],
    ['a day of 23 and a half hours', '2026-10-04', 'Australia/Lord_Howe', '2026-10-04T13:00:00.000Z', 23.5],
    ['a day of 24 and a half hours', '2026-04-05', 'Australia/Lord_Howe', '2026-04-05T13:30:00.000Z', 24.5],
    ['a day before one without midnight', '2018-11-03', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', 24],
    ['a day whose last hour comes twice', '2018-02-17', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z', 25],
    ['the day before the one that Apia skipped', '2011-12-29', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 24],
    ['the skipped day itself, which has no length', '2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z', 0],
    ['a day in the zone that is first', '2026-11-22', 'Pacific/Kiritimati', '2026-11-22T10:00:00.000Z', 24],
    ['a day in the zone that is last', '2026-11-22', 'Etc/GMT+12', '2026-11-23T12:00:00.000Z', 24],
    ['the last day of a year', '2026-12-31', 'UTC', '2027-01-01T00:00:00.000Z', 24],
  ])('%s', (_, day, zone, end, length) => {
    const yesterday = iso(Date.parse(day) - 86_400_000).slice(0, 10);
    const endMs = endOfDay(day, zone);
    expect({ end: iso(endMs), length: hours(endMs - endOfDay(yesterday, zone)) }).toEqual({ end, length });
  });

  it('in any zone, for any instant: its day ends after it, and is over at that end', () => {
    const instants = fc.integer({ min: Date.parse('2009-01-01'), max: Date.parse('2035-01-01') });
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Australia/Lord_Howe',
      'Pacific/Chatham',
      'UTC',
    );
    fc.assert(
      fc.property(instants, zones, (instantMs, zone) => {
        const { day } = localTime(instantMs, zone);
        const endMs = endOfDay(day, zone);
        expect(endMs).toBeGreaterThan(instantMs);
        expect(localTime(endMs - 1, zone).day).toBe(day);
        expect(localTime(endMs, zone)).toMatchObject({ day: expect.not.stringMatching(day), time: expect.stringMatching(/^0[0-9]0000$/) });
      }),
    );
  });
});

describe('latestDays', () => {
  it.each([
    ['the spring in Berlin', '2026-03-30T12:00:00Z', 'Europe/Berlin', ['2026-03-28 24', '2026-03-29 23', '2026-03-30 24']],
    ['the autumn in Berlin', '2026-10-26T12:00:00Z', 'Europe/Berlin', ['2026-10-24 24', '2026-10-25 25', '2026-10-26 24']],
    ['half an hour in Lord Howe', '2026-10-04T12:00:00Z', 'Australia/Lord_Howe', ['2026-10-02 24', '2026-10-03 24', '2026-10-04 23.5']],
    ['a day that begins at one in Beirut', '2026-03-29T12:00:00Z', 'Asia/Beirut', ['2026-03-27 24', '2026-03-28 24', '2026-03-29 23']],
    ['the day that Apia left out', '2011-12-31T12:00:00Z', 'Pacific/Apia', ['2011-12-29 24', '2011-12-31 24', '2012-01-01 24']],
  ])('%s', (_, now, zone, expected) => {
    const days = latestDays(3, Date.parse(now), zone);
    expect(days.map(({ day, endMs, startMs }) => `${day} ${hours(endMs - startMs)}`)).toEqual(expected);
  });

  it('gives days that follow one another, the last with the instant in it, each with its own instants', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Havana', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe');
    const instants = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2035, 0, 1) });
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 1, max: 40 }), (zone, nowMs, count) => {
        const days = latestDays(count, nowMs, zone);
        expect(days).toHaveLength(count);
        const last = days.at(-1);
        expect(last && last.startMs <= nowMs && nowMs < last.endMs).toBe(true);
        for (const [index, { day, endMs, startMs }] of days.entries()) {
          expect([localTime(startMs, zone).day, localTime(endMs - 1, zone).day]).toEqual([day, day]);
          expect(days[index + 1]?.startMs ?? endMs).toBe(endMs);
        }
      }),
      { numRuns: 60 },
    );
  });
});
