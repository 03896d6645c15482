import { oldestBaseMs, whyTooLarge } from '../../electron/domain/snapshot-form.ts';
import { startRandom } from '../support/sample-content.ts';

/** What keeping a snapshot of every day costs, in fulls, for one course of changes. */
export interface ScheduleCost {
  readonly name: string;
  readonly days: number;
  readonly byRule: number;
  /** The least that any choice of days for the fulls can cost that knows all days beforehand. */
  readonly best: number;
}

const simulatedDays = 365;
const randomCourses = 100;
const dayMs = 86_400_000;
const fullBytes = 1e9;

/**
 * Costs of Nightjar's rule where each day rewrites a share of the pages, chosen anew: a delta costs the share of the pages that were
 * rewritten since its full.
 */
export function simulateSchedules(): ScheduleCost[] {
  const year = (share: (day: number) => number) => Array.from({ length: simulatedDays }, (_, day) => share(day));
  const constant = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2].map((share) =>
    costsOf(
      `${(share * 100).toFixed(1)} % a day`,
      year(() => share),
    ),
  );
  const random = startRandom(1);
  const courses = Array.from({ length: randomCourses }, () =>
    costsOf(
      '',
      year(() => 10 ** (-3 + random.below(2500) / 1000)),
    ),
  );
  const worst = courses.reduce((one, other) => (other.byRule / other.best > one.byRule / one.best ? other : one));
  return [
    ...constant,
    costsOf(
      '0.2 % a day, 20 % on Sundays',
      year((day) => (day % 7 === 6 ? 0.2 : 0.002)),
    ),
    costsOf(
      '1 % on two days of seven, else nothing',
      year((day) => (day % 7 < 5 ? 0 : 0.01)),
    ),
    { ...worst, name: `by chance from 0.1 % to 30 %: the worst of ${randomCourses}` },
  ];
}

function costsOf(name: string, shares: readonly number[]): ScheduleCost {
  return { name, days: shares.length, byRule: costByRule(shares), best: leastCost(shares) };
}

/** The cost of the rule, the greatest age of a base included, over days that rewrite these shares of the pages. */
export function costByRule(shares: readonly number[]): number {
  let total = 0;
  let series = { fullBytes, deltaBytes: 0, deltas: 0 };
  let unchanged = 1;
  for (const [day, share] of shares.entries()) {
    unchanged *= 1 - share;
    const deltaBytes = (1 - unchanged) * fullBytes;
    const isTooOld = (series.deltas + 1) * dayMs > oldestBaseMs;
    if (day === 0 || isTooOld || whyTooLarge(deltaBytes, series) !== null) {
      [series, unchanged] = [{ fullBytes, deltaBytes: 0, deltas: 0 }, 1];
      total += 1;
    } else {
      series = { fullBytes, deltaBytes: series.deltaBytes + deltaBytes, deltas: series.deltas + 1 };
      total += deltaBytes / fullBytes;
    }
  }
  return total;
}

/** The least cost of all schedules. */
export function leastCost(shares: readonly number[]): number {
  const least = [0];
  for (let end = 1; end <= shares.length; end++) least[end] = Number.POSITIVE_INFINITY;
  // From each day on which a full may be made, on to each day before the next one.
  for (let full = 0; full < shares.length; full++) {
    let cost = (least[full] ?? 0) + 1;
    let unchanged = 1;
    for (let end = full + 1; end <= shares.length; end++) {
      least[end] = Math.min(least[end] ?? Number.POSITIVE_INFINITY, cost);
      unchanged *= 1 - (shares[end] ?? 0);
      cost += 1 - unchanged;
    }
  }
  return least[shares.length] ?? 0;
}
