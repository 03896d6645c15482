import { describe, expect, it } from 'vitest';
import { clockProblems } from '../../electron/domain/clock-check.ts';

const nowMs = Date.parse('2026-11-22T03:17:00Z');
const facts = { nowMs, zone: 'UTC', jobZones: ['Europe/Berlin'], lastRecordedMs: nowMs - 1000 };

describe('clockProblems', () => {
  it.each([
    ['nothing', {}, []],
    ['nothing where nothing was recorded', { lastRecordedMs: null }, []],
    ['nothing for a small correction', { lastRecordedMs: nowMs + 5 * 60_000 }, []],
    [
      'a clock that was set back',
      { lastRecordedMs: nowMs + 2 * 3_600_000 },
      ['the clock was set back: the last run is recorded 2h from now'],
    ],
    ['a machine without a zone', { zone: undefined }, ['the time zone of this machine (none) is not known']],
    ['a zone that is not known, once', { jobZones: ['Mars', 'Mars'] }, ['the time zone "Mars" of a job is not known']],
  ])('finds %s', (_, change, expected) => {
    expect(clockProblems({ ...facts, ...change })).toEqual(expected);
  });
});
