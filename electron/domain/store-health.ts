import { drillPlaces, weighDrills } from './drill.ts';
import type { HealthFinding } from './finding.ts';
import type { GitItem, StoreRecord } from './git-item.ts';
import { conclude, finding, isStale, type JobEvidence, type JobHealth, noEvidence, staleAtMs } from './health.ts';
import type { GitJob, Run } from './model.ts';
import { isPaused } from './pause.ts';
import { nextSlot } from './schedule.ts';
import { formatDuration } from './units.ts';

/** What is known of a git store's backup. */
export interface StoreEvidence {
  readonly record: StoreRecord;
  /** Every item that is not safe, those that were asked for first in front. */
  readonly unfinished: readonly GitItem[];
  /** The run that was started last. */
  readonly lastRun?: Run | undefined;
  /** What is known of it beside; nothing by default. */
  readonly more?: JobEvidence;
}

/** What waits longer than this was not taken up by anybody. */
const longWaitMs = 3_600_000;

/** Judges a git job by evidence: what the remote answered, and which items are not safe. Pure. */
export function assessStore(
  job: GitJob,
  { lastRun, more = noEvidence, record, unfinished }: StoreEvidence,
  staleHours: number,
  nowMs: number,
): JobHealth {
  const isOn = job.source.enabled && !isPaused(job, nowMs);
  const findings = job.source.enabled
    ? [
        ...repositoryFindings(job, record),
        ...itemFindings(unfinished, record),
        ...waitingFindings(job, unfinished, nowMs),
        ...ageFindings(job, record, staleHours, nowMs),
      ]
    : [];
  const [place = job.source.path] = drillPlaces(job);
  const { safeAtMs } = record;
  const staleMs = safeAtMs === null ? null : staleAtMs(job, safeAtMs, staleHours);
  const drill = weighDrills(place, more.drills);
  const places = [{ place, lastVerifiedMs: safeAtMs, staleAtMs: staleMs, drill, space: null, account: null }];
  const unpushed = job.source.push && job.source.enabled ? unfinished.map(({ item }) => item) : [];
  // Nobody is told anything of a store that is switched off.
  const known = job.source.enabled ? more : noEvidence;
  const nextMs = isOn ? nextSlot(job.schedule, nowMs) : null;
  return conclude(job, { findings, places, lastGoodMs: record.safeAtMs, nextMs, lastRun, unpushed, more: known, nowMs });
}

function repositoryFindings({ source }: GitJob, { problem, proof, safeAtMs }: StoreRecord): HealthFinding[] {
  if (problem !== null) {
    const kind = problem.code === 'git-auth' ? 'sign-in' : 'run-failed';
    return [finding(kind, problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`, problem.code)];
  }
  const isLocal = source.push && proof === null && safeAtMs !== null;
  return isLocal ? [finding('warning', `there is no remote ${source.remote} yet: the commits are only on this machine`)] : [];
}

function itemFindings(unfinished: readonly GitItem[], { problem }: StoreRecord): HealthFinding[] {
  const failed = unfinished.filter(({ lastError, state }) => state === 'failed' && (!problem || lastError?.message !== problem.message));
  const [first] = failed;
  if (first === undefined) return [];
  const count = failed.length === 1 ? 'one item is' : `${failed.length} items are`;
  return [
    finding(
      'run-failed',
      `${count} not backed up; ${first.item}: ${first.lastError?.message ?? 'no reason was recorded'}`,
      first.lastError?.code,
    ),
  ];
}

function waitingFindings(job: GitJob, unfinished: readonly GitItem[], nowMs: number): HealthFinding[] {
  const waiting = unfinished.filter(({ state }) => state === 'pending' || state === 'queued');
  const [oldest] = waiting;
  if (isPaused(job, nowMs) || oldest === undefined || nowMs - oldest.updatedAtMs < longWaitMs) return [];
  const count = waiting.length === 1 ? 'one item has' : `${waiting.length} items have`;
  const forHowLong = formatDuration(nowMs - oldest.updatedAtMs);
  return [finding('warning', `${count} been waiting for ${forHowLong}: nightjar backup takes them up`)];
}

function ageFindings(job: GitJob, { safeAtMs }: StoreRecord, staleHours: number, nowMs: number): HealthFinding[] {
  if (safeAtMs === null) return [finding('stale', 'no backup of it yet')];
  if (!isStale(job, safeAtMs, staleHours, nowMs)) return [];
  return [finding('stale', `not looked at as a whole for ${formatDuration(nowMs - safeAtMs)}`)];
}
