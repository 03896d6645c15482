import type { ErrorFacts } from './errors.ts';
import type { Job, Run } from './model.ts';
import { isPaused } from './pause.ts';
import { nextSlot } from './schedule.ts';

/** What is known of a job's snapshots at one destination. */
export interface DestinationEvidence {
  readonly destination: string;
  /** Creation of the newest snapshot whose copy there was proven. */
  readonly lastVerifiedMs: number | null;
  /** Copies whose last proof failed, or that are gone. */
  readonly bad: readonly { readonly objectName: string; readonly message: string }[];
  /** Why the account could not be used the last time; `null` where it could, or where there is none. */
  readonly account: ErrorFacts | null;
  /** When the sign-in ends by itself; `null` where it does not. */
  readonly signInEndsAtMs: number | null;
  /** Snapshots whose upload was cut short. */
  readonly unsent: readonly string[];
}

export interface JobHealth {
  readonly job: string;
  /** Creation of the newest snapshot that is verified at any destination. */
  readonly lastGoodMs: number | null;
  readonly nextMs: number | null;
  readonly healthy: boolean;
  /** One sentence each, the worst first. */
  readonly problems: readonly string[];
}

/** Judges a job by evidence, not by the last message: red beats green (S1-104). Pure. */
export function assessJob(
  job: Job,
  evidence: readonly DestinationEvidence[],
  lastRun: Run | undefined,
  staleHours: number,
  nowMs: number,
): JobHealth {
  const problems = [
    ...evidence.flatMap((each) => accountProblem(each, nowMs)),
    ...evidence.flatMap(({ bad, destination }) =>
      bad.map(({ message, objectName }) => `${objectName} at ${destination} is not restorable: ${message}`),
    ),
    ...evidence.flatMap(({ destination, lastVerifiedMs }) => staleness(job, destination, lastVerifiedMs, staleHours, nowMs) ?? []),
    ...evidence.flatMap(unsentProblems),
    ...runProblem(lastRun),
  ];
  const verified = evidence.flatMap(({ lastVerifiedMs }) => lastVerifiedMs ?? []);
  return {
    job: job.name,
    lastGoodMs: verified.length === 0 ? null : Math.max(...verified),
    nextMs: isPaused(job, nowMs) ? null : nextSlot(job.schedule, nowMs),
    healthy: problems.length === 0,
    problems,
  };
}

/** A sign-in that is about to end is told while the next nights still work. */
const signInWarningMs = 48 * 3_600_000;

function accountProblem({ account, destination, signInEndsAtMs }: DestinationEvidence, nowMs: number): string[] {
  if (account === null) {
    const isEnding = signInEndsAtMs !== null && signInEndsAtMs - nowMs < signInWarningMs;
    return isEnding
      ? [`sign in again: the sign-in of ${destination} ends in less than two days (nightjar destination sign-in ${destination})`]
      : [];
  }
  return [account.hint === undefined ? account.message : `${account.message} (${account.hint})`];
}

function unsentProblems({ destination, unsent }: DestinationEvidence): string[] {
  return unsent.map(
    (name) => `the upload of ${name} to ${destination} was cut short: it goes on with the next run, or with: nightjar send`,
  );
}

function runProblem(lastRun: Run | undefined): string[] {
  if (lastRun?.status !== 'failed' && lastRun?.status !== 'interrupted') return [];
  const how = lastRun.status === 'failed' ? 'failed' : 'was interrupted';
  return [`the last run ${how}: ${lastRun.error?.message ?? 'no reason was recorded'}`];
}

function staleness(job: Job, destination: string, lastVerifiedMs: number | null, staleHours: number, nowMs: number): string | null {
  if (lastVerifiedMs === null) return `no verified snapshot at ${destination} yet`;
  if (!isStale(job, lastVerifiedMs, staleHours, nowMs)) return null;
  const hours = Math.floor((nowMs - lastVerifiedMs) / 3_600_000);
  return `no verified snapshot at ${destination} for ${hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`}`;
}

/** True where a job that is not paused was last good longer ago than it may be. A weekly job is not late after two days. */
export function isStale(
  job: Pick<Job, 'paused' | 'pausedUntil' | 'schedule'>,
  lastGoodMs: number,
  staleHours: number,
  nowMs: number,
): boolean {
  const hours = Math.floor((nowMs - lastGoodMs) / 3_600_000);
  return !isPaused(job, nowMs) && hours >= Math.max(staleHours, 1.5 * hoursBetweenSlots(job, lastGoodMs));
}

function hoursBetweenSlots({ schedule }: Pick<Job, 'schedule'>, afterMs: number): number {
  const first = nextSlot(schedule, afterMs);
  const second = first === null ? null : nextSlot(schedule, first);
  return first === null || second === null ? 0 : (second - first) / 3_600_000;
}
