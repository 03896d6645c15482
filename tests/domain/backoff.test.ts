import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextWaitMs, parseRetryAfter } from '../../electron/domain/backoff.ts';

describe('the wait before the next attempt', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [7, 64_000],
    [8, 64_000],
    [40, 64_000],
  ])('after %d failures is %d ms', (failures, waitMs) => {
    expect([nextWaitMs(failures, 0), nextWaitMs(failures, 0.9999)]).toEqual([waitMs, waitMs + 999]);
  });

  it('is what the service asks for, and a little more', () => {
    expect([nextWaitMs(1, 0.5, 120_000), nextWaitMs(5, 0, 0)]).toEqual([120_500, 0]);
  });

  it('is never longer than a minute and five seconds, unless the service asks for it', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, fraction) => {
        expect(nextWaitMs(failures, fraction)).toBeLessThan(65_000);
        expect(nextWaitMs(failures, fraction)).toBeGreaterThanOrEqual(1000);
      }),
    );
  });
});

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-11-22T03:17:00Z');
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 22 Nov 2026 03:18:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 03:16:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is %s ms', (header, ms) => expect(parseRetryAfter(header, nowMs)).toBe(ms));
});
