import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type SqliteJob, sqliteJobSchema } from '../../domain/model.ts';
import { collect, onOrOff, unlessNone, wholeNumber } from '../options.ts';
import { type CommonJobOptions, commonFieldsOf, commonOptionNames } from './job-options.ts';

export interface SqliteJobOptions extends CommonJobOptions {
  readonly sqlite?: string;
  readonly to?: readonly string[];
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepAtLeast?: number;
  readonly deltas?: boolean;
  readonly sentinel?: string;
  readonly check?: string;
  readonly lockWait?: number;
  readonly anomalyPercent?: number;
  readonly anomaly?: boolean;
  readonly adopt?: boolean;
  readonly compression?: string;
  readonly level?: string;
}

/** The options behind the fields of a job for a database. */
const optionNames: Readonly<Record<string, string>> = {
  ...commonOptionNames,
  'source.path': '--sqlite',
  'source.check': '--check',
  'source.sentinel': '--sentinel',
  'retention.daily': '--keep-daily',
  'retention.weekly': '--keep-weekly',
  'retention.monthly': '--keep-monthly',
  'retention.yearly': '--keep-yearly',
  'retention.minVerified': '--keep-at-least',
  lockWaitSeconds: '--lock-wait',
  'compression.codec': '--compression',
  'compression.level': '--level',
  'anomaly.rowsFellPercent': '--anomaly-percent',
  'anomaly.sizeFellPercent': '--anomaly-percent',
};

/** Every option, as commander names it, that means nothing to a git job. */
export const sqliteOptions = [
  'sqlite',
  'to',
  'keepDaily',
  'keepWeekly',
  'keepMonthly',
  'keepYearly',
  'keepAtLeast',
  'deltas',
  'sentinel',
  'check',
  'lockWait',
  'anomalyPercent',
  'anomaly',
  'adopt',
  'compression',
  'level',
] as const satisfies readonly (keyof SqliteJobOptions)[];

export function withSqliteOptions(command: Command): Command {
  return command
    .option('--sqlite <file>', 'the database')
    .option('--to <destination>', 'where its snapshots go; may be given several times', collect)
    .option('--keep-daily <n>', 'days to keep (default 30)', wholeNumber)
    .option('--keep-weekly <n>', 'weeks to keep (default 0)', wholeNumber)
    .option('--keep-monthly <n>', 'months to keep (default 12)', wholeNumber)
    .option('--keep-yearly <n>', 'years to keep (default 0)', wholeNumber)
    .option('--keep-at-least <n>', 'verified snapshots that always stay (default 3)', wholeNumber)
    .option('--deltas <on|off>', 'store only the pages that changed since the last full one, where that is smaller (default on)', onOrOff)
    .option('--sentinel <sql>', 'a query whose first value must not be empty or zero')
    .option('--check <how>', 'quick_check or integrity_check (default quick_check)')
    .option('--lock-wait <seconds>', 'wait this long for a locked database (default 60)', wholeNumber)
    .option('--anomaly-percent <n>', 'stop pruning where rows or size fell by more than this (default 50)', wholeNumber)
    .option('--anomaly', 'look whether a snapshot has much less than the one before (default)')
    .option('--no-anomaly', 'do not look')
    .option('--compression <codec>', 'gzip, which every system reads, or zstd, which is several times as fast (default gzip)')
    .option('--level <n>', 'how hard it tries: gzip 1 to 9, zstd 1 to 19; "none" goes by the settings, of zstd 3')
    .option('--adopt', 'continue the snapshots of this name that a destination holds, whatever they were taken of');
}

/**
 * The job that the options ask for, with what it had before, or the schema's defaults, where an option was not given. Throws
 * `usage-invalid` that names the option.
 */
export function sqliteJobOf(name: string, options: SqliteJobOptions, before: SqliteJob | undefined): SqliteJob {
  const sentinel = options.sentinel ?? before?.source.sentinel;
  const parsed = sqliteJobSchema.safeParse({
    ...commonFieldsOf(name, options, before),
    source: {
      kind: 'sqlite',
      path: options.sqlite === undefined ? before?.source.path : resolve(options.sqlite),
      check: options.check ?? before?.source.check,
      // An empty query takes the sentinel away.
      ...(sentinel ? { sentinel } : {}),
    },
    destinations: options.to ?? before?.destinations,
    retention: {
      daily: options.keepDaily ?? before?.retention.daily,
      weekly: options.keepWeekly ?? before?.retention.weekly,
      monthly: options.keepMonthly ?? before?.retention.monthly,
      yearly: options.keepYearly ?? before?.retention.yearly,
      minVerified: options.keepAtLeast ?? before?.retention.minVerified,
    },
    deltas: options.deltas ?? before?.deltas,
    adopted: options.adopt ?? before?.adopted,
    lockWaitSeconds: options.lockWait ?? before?.lockWaitSeconds,
    anomaly: anomalyOf(options, before),
    compression: compressionOf(options, before),
  });
  if (!parsed.success) throw new BackupError('usage-invalid', `this job cannot be set up: ${issuesOf(parsed.error, optionNames)}`);
  return parsed.data;
}

function anomalyOf({ anomaly, anomalyPercent }: SqliteJobOptions, before: SqliteJob | undefined) {
  return {
    enabled: anomaly ?? before?.anomaly.enabled,
    rowsFellPercent: anomalyPercent ?? before?.anomaly.rowsFellPercent,
    sizeFellPercent: anomalyPercent ?? before?.anomaly.sizeFellPercent,
  };
}

/** A level belongs to its codec: with another one it is the usual again. */
function compressionOf({ compression, level }: SqliteJobOptions, before: SqliteJob | undefined) {
  const codec = compression ?? before?.compression.codec;
  if (level === undefined) return { codec, level: codec === before?.compression.codec ? before?.compression.level : null };
  return { codec, level: unlessNone(level) === null ? null : wholeNumber(level) };
}

/** What a job for a database keeps, and how it checks, for people. */
export function sqliteLines(job: SqliteJob): string[] {
  const { check, sentinel } = job.source;
  return [
    `keeps ${keeps(job)}, and never fewer than ${job.retention.minVerified} verified`,
    job.deltas ? 'stores the pages that changed since the last full snapshot' : 'stores every snapshot in full',
    `compressed with ${compressionText(job)}`,
    `checked with ${check}${sentinel === undefined ? '' : ` and "${sentinel}"`}; a run ends after ${job.limitSeconds} s`,
  ];
}

/** `30 daily + 12 monthly`. */
export function keeps({ retention }: SqliteJob): string {
  const parts = (['daily', 'weekly', 'monthly', 'yearly'] as const)
    .filter((tier) => retention[tier] > 0)
    .map((tier) => `${retention[tier]} ${tier}`);
  return parts.join(' + ');
}

function compressionText({ compression: { codec, level } }: SqliteJob): string {
  return level === null ? codec : `${codec}, level ${level}`;
}
