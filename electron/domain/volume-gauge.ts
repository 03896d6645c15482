import { judgeWrites, type PlannedWrite, type SpaceLimits, type VolumeNeed } from './disk-guard.ts';

/** What the next run of a job will write on a volume. */
export interface NextNeed {
  readonly job: string;
  readonly needBytes: number;
  readonly freeAfterBytes: number;
  readonly verdict: VolumeNeed['verdict'];
  readonly writes: VolumeNeed['writes'];
}

/** A volume as the disk guard sees it now. */
export interface VolumeGauge {
  /** A path on it, for people. */
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Free space that is never used, and below which a run warns. */
  readonly reserveBytes: number;
  readonly warnFreeBytes: number;
  /** The worst verdict of the next runs. */
  readonly verdict: VolumeNeed['verdict'];
  /** Of each job that writes here. */
  readonly next: readonly NextNeed[];
  /** Whole days until it is used up at the pace of the last runs; `null` where that is not known. */
  readonly daysLeft: number | null;
}

/** All volumes that jobs write on, and the jobs of which it cannot be told what they need. */
export interface DiskGuardReport {
  readonly volumes: readonly VolumeGauge[];
  readonly unknown: readonly { readonly job: string; readonly message: string }[];
}

/** Everything that the next run of a job will write. */
export interface PlannedRun {
  readonly job: string;
  readonly writes: readonly PlannedWrite[];
}

/** How long a volume lasts, by its id. */
export interface VolumePace {
  readonly volumeId: string;
  readonly daysLeft: number | null;
}

const worstFirst: readonly VolumeNeed['verdict'][] = ['refuse', 'warn', 'ok'];

/**
 * The volumes that the next runs write on, those in need first. Each run is judged by itself, since what it stages is gone when the next
 * one begins. Pure.
 */
export function gaugeVolumes(runs: readonly PlannedRun[], limits: SpaceLimits, paces: readonly VolumePace[]): VolumeGauge[] {
  const needs = runs.flatMap(({ job, writes }) => judgeWrites(writes, limits).map((need) => ({ job, ...need })));
  const byVolume = [...Map.groupBy(needs, ({ volume }) => volume.id).values()];
  return byVolume.map((group) => gaugeOf(group, limits, paces)).toSorted((a, b) => rank(a) - rank(b));
}

function gaugeOf(
  group: readonly (VolumeNeed & { readonly job: string })[],
  limits: SpaceLimits,
  paces: readonly VolumePace[],
): VolumeGauge {
  const { freeBytes, id, path, totalBytes } = (group[0] as VolumeNeed).volume;
  const days = paces.flatMap(({ daysLeft, volumeId }) => (volumeId === id && daysLeft !== null ? daysLeft : []));
  return {
    ...{ path, freeBytes, totalBytes, reserveBytes: limits.reserveBytes, warnFreeBytes: limits.warnFreeBytes },
    verdict: worstFirst.find((verdict) => group.some((need) => need.verdict === verdict)) ?? 'ok',
    next: group.map(({ freeAfterBytes, job, needBytes, verdict, writes }) => ({ job, needBytes, freeAfterBytes, verdict, writes })),
    daysLeft: days.length === 0 ? null : Math.min(...days),
  };
}

function rank({ verdict }: VolumeGauge): number {
  return worstFirst.indexOf(verdict);
}
