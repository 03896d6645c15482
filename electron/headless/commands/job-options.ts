import type { Command } from 'commander';
import type { Job } from '../../domain/model.ts';
import { defaultCron } from '../../domain/schedule.ts';
import { unlessNone, wholeNumber } from '../options.ts';
import type { CommonOptions } from '../session.ts';
import { localZone } from '../text.ts';

/** What every job takes. */
export interface CommonJobOptions extends CommonOptions {
  readonly at?: string;
  readonly zone?: string;
  readonly limit?: number;
  readonly drill?: string;
  readonly healthCheck?: string;
}

export const commonOptionNames: Readonly<Record<string, string>> = {
  limitSeconds: '--limit',
  drill: '--drill',
  healthCheckUrl: '--health-check',
};

export function withCommonJobOptions(command: Command): Command {
  return command
    .option('--at <cron>', `when, as minute hour day month weekday (default "${defaultCron}")`)
    .option('--zone <zone>', 'the time zone of --at and of the days (default: of this machine)')
    .option('--limit <seconds>', 'end a run after this time (default 28800)', wholeNumber)
    .option('--drill <rhythm>', 'prove by itself that everything comes back: weekly, monthly or off (default weekly)')
    .option('--health-check <url>', 'report starts, successes and failures there, as healthchecks does; "none" stops it');
}

/** The fields that every job has, from the options or from what it was before. */
export function commonFieldsOf(name: string, options: CommonJobOptions, before: Job | undefined): Record<string, unknown> {
  return {
    name,
    paused: before?.paused,
    schedule: {
      cron: options.at ?? before?.schedule.cron ?? defaultCron,
      zone: options.zone ?? before?.schedule.zone ?? localZone(),
    },
    limitSeconds: options.limit ?? before?.limitSeconds,
    drill: options.drill ?? before?.drill,
    healthCheckUrl: options.healthCheck === undefined ? before?.healthCheckUrl : unlessNone(options.healthCheck),
  };
}
