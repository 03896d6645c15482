import fc from 'fast-check';
import { expect, test } from 'vitest';
import { costByRule, leastCost, simulateSchedules } from './full-schedule.ts';

/** Tries every choice of days for the fulls. */
function leastOfAll(shares: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let choice = 0; choice < 2 ** (shares.length - 1); choice++) {
    let total = 0;
    let unchanged = 1;
    for (const [day, share] of shares.entries()) {
      const isFull = day === 0 || (choice & (1 << (day - 1))) !== 0;
      unchanged = isFull ? 1 : unchanged * (1 - share);
      total += isFull ? 1 : 1 - unchanged;
    }
    least = Math.min(least, total);
  }
  return least;
}

const course = fc.array(fc.double({ min: 0, max: 0.9, noNaN: true }), { minLength: 1, maxLength: 9 });

test('the least cost is that of the cheapest of all schedules, and the rule never beats it', () => {
  fc.assert(
    fc.property(course, (shares) => {
      const least = leastOfAll(shares);
      expect(leastCost(shares)).toBeCloseTo(least, 9);
      expect(costByRule(shares)).toBeGreaterThan(least - 1e-9);
    }),
  );
});

test('where every day changes as much, the rule costs a tenth more than the best schedule at most', () => {
  const dear = simulateSchedules().filter(({ name, byRule, best }) => name.endsWith('% a day') && byRule > 1.1 * best);
  expect(dear).toEqual([]);
});
