import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetentionPolicy } from '../../electron/domain/model.ts';
import { planRetention, type RetentionCandidate, type RetentionVerdict } from '../../electron/domain/retention.ts';

const dayMs = 86_400_000;
const at = (iso: string) => Date.parse(iso);
const policyOf = (some: Partial<RetentionPolicy>): RetentionPolicy => ({
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  minVerified: 1,
  ...some,
});

/** `2026-11-22` (noon), `2026-11-22T03:17`, each with `?` for not verified and `!` for pinned. */
function candidate(text: string): RetentionCandidate {
  const [day = '', time = '12:00'] = text.replace(/[?!]/g, '').split('T');
  return { id: text, createdAtMs: at(`${day}T${time}:00Z`), verified: !text.includes('?'), pinned: text.includes('!') };
}

const keptOf = (verdicts: readonly RetentionVerdict[]) => verdicts.filter(({ reasons }) => reasons.length > 0);

describe('planRetention keeps, with its reasons', () => {
  it.each<{ rule: string; policy: Partial<RetentionPolicy>; zone?: string; kept: Record<string, string[]>; expired: string[] }>([
    {
      rule: 'the newest of each of the latest days, skipping days without any',
      policy: { daily: 2 },
      kept: { '2026-11-22T20:00': ['newest verified', 'daily 1'], '2026-11-10': ['daily 2'] },
      expired: ['2026-11-22T08:00', '2026-11-09'],
    },
    {
      rule: 'one more day for each repeat of a day, not one less (S1-79)',
      policy: { daily: 2 },
      kept: { '2026-11-22T04:00': ['newest verified', 'daily 1'], '2026-11-21': ['daily 2'] },
      expired: ['2026-11-22T03:00', '2026-11-22T02:00', '2026-11-22T01:00', '2026-11-20'],
    },
    {
      rule: 'days, weeks, months and years together, one snapshot for several of them (S1-80)',
      policy: { daily: 2, weekly: 2, monthly: 2, yearly: 2 },
      kept: {
        '2026-11-22': ['newest verified', 'daily 1', 'weekly 1', 'monthly 1', 'yearly 1'],
        '2026-11-21': ['daily 2'],
        '2026-11-15': ['weekly 2'],
        '2026-10-31': ['monthly 2'],
        '2025-12-31': ['yearly 2'],
      },
      expired: ['2026-11-20', '2026-11-14', '2026-10-30', '2025-12-30', '2024-12-31'],
    },
    {
      rule: 'the ISO week across new year as one week',
      policy: { weekly: 2 },
      kept: { '2026-01-04': ['newest verified', 'weekly 1'], '2025-12-28': ['weekly 2'] },
      expired: ['2025-12-29', '2025-12-27'],
    },
    {
      rule: 'the local day of the zone: 23:30 and 00:30 UTC are one day in Kathmandu',
      policy: { daily: 1 },
      zone: 'Asia/Kathmandu',
      kept: { '2026-11-22T00:30': ['newest verified', 'daily 1'] },
      expired: ['2026-11-21T23:30'],
    },
    {
      rule: 'only verified ones in a tier; one that is not stays beside them while it would have had a place',
      policy: { daily: 2 },
      kept: { '2026-11-22?': ['not verified'], '2026-11-21': ['newest verified', 'daily 1'], '2026-11-20': ['daily 2'] },
      expired: ['2026-11-19?', '2026-11-18'],
    },
    {
      rule: 'everything while nothing is verified',
      policy: { daily: 1 },
      kept: { '2026-11-22?': ['not verified', 'no verified snapshot yet'], '2026-11-21?': ['no verified snapshot yet'] },
      expired: [],
    },
    {
      rule: 'pinned ones, which take no place from others',
      policy: { daily: 1 },
      kept: { '2026-11-22': ['newest verified', 'daily 1'], '2026-11-02?!': ['pinned'], '2026-11-01!': ['pinned'] },
      expired: ['2026-11-03'],
    },
    {
      rule: 'as many more as make minVerified',
      policy: { monthly: 1, minVerified: 3 },
      kept: {
        '2026-11-22': ['newest verified', 'monthly 1'],
        '2026-11-21': ['one of the last 3 verified'],
        '2026-11-20': ['one of the last 3 verified'],
      },
      expired: ['2026-11-19', '2026-11-19T01:00?'],
    },
    {
      rule: 'what is dated in the future, without letting it push out an honest one',
      policy: { daily: 1 },
      kept: { '2031-01-01': ['dated in the future'], '2026-11-22': ['newest verified', 'daily 1'] },
      expired: ['2026-11-21'],
    },
    {
      rule: 'the newest verified even where no tier has a place for anything',
      policy: {},
      kept: { '2026-11-22': ['newest verified'] },
      expired: ['2026-11-21', '2026-11-21T01:00?'],
    },
  ])('$rule', ({ policy, zone = 'UTC', kept, expired }) => {
    const verdicts = planRetention([...expired, ...Object.keys(kept)].map(candidate), policyOf(policy), zone, at('2026-11-22T23:00Z'));
    expect(Object.fromEntries(verdicts.map(({ id, reasons }) => [id, reasons]))).toEqual({
      ...kept,
      ...Object.fromEntries(expired.map((id) => [id, []])),
    });
  });

  it('the same snapshots when it prunes every night as when it prunes once', () => {
    const policy = policyOf({ daily: 7, weekly: 4, monthly: 6, yearly: 2 });
    const nights = Array.from({ length: 800 }, (_, night) => ({
      id: `${night}`,
      createdAtMs: at('2024-06-01T01:17Z') + night * dayMs,
      verified: true,
      pinned: false,
    }));
    let held: RetentionCandidate[] = [];
    for (const night of nights) {
      const all = [...held, night];
      const kept = new Set(keptOf(planRetention(all, policy, 'Europe/Berlin', night.createdAtMs)).map(({ id }) => id));
      held = all.filter(({ id }) => kept.has(id));
    }
    expect(planRetention(held, policy, 'Europe/Berlin', at('2026-08-09T01:17Z'))).toEqual(
      keptOf(planRetention(nights, policy, 'Europe/Berlin', at('2026-08-09T01:17Z'))),
    );
  });
});

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe', 'UTC'] as const;
type Tier = 'daily' | 'weekly' | 'monthly' | 'yearly';
const tiers: readonly Tier[] = ['daily', 'weekly', 'monthly', 'yearly'];

/** Three years, the last days of which lie in the future; the first span holds the day that Apia skipped. */
const span = 3 * 365 * dayMs;
const offset = fc.oneof(fc.integer({ min: 0, max: span }), fc.integer({ min: span - 60 * dayMs, max: span - 20 * dayMs }));
const history = fc.record({
  startMs: fc.constantFrom(at('2010-06-01T00:00Z'), at('2023-05-05T00:00Z')),
  snapshots: fc.array(
    fc.record({
      offset,
      verified: fc.integer({ min: 0, max: 3 }).map((roll) => roll > 0),
      pinned: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
    }),
    {
      maxLength: 70,
    },
  ),
});
const policies = fc.record({
  daily: fc.integer({ min: 0, max: 12 }),
  weekly: fc.integer({ min: 0, max: 8 }),
  monthly: fc.integer({ min: 0, max: 8 }),
  yearly: fc.integer({ min: 0, max: 4 }),
  minVerified: fc.integer({ min: 1, max: 8 }),
});
const cases = fc
  .record({ history, policy: policies, zone: fc.constantFrom(...zones), zoneAfter: fc.constantFrom(...zones) })
  .map(({ history: { startMs, snapshots }, ...rest }) => ({
    ...rest,
    nowMs: startMs + span - 20 * dayMs,
    candidates: snapshots.map(
      ({ offset: afterMs, ...flags }, index): RetentionCandidate => ({ id: `s${index}`, createdAtMs: startMs + afterMs, ...flags }),
    ),
  }));
type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

const newestFirst = (candidates: readonly RetentionCandidate[]) =>
  candidates.toSorted((a, b) => b.createdAtMs - a.createdAtMs || b.id.localeCompare(a.id, 'en'));

/** The period of an instant by other means than the code's: a Swedish date, and the Monday of its week. */
function periodOf(instantMs: number, tier: Tier, zone: string): string {
  const day = new Date(instantMs).toLocaleDateString('sv-SE', { timeZone: zone });
  if (tier !== 'weekly') return day.slice(0, { daily: 10, monthly: 7, yearly: 4 }[tier]);
  const noon = at(`${day}T12:00Z`);
  return new Date(noon - ((new Date(noon).getUTCDay() + 6) % 7) * dayMs).toISOString().slice(0, 10);
}

/** Brute force: the newest of every period, the latest N periods first by their label. */
function representatives(candidates: readonly RetentionCandidate[], tier: Tier, places: number, zone: string): string[] {
  const byPeriod = Map.groupBy(candidates, ({ createdAtMs }) => periodOf(createdAtMs, tier, zone));
  const labels = [...byPeriod.keys()].sort().reverse().slice(0, places);
  return labels.map((label) => newestFirst(byPeriod.get(label) ?? [])[0]?.id ?? '');
}

function chosenFor(tier: Tier, verdicts: readonly RetentionVerdict[]): string[] {
  const places = verdicts.flatMap(({ id, reasons }) =>
    reasons.filter((reason) => reason.startsWith(`${tier} `)).map((reason) => ({ id, rank: Number(reason.slice(tier.length + 1)) })),
  );
  return places.toSorted((a, b) => a.rank - b.rank).map(({ id }) => id);
}

const planOf = ({ candidates, policy, zone, nowMs }: Case) => planRetention(candidates, policy, zone, nowMs);
const outsideTiers = /^(pinned|dated in the future|one of the last \d+ verified)$/;

/** What must hold of any plan: checked in one zone, and again after the job moved to another. */
function expectSafe(candidates: readonly RetentionCandidate[], verdicts: readonly RetentionVerdict[], policy: RetentionPolicy): void {
  const kept = new Map(keptOf(verdicts).map(({ id, reasons }) => [id, reasons]));
  const verified = newestFirst(candidates.filter((one) => one.verified));
  const verifiedKept = verified.filter(({ id }) => kept.has(id));
  const bound = policy.daily + policy.weekly + policy.monthly + policy.yearly + 1;

  expect(verifiedKept[0]).toEqual(verified[0]);
  expect(candidates.filter(({ id, pinned }) => pinned && !kept.has(id))).toEqual([]);
  expect(verifiedKept.length).toBeGreaterThanOrEqual(Math.min(policy.minVerified, verified.length));
  expect(verifiedKept.filter(({ id }) => !kept.get(id)?.some((reason) => outsideTiers.test(reason))).length).toBeLessThanOrEqual(bound);
}

const runs = { numRuns: 400 };

describe('for any history, zone and policy, planRetention', () => {
  it('keeps the newest verified, all pinned ones and minVerified, and no more than the tiers have places for', () => {
    fc.assert(
      fc.property(cases, (some) => expectSafe(some.candidates, planOf(some), some.policy)),
      runs,
    );
  });

  it('keeps the newest verified snapshot that is not dated in the future', () => {
    fc.assert(
      fc.property(cases, (some) => {
        // A clock may be ahead by a day: until then a snapshot counts as one of now.
        const isPresent = ({ createdAtMs }: RetentionCandidate) => createdAtMs <= some.nowMs + dayMs;
        const newest = newestFirst(some.candidates.filter((candidate) => candidate.verified && isPresent(candidate)))[0];
        const kept = keptOf(planOf(some)).map(({ id }) => id);
        if (newest) expect(kept).toContain(newest.id);
        else expect(kept).toEqual(expect.arrayContaining(some.candidates.filter(({ verified }) => !verified).map(({ id }) => id)));
      }),
      runs,
    );
  });

  it('fills each tier with the newest verified of the latest periods, as a brute-force model does', () => {
    fc.assert(
      fc.property(cases, (some) => {
        const eligible = some.candidates.filter(({ verified, createdAtMs }) => verified && createdAtMs <= some.nowMs + dayMs);
        const verdicts = planOf(some);
        expect(tiers.map((tier) => chosenFor(tier, verdicts))).toEqual(
          tiers.map((tier) => representatives(eligible, tier, some.policy[tier], some.zone)),
        );
      }),
      runs,
    );
  });

  it('keeps of the unverified those that would have had a place, the pinned and the future ones, and no other', () => {
    fc.assert(
      fc.property(cases, (some) => {
        const present = some.candidates.filter(({ createdAtMs }) => createdAtMs <= some.nowMs + dayMs);
        const wanted = new Set(tiers.flatMap((tier) => representatives(present, tier, some.policy[tier], some.zone)));
        const stays = (one: RetentionCandidate) =>
          one.pinned || !present.includes(one) || wanted.has(one.id) || !present.some(({ verified }) => verified);
        const kept = new Set(keptOf(planOf(some)).map(({ id }) => id));
        expect(some.candidates.filter(({ id, verified }) => !verified && kept.has(id))).toEqual(
          some.candidates.filter((one) => !one.verified && stays(one)),
        );
      }),
      runs,
    );
  });

  it('keeps all of what it kept when it plans again', () => {
    fc.assert(
      fc.property(cases, (some) => {
        const kept = new Set(keptOf(planOf(some)).map(({ id }) => id));
        const again = planOf({ ...some, candidates: some.candidates.filter(({ id }) => kept.has(id)) });
        expect(again.filter(({ reasons }) => reasons.length === 0)).toEqual([]);
      }),
      runs,
    );
  });

  it('stays safe when the job moves to another zone', () => {
    fc.assert(
      fc.property(cases, (some) => {
        const kept = new Set(keptOf(planOf(some)).map(({ id }) => id));
        const held = some.candidates.filter(({ id }) => kept.has(id));
        expectSafe(held, planRetention(held, some.policy, some.zoneAfter, some.nowMs), some.policy);
      }),
      runs,
    );
  });

  it('does not care for the order of its input, and answers newest first with every snapshot once', () => {
    const shuffled = cases.chain((some) =>
      fc.tuple(fc.constant(some), fc.shuffledSubarray(some.candidates, { minLength: some.candidates.length })),
    );
    fc.assert(
      fc.property(shuffled, ([some, candidates]) => {
        const verdicts = planOf(some);
        expect(planOf({ ...some, candidates })).toEqual(verdicts);
        expect(verdicts.map(({ createdAtMs }) => createdAtMs)).toEqual(
          some.candidates.map(({ createdAtMs }) => createdAtMs).sort((a, b) => b - a),
        );
        expect(new Set(verdicts.map(({ id }) => id)).size).toBe(some.candidates.length);
      }),
      runs,
    );
  });
});
