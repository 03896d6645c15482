import type { RetentionPolicy } from './model.ts';
import { isoWeek, localTime } from './zoned-time.ts';

/** What retention needs to know of a snapshot at one destination. */
export interface RetentionCandidate {
  readonly id: string;
  readonly createdAtMs: number;
  /** The digest of the copy at this destination was proven, and no later proof failed. */
  readonly verified: boolean;
  readonly pinned: boolean;
  /** Of a delta: the full that it cannot be restored without. */
  readonly base?: string;
}

/** A snapshot and every reason it has to stay; none means that it is expired. */
export interface RetentionVerdict {
  readonly id: string;
  readonly createdAtMs: number;
  readonly reasons: readonly string[];
}

type Tier = 'daily' | 'weekly' | 'monthly' | 'yearly';
const tiers: readonly Tier[] = ['daily', 'weekly', 'monthly', 'yearly'];

/** A clock that was wrong once must not push out honest snapshots, so what is dated later than this past now stays aside. */
const futureToleranceMs = 86_400_000;

/**
 * Decides which snapshots at one destination stay (S1-73 to S1-81). Pure; newest first in the answer.
 *
 * - Of each of the latest N days, weeks, months and years that have a verified snapshot, in the zone given, the newest stays.
 * - Only verified snapshots fill a tier. One that is not verified stays beside them while it would have filled a place.
 * - The newest verified snapshot, pinned ones, and as many more as make `minVerified` verified ones always stay.
 * - A full stays as long as any delta on it does (issue 7).
 */
export function planRetention(
  candidates: readonly RetentionCandidate[],
  policy: RetentionPolicy,
  zone: string,
  nowMs: number,
): RetentionVerdict[] {
  const newestFirst = candidates.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const reasons = new Map<string, string[]>(newestFirst.map(({ id }) => [id, []]));
  const keep = (id: string, reason: string) => reasons.get(id)?.push(reason);

  const [future, present] = split(newestFirst, ({ createdAtMs }) => createdAtMs > nowMs + futureToleranceMs);
  const [verified, unverified] = split(present, (candidate) => candidate.verified);

  for (const { id } of future) keep(id, 'dated in the future');
  for (const { id } of newestFirst.filter(({ pinned }) => pinned)) keep(id, 'pinned');
  for (const { id } of verified.slice(0, 1)) keep(id, 'newest verified');
  for (const tier of tiers) {
    for (const { id, rank } of fillTier(verified, tier, policy[tier], zone)) keep(id, `${tier} ${rank}`);
  }
  const wanted = new Set(tiers.flatMap((tier) => fillTier(present, tier, policy[tier], zone).map(({ id }) => id)));
  for (const { id } of unverified.filter((candidate) => wanted.has(candidate.id))) keep(id, 'not verified');
  // Where nothing is verified, nothing may go: there is no good copy that could take the others' place.
  if (verified.length === 0) for (const { id } of unverified) keep(id, 'no verified snapshot yet');
  holdFloor(verified, reasons, policy.minVerified);
  holdBases(newestFirst, reasons);

  return newestFirst.map(({ id, createdAtMs }) => ({ id, createdAtMs, reasons: reasons.get(id) ?? [] }));
}

/** The verdicts while nothing may be decided away: what would have gone stays for the reason given. Pure. */
export function freezeRetention<V extends RetentionVerdict>(verdicts: readonly V[], reason: string): V[] {
  return verdicts.map((verdict) => (verdict.reasons.length > 0 ? verdict : { ...verdict, reasons: [reason] }));
}

/**
 * Of what is expired, the oldest `most`, newest first, so that a delta comes before its base; a base counts as no older than the last
 * expired delta on it, and so never goes while one is left for another time. Pure (S1-81).
 */
export function takeExpired<V extends RetentionVerdict>(
  newestFirst: readonly V[],
  most: number,
  baseOf: (id: string) => string | undefined,
): V[] {
  const expired = newestFirst.filter(({ reasons }) => reasons.length === 0);
  const lastNeeded = new Map<string, number>();
  for (const { createdAtMs, id } of expired.toReversed()) {
    lastNeeded.set(id, createdAtMs);
    const base = baseOf(id);
    if (base !== undefined) lastNeeded.set(base, createdAtMs);
  }
  // Stable: of a base and the last delta on it, which count as equally old, the delta comes first.
  const inTurn = expired.toSorted((a, b) => (lastNeeded.get(a.id) ?? 0) - (lastNeeded.get(b.id) ?? 0));
  const taken = new Set(inTurn.slice(0, most));
  return expired.filter((verdict) => taken.has(verdict));
}

/** The newest snapshot of each of the latest `places` periods of a tier, with its rank from 1. */
function fillTier(newestFirst: readonly RetentionCandidate[], tier: Tier, places: number, zone: string): { id: string; rank: number }[] {
  const filled = new Set<string>();
  const chosen: { id: string; rank: number }[] = [];
  for (const { id, createdAtMs } of newestFirst) {
    if (filled.size >= places) break;
    const period = periodOf(createdAtMs, tier, zone);
    if (filled.has(period)) continue;
    filled.add(period);
    chosen.push({ id, rank: filled.size });
  }
  return chosen;
}

function periodOf(instantMs: number, tier: Tier, zone: string): string {
  const { day } = localTime(instantMs, zone);
  switch (tier) {
    case 'daily':
      return day;
    case 'weekly':
      return isoWeek(day);
    case 'monthly':
      return day.slice(0, 7);
    case 'yearly':
      return day.slice(0, 4);
  }
}

function holdFloor(verified: readonly RetentionCandidate[], reasons: Map<string, string[]>, floor: number): void {
  let kept = verified.filter(({ id }) => reasons.get(id)?.length).length;
  for (const { id } of verified) {
    if (kept >= floor) return;
    const why = reasons.get(id);
    if (!why || why.length > 0) continue;
    why.push(`one of the last ${floor} verified`);
    kept++;
  }
}

function holdBases(candidates: readonly RetentionCandidate[], reasons: Map<string, string[]>): void {
  const needed = new Map<string, number>();
  for (const { base, id } of candidates) {
    if (base !== undefined && reasons.get(id)?.length) needed.set(base, (needed.get(base) ?? 0) + 1);
  }
  for (const [id, deltas] of needed) reasons.get(id)?.push(`base of ${deltas} ${deltas === 1 ? 'delta' : 'deltas'}`);
}

function split<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
