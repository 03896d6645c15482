import type { GitItem, StoreRecord } from './git-item.ts';
import { isStale, type JobHealth } from './health.ts';
import type { GitJob } from './model.ts';
import { isPaused } from './pause.ts';
import { nextSlot } from './schedule.ts';
import { formatDuration } from './units.ts';

/** What is known of a git store's backup. */
export interface StoreEvidence {
  readonly record: StoreRecord;
  /** Every item that is not safe, those that were asked for first in front. */
  readonly unfinished: readonly GitItem[];
}

/** What waits longer than this was not taken up by anybody. */
const longWaitMs = 3_600_000;

/** Judges a git job by evidence: what the remote answered, and which items are not safe. Pure. */
export function assessStore(job: GitJob, { record, unfinished }: StoreEvidence, staleHours: number, nowMs: number): JobHealth {
  const isOn = job.source.enabled && !isPaused(job, nowMs);
  const problems = job.source.enabled
    ? [
        ...repositoryProblems(job, record),
        ...itemProblems(unfinished, record),
        ...waitingProblems(job, unfinished, nowMs),
        ...ageProblems(job, record, staleHours, nowMs),
      ]
    : [];
  return {
    job: job.name,
    lastGoodMs: record.safeAtMs,
    nextMs: isOn ? nextSlot(job.schedule, nowMs) : null,
    healthy: problems.length === 0,
    problems,
  };
}

function repositoryProblems({ source }: GitJob, { problem, proof, safeAtMs }: StoreRecord): string[] {
  if (problem !== null) return [problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`];
  const isLocal = source.push && proof === null && safeAtMs !== null;
  return isLocal ? [`there is no remote ${source.remote} yet: the commits are only on this machine`] : [];
}

function itemProblems(unfinished: readonly GitItem[], { problem }: StoreRecord): string[] {
  const failed = unfinished.filter(({ lastError, state }) => state === 'failed' && (!problem || lastError?.message !== problem.message));
  const [first] = failed;
  if (first === undefined) return [];
  const count = failed.length === 1 ? 'one item is' : `${failed.length} items are`;
  return [`${count} not backed up; ${first.item}: ${first.lastError?.message ?? 'no reason was recorded'}`];
}

function waitingProblems(job: GitJob, unfinished: readonly GitItem[], nowMs: number): string[] {
  const waiting = unfinished.filter(({ state }) => state === 'pending' || state === 'queued');
  const [oldest] = waiting;
  if (isPaused(job, nowMs) || oldest === undefined || nowMs - oldest.updatedAtMs < longWaitMs) return [];
  const count = waiting.length === 1 ? 'one item has' : `${waiting.length} items have`;
  return [`${count} been waiting for ${formatDuration(nowMs - oldest.updatedAtMs)}: nightjar backup takes them up`];
}

function ageProblems(job: GitJob, { safeAtMs }: StoreRecord, staleHours: number, nowMs: number): string[] {
  if (safeAtMs === null) return ['no backup of it yet'];
  if (!isStale(job, safeAtMs, staleHours, nowMs)) return [];
  return [`not looked at as a whole for ${formatDuration(nowMs - safeAtMs)}`];
}
