/** What keeping a snapshot of every day costs, in fulls, for one course of changes. */
export interface ScheduleCost {
  readonly name: string;
  readonly days: number;
  readonly byRule: number;
  /** The least that any choice of days for the fulls can cost that knows all days beforehand. */
  readonly best: number;
}

const simulatedDays = 365;

/**
 * Costs of the rule "a new full when today's delta is larger than the average cost of a snapshot since the last full", where each day
 * rewrites a share of the pages, chosen anew: a delta costs the share of the pages that were rewritten since its full.
 */
export function simulateSchedules(): ScheduleCost[] {
  const constant = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2].map((share) => ({
    name: `${(share * 100).toFixed(1)} % a day`,
    shares: Array.from({ length: simulatedDays }, () => share),
  }));
  const courses = [
    ...constant,
    { name: '0.2 % a day, 20 % on Sundays', shares: Array.from({ length: simulatedDays }, (_, day) => (day % 7 === 6 ? 0.2 : 0.002)) },
    {
      name: '1 % a day, nothing changes on five of seven',
      shares: Array.from({ length: simulatedDays }, (_, day) => (day % 7 < 5 ? 0 : 0.01)),
    },
  ];
  return courses.map(({ name, shares }) => ({ name, days: shares.length, byRule: costByRule(shares), best: leastCost(shares) }));
}

/** The cost of the rule over days that rewrite these shares of the pages. */
export function costByRule(shares: readonly number[]): number {
  let total = 0;
  let sinceFull = 0;
  let snapshots = 0;
  let unchanged = 1;
  for (const share of shares) {
    unchanged *= 1 - share;
    const delta = 1 - unchanged;
    const isFull = snapshots === 0 || delta > sinceFull / snapshots;
    if (isFull) [sinceFull, snapshots, unchanged] = [0, 0, 1];
    const cost = isFull ? 1 : delta;
    total += cost;
    sinceFull += cost;
    snapshots++;
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
