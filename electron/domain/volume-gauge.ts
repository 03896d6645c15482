import type { VolumeNeed } from './disk-guard.ts';

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
