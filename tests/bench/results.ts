import type { WriterReport } from '../support/live-writer.ts';
import type { Change } from './changed-pages.ts';
import type { Facts } from './contender.ts';
import type { ScheduleCost } from './full-schedule.ts';
import type { Measurement } from './measure.ts';

/** What is measured of a contender in a round, in this order. */
export const stepNames = ['first', 'restore-first', 'mixed', 'restore-mixed', 'appends'] as const;
export type StepName = (typeof stepNames)[number];

/** One backup or restore. */
export interface Measured extends Omit<Measurement, 'stdout' | 'stderr'> {
  /** Of a backup, what went to the destination; of a restore, what had to come back from it. */
  readonly movedBytes: number;
  readonly facts: Facts;
}

/** All rounds of one contender. */
export interface Series {
  readonly id: string;
  readonly name: string;
  readonly steps: Readonly<Record<StepName, readonly Measured[]>>;
  /** Why it was left out from some round on; `null` for one that went through all. */
  readonly failure: string | null;
}

/** What one contender did beside a writer that does not rest. */
export interface UnderWriter {
  readonly id: string;
  readonly name: string;
  readonly finished: boolean;
  readonly wallMs: number;
  readonly writer: WriterReport;
  /** What was found in the restored database; empty where it is sound, `null` where there was none. */
  readonly damage: readonly string[] | null;
  /** Why it did not finish. */
  readonly reason: string | null;
}

/** Thirty runs of Nightjar on as many days, with a day of scattered edits before each but the first. */
export interface ThirtyDays {
  readonly databaseBytes: number;
  readonly fullBytes: number;
  readonly storedBytes: number;
  readonly fulls: number;
  /** Of all pages, how many the median day has changed. */
  readonly changedShare: number;
  readonly dailyBytes: readonly number[];
}

/** Everything that the bench found. */
export interface BenchResult {
  readonly machine: string;
  readonly versions: readonly string[];
  readonly command: string;
  readonly date: string;
  readonly databaseBytes: number;
  readonly rounds: number;
  /** The programs that are not installed. */
  readonly missing: readonly string[];
  /** What the later days changed. */
  readonly changes: { readonly mixed: Change; readonly appends: Change };
  readonly series: readonly Series[];
  readonly writerEveryMs: number;
  readonly writerLimitMs: number;
  readonly underWriter: readonly UnderWriter[] | null;
  readonly thirtyDays: ThirtyDays | null;
  readonly schedules: readonly ScheduleCost[];
}

/** The median of a figure over the rounds; `null` where none was measured. */
export function median(rounds: readonly Measured[] | undefined, read: (round: Measured) => number | null): number | null {
  const values = (rounds ?? []).map(read).filter((value) => value !== null);
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return null;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** One quantity through another, as far as both are known. */
export function ratio(value: number | null, reference: number | null): number | null {
  return value === null || reference === null ? null : value / reference;
}
