import { formatWhen } from '../../../electron/domain/headline.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import type { NextNeed, VolumeGauge } from '../../../electron/domain/volume-gauge.ts';

/** What a gauge says, and the job whose next run needs the most there. */
export interface VolumeWords {
  readonly sentence: string;
  readonly largest: NextNeed | null;
}

/** The state of a volume with its numbers: enough, tight, or stopped. Pure. */
export function describeVolume(gauge: VolumeGauge, jobs: readonly JobHealth[], nowMs: number, zone: string): VolumeWords {
  const largest = gauge.next.toSorted((a, b) => b.needBytes - a.needBytes)[0] ?? null;
  if (largest === null) return { sentence: '', largest };
  switch (gauge.verdict) {
    case 'ok':
      return { sentence: enough(gauge, largest), largest };
    case 'warn':
      return { sentence: tight(gauge, largest), largest };
    case 'refuse':
      return { sentence: stopped(gauge, largest, jobs, nowMs, zone), largest };
  }
}

/** A year from now says nothing any more. */
const farDays = 366;

/** What people call the volume of a path: the name of a disk that is plugged in, else where it is. Pure. */
export function nameVolume(path: string): string {
  const mounted = /^(?:\/Volumes|\/run\/media\/[^/]+|\/media\/[^/]+)\/([^/]+)/.exec(path)?.[1];
  if (mounted !== undefined) return mounted;
  if (/^\/(?:Users|System|private)(?:\/|$)/.test(path)) return 'Startup disk';
  return /^[A-Za-z]:/.exec(path)?.[0] ?? path;
}

function enough({ daysLeft }: VolumeGauge, { freeAfterBytes, job, needBytes }: NextNeed): string {
  const pace = daysLeft === null || daysLeft > farDays ? '' : ` At the pace of the last runs it is full in about ${days(daysLeft)}.`;
  return `Enough: the next run of ${job} writes up to ${formatBytes(needBytes)} here, and ${formatBytes(freeAfterBytes)} stay free.${pace}`;
}

function tight({ daysLeft, warnFreeBytes }: VolumeGauge, { freeAfterBytes, job }: NextNeed): string {
  if (daysLeft !== null && daysLeft <= farDays) return `Tight: the next run of ${job} fits, the one in about ${days(daysLeft)} will not.`;
  const left = `leaves ${formatBytes(freeAfterBytes)} free, less than the ${formatBytes(warnFreeBytes)} from which on Nightjar warns`;
  return `Tight: the next run of ${job} fits, and ${left}.`;
}

function stopped(
  { freeBytes, path, reserveBytes }: VolumeGauge,
  { job, needBytes }: NextNeed,
  jobs: readonly JobHealth[],
  ...now: Now
): string {
  const health = jobs.find((each) => each.job === job);
  const reserve = reserveBytes === 0 ? '' : `, of which ${formatBytes(Math.min(reserveBytes, freeBytes))} are kept in reserve`;
  const room = `it needs ${formatBytes(needBytes)} on ${nameVolume(path)}, ${formatBytes(freeBytes)} are free${reserve}`;
  const good = health?.lastGoodMs;
  const last =
    good === null || good === undefined ? 'there is no good backup of it yet' : `the last good backup is from ${formatWhen(good, ...now)}`;
  return `${whichRun(health, job, ...now)}: ${room}. Nothing was changed; ${last}.`;
}

type Now = [nowMs: number, zone: string];

/** A run that has not started for want of room is told by its time. */
function whichRun(health: JobHealth | undefined, job: string, ...now: Now): string {
  const isStopped = health?.findings.some(({ about, kind }) => kind === 'run-failed' && about === 'disk-space-low') ?? false;
  if (!isStopped || !health?.lastRun) return `The next run of ${job} will not start`;
  return `The run of ${job} at ${formatWhen(health.lastRun.atMs, ...now)} did not start`;
}

function days(count: number): string {
  return count === 1 ? 'a day' : `${count} days`;
}
