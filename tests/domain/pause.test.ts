import { describe, expect, it } from 'vitest';
import { isPaused, parsePauseEnd, pauseEndMs, untilResumed } from '../../electron/domain/pause.ts';

const now = Date.parse('2026-03-28T22:30:00Z'); // 23:30 in Berlin, in the night of the shorter day.

describe('a job', () => {
  it.each([
    [{ paused: false, pausedUntil: null }, null, false],
    [{ paused: false, pausedUntil: '2030-01-01T00:00:00Z' }, null, false],
    [{ paused: true, pausedUntil: null }, untilResumed, true],
    [{ paused: true, pausedUntil: '2026-03-28T22:30:01Z' }, now + 1000, true],
    [{ paused: true, pausedUntil: '2026-03-28T22:30:00Z' }, now, false],
  ])('with %j is paused until %s: %s', (job, endMs, paused) => {
    expect([pauseEndMs(job), isPaused(job, now)]).toEqual([endMs, paused]);
  });
});

describe('the end of a pause', () => {
  it.each([
    ['30m', '2026-03-28T23:00:00Z'],
    [' 1h ', '2026-03-28T23:30:00Z'],
    ['2d', '2026-03-30T22:30:00Z'],
    ['tomorrow', '2026-03-28T23:00:00Z'],
    ['2026-03-30T08:00+02:00', '2026-03-30T06:00:00Z'],
  ])('may be "%s"', (text, end) => {
    expect(new Date(parsePauseEnd(text, now, 'Europe/Berlin')).toISOString()).toBe(end.replace('Z', '.000Z'));
  });

  it.each([
    '',
    'soon',
    '0h',
    '1w',
    '-1h',
    '1.5h',
    '2026-03-30',
    '2026-03-30T08:00',
    '2026-03-01T00:00:00Z',
    '999999999h',
    '2026-13-99T00:00:00Z',
  ])('may not be "%s"', (text) => {
    expect(() => parsePauseEnd(text, now, 'UTC')).toThrow(
      expect.objectContaining({ code: 'usage-invalid', message: expect.stringContaining(`"${text}"`) }),
    );
  });
});
