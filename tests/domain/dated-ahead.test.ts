import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDatedAhead, latestDateMs, unlessAhead } from '../../electron/domain/dated-ahead.ts';

const nowMs = Date.parse('2026-11-22T03:17:00Z');
const minuteMs = 60_000;
const kept = (...minutes: readonly number[]) => unlessAhead(minutes, (each) => nowMs + each * minuteMs, nowMs);

describe('what a clock that was ahead has dated', () => {
  it.each([
    ['an hour ago', -60, false],
    ['now', 0, false],
    ['in ten minutes, as a correction of the clock makes it', 10, false],
    ['later than that', 10.01, true],
  ])('is not what is dated %s: %d minutes', (_, minutes, ahead) => {
    expect(isDatedAhead(nowMs + minutes * minuteMs, nowMs)).toBe(ahead);
  });

  it('is left out where there is anything else, and stands where there is not', () => {
    expect([kept(20, 9, -5), kept(20, 30), kept()]).toEqual([[9, -5], [20, 30], []]);
  });

  it('never takes everything away, nor anything else than itself', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -100, max: 100 })), (minutes) => {
        const left = kept(...minutes);
        expect(left.length > 0).toBe(minutes.length > 0);
        const rightly = minutes.filter((each) => nowMs + each * minuteMs <= latestDateMs(nowMs));
        expect(left).toEqual(rightly.length > 0 ? rightly : minutes);
      }),
    );
  });
});
