import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import type { JobRules } from '../../domain/job-rules.ts';
import type { Job } from '../../domain/model.ts';
import { defaultCron } from '../../domain/schedule.ts';
import { formatBytes } from '../../domain/units.ts';
import { collect, sizeInBytes, unlessNone, wholeNumber } from '../options.ts';
import type { CommonOptions } from '../session.ts';
import { localZone } from '../text.ts';

/** What every job takes. */
export interface CommonJobOptions extends CommonOptions {
  readonly at?: string;
  readonly zone?: string;
  readonly limit?: number;
  readonly onlyOnMains?: boolean;
  readonly minBattery?: number;
  readonly bandwidth?: readonly string[];
  readonly drill?: string;
  readonly healthCheck?: string;
}

export const commonOptionNames: Readonly<Record<string, string>> = {
  limitSeconds: '--limit',
  drill: '--drill',
  healthCheckUrl: '--health-check',
  'rules.minBatteryPercent': '--min-battery',
};

export function withCommonJobOptions(command: Command): Command {
  return command
    .option('--at <cron>', `when, as minute hour day month weekday (default "${defaultCron}")`)
    .option('--zone <zone>', 'the time zone of --at and of the days (default: of this machine)')
    .option('--limit <seconds>', 'end a run after this time (default 28800)', wholeNumber)
    .option('--only-on-mains', 'runs start by themselves only on mains power')
    .option('--no-only-on-mains', 'on battery as well')
    .option('--min-battery <percent>', 'on battery, only where this much of it is left (default 0)', wholeNumber)
    .option('--bandwidth <limit>', 'such as 08:00-18:00=500K, bytes a second by time of day; repeat it, or "none"', collect)
    .option('--drill <rhythm>', 'prove by itself that everything comes back: weekly, monthly or off (default weekly)')
    .option('--health-check <url>', 'report starts, successes and failures there, as healthchecks does; "none" stops it');
}

/** The fields that every job has, from the options or from what it was before; what no option is about stays. */
export function commonFieldsOf(name: string, options: CommonJobOptions, before: Job | undefined): Record<string, unknown> {
  return {
    ...before,
    name,
    schedule: {
      cron: options.at ?? before?.schedule.cron ?? defaultCron,
      zone: options.zone ?? before?.schedule.zone ?? localZone(),
    },
    limitSeconds: options.limit ?? before?.limitSeconds,
    rules: {
      onlyOnMains: options.onlyOnMains ?? before?.rules.onlyOnMains,
      minBatteryPercent: options.minBattery ?? before?.rules.minBatteryPercent,
      bandwidth: options.bandwidth === undefined ? before?.rules.bandwidth : bandwidthOf(options.bandwidth),
    },
    drill: options.drill ?? before?.drill,
    healthCheckUrl: options.healthCheck === undefined ? before?.healthCheckUrl : unlessNone(options.healthCheck),
  };
}

/** What a job's rules say, where they say anything. */
export function ruleLines({ rules: { bandwidth, minBatteryPercent, onlyOnMains } }: Job): string[] {
  return [
    ...(onlyOnMains ? ['runs start by themselves only on mains power'] : []),
    ...(minBatteryPercent > 0 ? [`on battery, runs start by themselves with at least ${minBatteryPercent} % left`] : []),
    ...bandwidth.map(({ bytesPerSecond, from, to }) => `from ${from} to ${to} at most ${formatBytes(bytesPerSecond)} a second`),
  ];
}

function bandwidthOf(limits: readonly string[]): JobRules['bandwidth'] {
  if (limits.length === 1 && limits[0] === 'none') return [];
  return limits.map((limit) => {
    const [, from, to, size] = /^(\d\d:\d\d)-(\d\d:\d\d)=(.+)$/.exec(limit) ?? [];
    if (from !== undefined && to !== undefined && size !== undefined) return { from, to, bytesPerSecond: sizeInBytes(size) };
    throw new BackupError('usage-invalid', `"${limit}" is not a limit by time of day`, {
      hint: 'give times, "=" and bytes a second, such as 08:00-18:00=500K; or "none"',
    });
  });
}
