import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attemptsPerMinute,
  type FailedAttempts,
  noFailedAttempts,
  noteFailedAttempt,
  remainingHoldMs,
} from '../../electron/domain/failed-attempts.ts';

const nowMs = Date.parse('2026-11-25T09:00:00Z');
const minuteMs = 60_000;

/** So many wrong tokens, one every `everyMs`. */
function fail(times: number, everyMs: number, attempts = noFailedAttempts, fromMs = nowMs): FailedAttempts {
  return Array.from({ length: times }).reduce<FailedAttempts>(
    (past, _, index) => noteFailedAttempt(past, fromMs + index * everyMs),
    attempts,
  );
}

describe('wrong tokens', () => {
  it.each([
    ['none', 0, 0, 0],
    ['nine at once', 9, 0, 0],
    ['ten at once', 10, 0, minuteMs],
    ['ten within a minute', 10, 6_666, minuteMs],
    ['ten in longer than a minute', 10, 6_667, 0],
    ['a hundred in a hundred minutes', 100, minuteMs, 0],
  ])('%s', (_, times, everyMs, holdMs) => {
    const lastMs = nowMs + Math.max(0, times - 1) * everyMs;
    expect(remainingHoldMs(fail(times, everyMs), lastMs)).toBe(holdMs);
  });

  it('hold off further ones longer each time, and at most a quarter of an hour', () => {
    const minutes: number[] = [];
    let attempts = noFailedAttempts;
    for (let hold = 0, atMs = nowMs; hold < 7; hold++) {
      attempts = fail(10, 0, attempts, atMs);
      minutes.push(remainingHoldMs(attempts, atMs) / minuteMs);
      atMs += remainingHoldMs(attempts, atMs);
      expect(remainingHoldMs(attempts, atMs)).toBe(0);
    }
    expect(minutes).toEqual([1, 2, 4, 8, 15, 15, 15]);
  });

  it('are not held off for days after the clock was set back', () => {
    const attempts = fail(10, 0);
    expect([-24 * 60, -14, -13, 0, 1].map((minutes) => remainingHoldMs(attempts, nowMs + minutes * minuteMs) / minuteMs)).toEqual([
      0, 15, 14, 1, 0,
    ]);
  });

  it('are looked at no more than ten times in any minute, and what is kept does not grow', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30_000), { maxLength: 200 }), (gaps) => {
        let attempts = noFailedAttempts;
        let atMs = nowMs;
        const looked: number[] = [];
        for (const gapMs of gaps) {
          atMs += gapMs;
          if (remainingHoldMs(attempts, atMs) > 0) continue;
          looked.push(atMs);
          attempts = noteFailedAttempt(attempts, atMs);
          expect(attempts.atMs.length).toBeLessThan(attemptsPerMinute);
        }
        for (const [index, at] of looked.entries()) {
          const eleventh = looked[index + attemptsPerMinute];
          if (eleventh !== undefined) expect(eleventh - at).toBeGreaterThanOrEqual(minuteMs);
        }
      }),
    );
  });
});
