import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsText, retryWaitMs } from '../../electron/domain/git-item.ts';

const secondMs = 1000;
const hourMs = 3_600_000;

describe('retryWaitMs', () => {
  it.each([
    [1, 30],
    [2, 60],
    [3, 120],
    [4, 240],
    [7, 1920],
    [8, 3600],
    [9, 3600],
    [1000, 3600],
    // Nobody asks for it; it is not shorter than after the first.
    [0, 30],
  ])('after %i failures is %i s, less what chance takes off (S2-34)', (failures, seconds) => {
    expect(retryWaitMs(failures, 0)).toBe(seconds * secondMs);
    expect(retryWaitMs(failures, 0.5)).toBe(seconds * secondMs * 0.875);
  });

  it('is from three quarters of that to all of it, and never shorter than for fewer failures by the same chance', () => {
    const failures = fc.integer({ min: 1, max: 5000 });
    const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(failures, fraction, (count, chance) => {
        const waitMs = retryWaitMs(count, chance);
        const longestMs = retryWaitMs(count, 0);
        expect(Number.isSafeInteger(waitMs)).toBe(true);
        expect(waitMs).toBeGreaterThanOrEqual(longestMs * 0.75);
        expect(waitMs).toBeLessThanOrEqual(longestMs);
        expect(longestMs).toBeGreaterThanOrEqual(30 * secondMs);
        expect(longestMs).toBeLessThanOrEqual(hourMs);
        expect(retryWaitMs(count + 1, chance)).toBeGreaterThanOrEqual(waitMs);
      }),
    );
  });
});

describe('itemsText', () => {
  it.each([
    [[], 'nothing'],
    [['a.md'], 'a.md'],
    [['a.md', 'b.md'], 'a.md and 1 more'],
    [['a.md', 'b.md', 'c.md'], 'a.md and 2 more'],
  ])('names %j as "%s"', (items, text) => {
    expect(itemsText(items)).toBe(text);
  });
});
