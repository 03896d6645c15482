import type { Anomaly } from './anomaly.ts';
import { type DatedAhead, unlessAhead } from './dated-ahead.ts';
import { type Drill, type DrillEvidence, drillPlaces, lastProvenMs, unprovenSinceMs, weighDrills } from './drill.ts';
import type { ErrorFacts } from './errors.ts';
import { type HealthFinding, type HealthState, loudestFirst, stateOf } from './finding.ts';
import type { Job, Run, RunStatus } from './model.ts';
import { isPaused } from './pause.ts';
import { nextSlot } from './schedule.ts';
import type { SpaceForecast } from './space-forecast.ts';
import { localTime } from './zoned-time.ts';

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

/** What is known of a job beside its snapshots and runs. */
export interface JobEvidence {
  /** Newest first. */
  readonly drills: readonly Drill[];
  /** What shrank and nobody has acknowledged, oldest first. */
  readonly anomalies: readonly Anomaly[];
  readonly space: readonly SpaceForecast[];
  /** Slots of the schedule that passed without a run; missing where no ledger is kept. */
  readonly missedSlots?: number;
  /** What was dated by a clock that was ahead, the weightiest first; missing where nothing was. */
  readonly ahead?: readonly DatedAhead[];
}

/** Nothing is known yet. */
export const noEvidence: JobEvidence = { drills: [], anomalies: [], space: [] };

/** One place of a job with what was proven there. */
export interface PlaceHealth {
  readonly place: string;
  /** Creation of the newest snapshot whose copy there was proven; for a store, when all of it was last safe. */
  readonly lastVerifiedMs: number | null;
  /** From when on that is longer ago than it may be. */
  readonly staleAtMs: number | null;
  readonly drill: DrillEvidence;
  /** `null` where nothing is known of its room. */
  readonly space: SpaceForecast | null;
  /** Why the account there cannot be used; `null` where it can, or where there is none. */
  readonly account: ErrorFacts | null;
}

export interface JobHealth {
  readonly job: string;
  readonly state: HealthState;
  /** Creation of the newest snapshot that is verified at any destination. */
  readonly lastGoodMs: number | null;
  readonly nextMs: number | null;
  readonly healthy: boolean;
  /** One sentence each, the worst first. */
  readonly problems: readonly string[];
  /** The same with what kind each is of. */
  readonly findings: readonly HealthFinding[];
  /** Where the job's snapshots are. */
  readonly places: readonly PlaceHealth[];
  /** When everything was last brought back in full, from every place. */
  readonly lastProvenMs: number | null;
  /** What its snapshots have lost, one sentence each, until that is acknowledged. */
  readonly losses: readonly string[];
  /** Items of a store that are not safe at its remote. */
  readonly unpushed: readonly string[];
  readonly missedSlots: number | null;
  /** The run that was started last; `null` where there was none. */
  readonly lastRun: { readonly id: string; readonly status: RunStatus; readonly atMs: number } | null;
  /** Where snapshots are staged. */
  readonly staging: SpaceForecast | null;
}

/** Judges a job by evidence, not by the last message: red beats green (S1-104). Pure. */
export function assessJob(
  job: Job,
  evidence: readonly DestinationEvidence[],
  lastRun: Run | undefined,
  staleHours: number,
  nowMs: number,
  more: JobEvidence = noEvidence,
): JobHealth {
  const verified = evidence.flatMap(({ lastVerifiedMs }) => lastVerifiedMs ?? []);
  const lastGoodMs = verified.length === 0 ? null : Math.max(...unlessAhead(verified, (atMs) => atMs, nowMs));
  const findings = [
    ...evidence.flatMap((each) => accountFindings(each, nowMs)),
    ...evidence.flatMap(({ bad, destination }) =>
      bad.map(({ message, objectName }) =>
        finding('verify-failed', `${objectName} at ${destination} is not restorable: ${message}`, `${destination} ${objectName}`),
      ),
    ),
    ...evidence.flatMap(({ destination, lastVerifiedMs }) => staleness(job, destination, lastVerifiedMs, staleHours, nowMs)),
    ...evidence.flatMap(unsentFindings),
    ...evidence.flatMap((each) => laggingFindings(job, each, lastGoodMs, staleHours, nowMs)),
    ...runFindings(lastRun),
    ...lossFindings(job, more.anomalies),
  ];
  const places = evidence.map(({ account, destination: place, lastVerifiedMs }) => ({
    ...{ place, lastVerifiedMs, account },
    staleAtMs: lastVerifiedMs === null ? null : staleAtMs(job, lastVerifiedMs, staleHours),
    drill: weighDrills(place, more.drills),
    space: more.space.find((forecast) => forecast.place === place) ?? null,
  }));
  const nextMs = isPaused(job, nowMs) ? null : nextSlot(job.schedule, nowMs);
  return conclude(job, { findings, places, lastGoodMs, nextMs, lastRun, more, nowMs });
}

/** What an assessment has found before it is judged. */
export interface Assessed extends Pick<JobHealth, 'findings' | 'places' | 'lastGoodMs' | 'nextMs'> {
  readonly lastRun: Run | undefined;
  readonly unpushed?: readonly string[];
  readonly more: JobEvidence;
  readonly nowMs: number;
}

/** Adds what drills and free space say, which is the same for every kind of job, and judges all of it. Pure. */
export function conclude(job: Job, { lastRun, more, nowMs, unpushed = [], ...assessed }: Assessed): JobHealth {
  const staging = more.space.find(({ place }) => place === '') ?? null;
  const drills = drillPlaces(job).map((place) => weighDrills(place, more.drills));
  const findings = loudestFirst([
    ...assessed.findings,
    ...drills.flatMap((each) => drillFindings(job, each, unprovenSinceMs(each.place, more.drills), nowMs)),
    ...more.space.flatMap(spaceFindings),
    ...aheadFindings(job, more.ahead ?? []),
  ]);
  return {
    ...assessed,
    job: job.name,
    state: stateOf(findings, { isRunning: lastRun?.status === 'running', isPaused: assessed.nextMs === null }),
    findings,
    healthy: findings.length === 0,
    problems: findings.map(({ message }) => message),
    lastProvenMs: lastProvenMs(job, more.drills),
    losses: more.anomalies.flatMap(({ losses }) => losses),
    unpushed,
    missedSlots: more.missedSlots ?? null,
    lastRun: lastRun ? { id: lastRun.id, status: lastRun.status, atMs: lastRun.startedAtMs } : null,
    staging,
  };
}

/** One finding. */
export function finding(kind: HealthFinding['kind'], message: string, about = ''): HealthFinding {
  return { kind, message, about };
}

function drillFindings({ drill }: Job, { last, place, postponed }: DrillEvidence, sinceMs: number | null, nowMs: number): HealthFinding[] {
  if (last?.outcome === 'failed')
    return [finding('drill-failed', `the drill of ${place} failed: ${last.message}`, `${place} ${last.code}`)];
  const isLate = postponed !== null && sinceMs !== null && nowMs - sinceMs > lateDrillMs[drill];
  return isLate ? [finding('warning', `${place} was not proven for ${formatDays(nowMs - sinceMs)}: ${postponed}`)] : [];
}

/** A drill that is put off for longer than two of its turns is told. */
const lateDrillMs = { weekly: 15 * 86_400_000, monthly: 70 * 86_400_000, off: Number.POSITIVE_INFINITY };

function spaceFindings({ daysLeft, place }: SpaceForecast): HealthFinding[] {
  if (daysLeft === null || daysLeft >= spaceWarningDays) return [];
  const when = daysLeft === 0 ? 'in less than a day' : `in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`;
  return [finding('warning', `${place === '' ? 'the disk that snapshots are staged on' : place} is full ${when}, as it has filled lately`)];
}

/** While there is time to do something about it. */
const spaceWarningDays = 7;

/** One is enough: a run, its snapshot and its drill were dated by the same clock. */
function aheadFindings({ schedule }: Job, [first]: readonly DatedAhead[]): HealthFinding[] {
  if (first === undefined) return [];
  return [finding('warning', `the clock was ahead when ${first.what}: it is dated ${dayAndTime(first.atMs, schedule.zone)}`)];
}

/** `2026-11-26 03:17` in a zone. */
function dayAndTime(atMs: number, zone: string): string {
  const { day, time } = localTime(atMs, zone);
  return `${day} ${time.slice(0, 2)}:${time.slice(2, 4)}`;
}

function lossFindings({ name, schedule }: Job, anomalies: readonly Anomaly[]): HealthFinding[] {
  const [first] = anomalies;
  const losses = anomalies.at(-1)?.losses ?? [];
  if (first === undefined) return [];
  const since = localTime(first.foundAtMs, schedule.zone).day;
  return [
    finding(
      'shrunk',
      `it shrank on ${since}: ${losses.join(', ')} (if that was meant: nightjar job acknowledge ${name})`,
      first.snapshotId,
    ),
  ];
}

/** A sign-in that is about to end is told while the next nights still work. */
const signInWarningMs = 48 * 3_600_000;

function accountFindings({ account, destination, signInEndsAtMs }: DestinationEvidence, nowMs: number): HealthFinding[] {
  if (account !== null) {
    const message = account.hint === undefined ? account.message : `${account.message} (${account.hint})`;
    return [finding('sign-in', message, `${destination} ${account.code}`)];
  }
  const isEnding = signInEndsAtMs !== null && signInEndsAtMs - nowMs < signInWarningMs;
  if (!isEnding) return [];
  const how = `nightjar destination sign-in ${destination}`;
  return [finding('warning', `sign in again: the sign-in of ${destination} ends in less than two days (${how})`)];
}

function unsentFindings({ destination, unsent }: DestinationEvidence): HealthFinding[] {
  return unsent.map((name) =>
    finding('warning', `the upload of ${name} to ${destination} was cut short: it goes on with the next run, or with: nightjar send`),
  );
}

/**
 * A destination that is behind another one, though it is not late yet. What is already said of it in other words, is on its way there, or
 * is of a job that is paused is not said again; one that never had a snapshot is stale.
 */
function laggingFindings(
  job: Job,
  { account, bad, destination, lastVerifiedMs, unsent }: DestinationEvidence,
  newestMs: number | null,
  staleHours: number,
  nowMs: number,
): HealthFinding[] {
  const isBehind = lastVerifiedMs !== null && newestMs !== null && lastVerifiedMs < newestMs;
  if (!isBehind || isPaused(job, nowMs) || isStale(job, lastVerifiedMs, staleHours, nowMs)) return [];
  if (account !== null || bad.length > 0 || unsent.length > 0) return [];
  const last = `its last verified one is of ${dayAndTime(lastVerifiedMs, job.schedule.zone)}`;
  const remedy = `see that it is there and has room, then back up again (nightjar backup ${job.name})`;
  return [finding('warning', `${destination} missed the newest snapshot: ${last}; ${remedy}`, destination)];
}

function runFindings(lastRun: Run | undefined): HealthFinding[] {
  if (lastRun?.status !== 'failed' && lastRun?.status !== 'interrupted') return [];
  const how = lastRun.status === 'failed' ? 'failed' : 'was interrupted';
  return [
    finding(
      'run-failed',
      `the last run ${how}: ${lastRun.error?.message ?? 'no reason was recorded'}`,
      lastRun.error?.code ?? lastRun.status,
    ),
  ];
}

function staleness(job: Job, destination: string, lastVerifiedMs: number | null, staleHours: number, nowMs: number): HealthFinding[] {
  if (lastVerifiedMs === null) return [finding('stale', `no verified snapshot at ${destination} yet`, destination)];
  if (!isStale(job, lastVerifiedMs, staleHours, nowMs)) return [];
  return [finding('stale', `no verified snapshot at ${destination} for ${formatDays(nowMs - lastVerifiedMs)}`, destination)];
}

/** `71 hours`, and from three days on `3 days`. */
function formatDays(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  return hours < 72 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}

/**
 * True where a job that is not paused was last good longer ago than it may be. A weekly job is not late after two days, nor is one for
 * weekdays on a Sunday.
 */
export function isStale(
  job: Pick<Job, 'paused' | 'pausedUntil' | 'schedule'>,
  lastGoodMs: number,
  staleHours: number,
  nowMs: number,
): boolean {
  return !isPaused(job, nowMs) && nowMs >= staleAtMs(job, lastGoodMs, staleHours);
}

/** The instant from which on a job that was last good then is late: half of the way from the next slot, which did not help, to the one after. */
export function staleAtMs({ schedule }: Pick<Job, 'schedule'>, lastGoodMs: number, staleHours: number): number {
  const atLeastMs = lastGoodMs + staleHours * 3_600_000;
  const first = nextSlot(schedule, lastGoodMs);
  const second = first === null ? null : nextSlot(schedule, first);
  return first === null || second === null ? atLeastMs : Math.max(atLeastMs, first + (second - first) / 2);
}
