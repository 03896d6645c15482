import type { RetentionPolicy } from './model.ts';
import { planRetention, type RetentionCandidate, type RetentionVerdict } from './retention.ts';
import { nextSlot, type Schedule, slotsBetween } from './schedule.ts';

/** What a policy comes to after a year, if every run until then succeeds. */
export interface RetentionForecast {
  readonly atMs: number;
  /** What stays then, newest first, each with its reasons. */
  readonly kept: readonly RetentionVerdict[];
}

const dayMs = 86_400_000;
/** No day of any zone is shorter. */
const shortestDayMs = 22 * 3_600_000;
const forecastDays = 365;

/**
 * Lets a year of runs pass and asks what of them, and of what is there already, would stay. Only the last run of a day is looked at, since
 * no policy keeps another one of it but on the last day. Pure. Throws for a schedule that cannot be read.
 */
export function forecastRetention(
  schedule: Schedule,
  policy: RetentionPolicy,
  present: readonly RetentionCandidate[],
  nowMs: number,
): RetentionForecast {
  const atMs = nowMs + forecastDays * dayMs;
  const runs = yearOfRuns(schedule, nowMs, atMs);
  const made = runs.map((createdAtMs) => ({ id: `run-${createdAtMs}`, createdAtMs, verified: true, pinned: false }));
  const kept = planRetention([...present, ...made], policy, schedule.zone, atMs).filter(({ reasons }) => reasons.length > 0);
  return { atMs, kept };
}

/** A run of each day, which stands for its last, and every one of the last day. */
function yearOfRuns(schedule: Schedule, fromMs: number, toMs: number): number[] {
  const runs: number[] = [];
  const lastDayMs = toMs - dayMs;
  for (let at = nextSlot(schedule, fromMs); at !== null && at <= lastDayMs; at = nextSlot(schedule, at + shortestDayMs)) runs.push(at);
  return [...runs, ...slotsBetween(schedule, lastDayMs, toMs)];
}

/** `30 days and 12 months`: what a policy keeps, for people. Pure. */
export function describePolicy(policy: RetentionPolicy): string {
  const tiers = [
    ['day', policy.daily],
    ['week', policy.weekly],
    ['month', policy.monthly],
    ['year', policy.yearly],
  ] as const;
  const parts = tiers.filter(([, count]) => count > 0).map(([unit, count]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
