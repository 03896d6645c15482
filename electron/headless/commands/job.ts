import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { type Job, jobSchema } from '../../domain/model.ts';
import { checkSchedule, defaultCron, nextSlot } from '../../domain/schedule.ts';
import type { Engine } from '../../engine/engine.ts';
import { reconcile } from '../../engine/operations/reconcile.ts';
import { destinationNamed, jobNamed, sameName } from '../../engine/settings-store.ts';
import { runSqliteTask } from '../../engine/sqlite/sqlite-tasks.ts';
import { jobDocument } from '../documents.ts';
import { collect, common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, inSession, type Session, withEngine, withView } from '../session.ts';
import { formatInstant } from '../text.ts';

interface JobOptions extends CommonOptions {
  readonly sqlite?: string;
  readonly to?: readonly string[];
  readonly at?: string;
  readonly zone?: string;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepAtLeast?: number;
  readonly sentinel?: string;
  readonly check?: string;
  readonly limit?: number;
  readonly lockWait?: number;
  readonly adopt?: boolean;
}

export function addJobCommands(program: Command): void {
  const group = program.command('job').description('what is backed up, where to, when, and how long it is kept');

  common(
    withJobOptions(group.command('add <name>').description('set up a job')).option('--adopt', 'continue the snapshots of this name that a destination holds'),
    'nightjar job add notes --sqlite ~/notes.db --to usb',
    'nightjar job add notes --sqlite ~/notes.db --to usb --to nas --at "17 3 * * *" --keep-daily 30 --keep-monthly 12',
  ).action((name: string, options: JobOptions) => withSettings(options, (session, engine) => add(session, engine, name, options)));

  common(withJobOptions(group.command('set <name>').description('change a job; what is not given stays')), 'nightjar job set notes --at "0 * * * *"').action(
    (name: string, options: JobOptions) => withSettings(options, (session, engine) => change(session, engine, name, options)),
  );

  common(group.command('list').description('every job'), 'nightjar job list').action((options: CommonOptions) => list(options));

  common(group.command('show <name>').description('one job'), 'nightjar job show notes').action(async (name: string, options: CommonOptions) => {
    process.exitCode = await inSession(options, (session) =>
      withView(session, async ({ settings }) => {
        const job = jobNamed(settings, name);
        session.output.document(jobDocument(job));
        describe(session.output, job, session.ports.clock.now());
        return 0;
      }),
    );
  });

  common(group.command('remove <name>').description('forget a job; its snapshots stay'), 'nightjar job remove notes').action((name: string, options: CommonOptions) =>
    withSettings(options, async ({ output }, engine) => {
      const job = jobNamed(engine.settings.current, name);
      engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.filter((other) => other.name !== job.name) }));
      output.document({ removed: jobDocument(job) });
      output.line(`forgot the job ${job.name}; its snapshots stay where they are and can be restored`);
    }),
  );

  for (const paused of [true, false]) {
    const verb = paused ? 'pause' : 'resume';
    common(group.command(`${verb} <name>`).description(paused ? 'no scheduled runs until it is resumed' : 'scheduled runs again'), `nightjar job ${verb} notes`).action(
      (name: string, options: CommonOptions) =>
        withSettings(options, async ({ output }, engine) => {
          const job = { ...jobNamed(engine.settings.current, name), paused };
          replaceJob(engine, job);
          output.document(jobDocument(job));
          output.line(`${job.name} is ${paused ? 'paused' : 'on'}`);
        }),
    );
  }

  common(
    group.command('adopt <name>').description("continue the snapshots that lie in the job's folders, whatever machine they came from"),
    'nightjar job adopt notes',
  ).action((name: string, options: CommonOptions) =>
    withSettings(options, async ({ output }, engine) => {
      const job = jobNamed(engine.settings.current, name);
      const adopted = await readSeries(engine, job, true, output);
      output.document({ adopted });
      output.line(`${job.name} now includes ${adopted} more snapshots`);
    }),
  );
}

function withJobOptions(command: Command): Command {
  return command
    .option('--sqlite <file>', 'the database')
    .option('--to <destination>', 'where to; may be given several times', collect)
    .option('--at <cron>', `when, as minute hour day month weekday (default "${defaultCron}")`)
    .option('--zone <zone>', 'the time zone of --at and of the days (default: of this machine)')
    .option('--keep-daily <n>', 'days to keep (default 30)', wholeNumber)
    .option('--keep-weekly <n>', 'weeks to keep (default 0)', wholeNumber)
    .option('--keep-monthly <n>', 'months to keep (default 12)', wholeNumber)
    .option('--keep-yearly <n>', 'years to keep (default 0)', wholeNumber)
    .option('--keep-at-least <n>', 'verified snapshots that always stay (default 3)', wholeNumber)
    .option('--sentinel <sql>', 'a query whose first value must not be empty or zero')
    .option('--check <how>', 'quick_check or integrity_check (default quick_check)')
    .option('--limit <seconds>', 'end a run after this time (default 28800)', wholeNumber)
    .option('--lock-wait <seconds>', 'wait this long for a locked database (default 60)', wholeNumber);
}

function withSettings(options: CommonOptions, work: (session: Session, engine: Engine) => Promise<void>): Promise<void> {
  return inSession(options, (session) =>
    withEngine(session, async (engine) => {
      await work(session, engine);
      return 0;
    }),
  ).then((code) => {
    process.exitCode = code;
  });
}

async function add({ output, ports }: Session, engine: Engine, name: string, options: JobOptions): Promise<void> {
  const clash = engine.settings.current.jobs.find((job) => sameName(job.name, name));
  if (clash) throw new BackupError('job-exists', `there is a job ${clash.name} already`, { hint: `change it with: nightjar job set ${clash.name} --help` });
  if (options.sqlite === undefined || options.to === undefined) {
    throw new BackupError('usage-invalid', 'a job needs a database and a destination', { hint: 'nightjar job add notes --sqlite ~/notes.db --to usb' });
  }
  const job = checkJob(engine, { name, ...fieldsOf(options, undefined) });
  await runSqliteTask(ports.workers, { kind: 'probe', path: job.source.path, lockWaitMs: 5000 });
  const adopted = await readSeries(engine, job, options.adopt ?? false, output);
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, job] }));
  output.document({ job: jobDocument(job), adopted });
  describe(output, job, ports.clock.now());
  if (adopted > 0) output.line(`  continues with ${adopted} snapshots that were there already`);
}

async function change({ output, ports }: Session, engine: Engine, name: string, options: JobOptions): Promise<void> {
  const before = jobNamed(engine.settings.current, name);
  const job = checkJob(engine, { name: before.name, paused: before.paused, ...fieldsOf(options, before) });
  replaceJob(engine, job);
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

/** A job's fields from the options, with what it had before, or the defaults, where an option was not given. */
function fieldsOf(options: JobOptions, before: Job | undefined): Record<string, unknown> {
  const sentinel = options.sentinel ?? before?.source.sentinel;
  return {
    source: {
      kind: 'sqlite',
      path: options.sqlite === undefined ? before?.source.path : resolve(options.sqlite),
      check: options.check ?? before?.source.check,
      ...(sentinel === undefined || sentinel === '' ? {} : { sentinel }),
    },
    destinations: options.to === undefined ? before?.destinations : [...new Set(options.to)],
    schedule: {
      cron: options.at ?? before?.schedule.cron ?? defaultCron,
      zone: options.zone ?? before?.schedule.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
    retention: {
      daily: options.keepDaily ?? before?.retention.daily,
      weekly: options.keepWeekly ?? before?.retention.weekly,
      monthly: options.keepMonthly ?? before?.retention.monthly,
      yearly: options.keepYearly ?? before?.retention.yearly,
      minVerified: options.keepAtLeast ?? before?.retention.minVerified,
    },
    limitSeconds: options.limit ?? before?.limitSeconds,
    lockWaitSeconds: options.lockWait ?? before?.lockWaitSeconds,
  };
}

/** Throws `usage-invalid` that names the field, or `destination-unknown`. */
function checkJob(engine: Engine, fields: Record<string, unknown>): Job {
  const parsed = jobSchema.safeParse(fields);
  if (!parsed.success) {
    throw new BackupError('usage-invalid', `this job cannot be set up: ${z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ').replaceAll('✖ ', '')}`);
  }
  checkSchedule(parsed.data.schedule, engine.ports.clock.now());
  const destinations = parsed.data.destinations.map((name) => destinationNamed(engine.settings.current, name).name);
  return { ...parsed.data, destinations };
}

function replaceJob(engine: Engine, job: Job): void {
  engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.map((other) => (other.name === job.name ? job : other)) }));
}

/** Takes in what the destinations hold under the job's name; resolves to how many snapshots were new. Throws `series-foreign`. */
async function readSeries(engine: Engine, job: Job, adopt: boolean, output: Output): Promise<number> {
  let adopted = 0;
  for (const name of job.destinations) {
    try {
      const adoption = adopt ? ({ from: 'anywhere' } as const) : ({ from: 'source', path: job.source.path, host: engine.ports.host } as const);
      refuseOtherSource(engine, job, name, adopt);
      const series = await reconcile(engine, engine.destination(name), job.name, adoption);
      adopted += series.adopted.length;
    } catch (error) {
      if (errorFacts(error).code === 'series-foreign') throw error;
      output.note(`warning: ${errorFacts(error).message}`);
    }
  }
  return adopted;
}

/** Snapshots of the name may be known already, from when the destination was added; they too must be of this database. */
function refuseOtherSource(engine: Engine, job: Job, destination: string, adopt: boolean): void {
  if (adopt) return;
  const other = engine.catalog.snapshots(job.name).find(({ manifest, copies }) => {
    const isSame = manifest.source.path === job.source.path && manifest.source.host === engine.ports.host;
    return !isSame && copies.some((copy) => copy.destination === destination && copy.state === 'stored');
  });
  if (!other) return;
  const { host, path } = other.manifest.source;
  throw new BackupError('series-foreign', `${destination} holds snapshots named ${job.name} of ${path} on ${host}, which is another database`, {
    hint: 'choose another name for this job, or continue that series with --adopt',
  });
}

async function list(options: CommonOptions): Promise<void> {
  process.exitCode = await inSession(options, ({ output, ...session }) =>
    withView({ output, ...session }, async ({ settings }) => {
      const nowMs = session.ports.clock.now();
      output.document(settings.jobs.map(jobDocument));
      output.table(
        ['NAME', 'DATABASE', 'TO', 'NEXT', 'KEEPS'],
        settings.jobs.map((job) => [
          job.name,
          job.source.path,
          job.destinations.join(', '),
          job.paused ? 'paused' : formatInstant(nextSlot(job.schedule, nowMs), job.schedule.zone),
          keeps(job),
        ]),
      );
      if (settings.jobs.length === 0) output.line('no jobs yet: nightjar job add --help');
      return 0;
    }),
  );
}

function describe(output: Output, job: Job, nowMs: number): void {
  const { cron, zone } = job.schedule;
  output.line(`${output.style('bold', job.name)}: ${job.source.path} -> ${job.destinations.join(', ')}`);
  output.line(`  ${job.paused ? 'paused' : `next ${formatInstant(nextSlot(job.schedule, nowMs), zone)}`} (${cron}, ${zone})`);
  output.line(`  keeps ${keeps(job)}, and never fewer than ${job.retention.minVerified} verified`);
  output.line(`  checked with ${job.source.check}${job.source.sentinel === undefined ? '' : ` and "${job.source.sentinel}"`}; a run ends after ${job.limitSeconds} s`);
}

function keeps({ retention }: Job): string {
  const parts = (['daily', 'weekly', 'monthly', 'yearly'] as const).filter((tier) => retention[tier] > 0).map((tier) => `${retention[tier]} ${tier}`);
  return parts.join(' + ');
}
