import type { Job, Run } from './model.ts';
import { nextSlot } from './schedule.ts';

/** What is known of a job's snapshots at one destination. */
export interface DestinationEvidence {
  readonly destination: string;
  /** Creation of the newest snapshot whose copy there was proven. */
  readonly lastVerifiedMs: number | null;
  /** Copies whose last proof failed, or that are gone. */
  readonly bad: readonly { readonly objectName: string; readonly message: string }[];
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
  const problems: string[] = [];
  for (const { destination, bad } of evidence) {
    for (const { objectName, message } of bad) problems.push(`${objectName} at ${destination} is not restorable: ${message}`);
  }
  for (const { destination, lastVerifiedMs } of evidence) {
    const problem = staleness(job, destination, lastVerifiedMs, staleHours, nowMs);
    if (problem !== null) problems.push(problem);
  }
  if (lastRun && (lastRun.status === 'failed' || lastRun.status === 'interrupted')) {
    problems.push(
      `the last run ${lastRun.status === 'failed' ? 'failed' : 'was interrupted'}: ${lastRun.error?.message ?? 'no reason was recorded'}`,
    );
  }
  const verified = evidence.flatMap(({ lastVerifiedMs }) => lastVerifiedMs ?? []);
  return {
    job: job.name,
    lastGoodMs: verified.length === 0 ? null : Math.max(...verified),
    nextMs: job.paused ? null : nextSlot(job.schedule, nowMs),
    healthy: problems.length === 0,
    problems,
  };
}

function staleness(job: Job, destination: string, lastVerifiedMs: number | null, staleHours: number, nowMs: number): string | null {
  if (lastVerifiedMs === null) return `no verified snapshot at ${destination} yet`;
  const hours = Math.floor((nowMs - lastVerifiedMs) / 3_600_000);
  if (job.paused || hours < Math.max(staleHours, 1.5 * hoursBetweenSlots(job, lastVerifiedMs))) return null;
  return `no verified snapshot at ${destination} for ${hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`}`;
}

/** A weekly job is not late after two days. */
function hoursBetweenSlots({ schedule }: Job, afterMs: number): number {
  const first = nextSlot(schedule, afterMs);
  const second = first === null ? null : nextSlot(schedule, first);
  return first === null || second === null ? 0 : (second - first) / 3_600_000;
}
