import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type Job, jobSchema, sameName } from '../../domain/model.ts';
import { checkSchedule, defaultCron, nextSlot } from '../../domain/schedule.ts';
import type { Engine } from '../../engine/engine.ts';
import { ownSeries, reconcile } from '../../engine/operations/reconcile.ts';
import type { Ports } from '../../engine/ports.ts';
import { destinationNamed, jobNamed } from '../../engine/settings-store.ts';
import { runSqliteTask } from '../../engine/sqlite/sqlite-tasks.ts';
import { jobDocument } from '../documents.ts';
import { checkName, collect, common, group, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onEngine, onView, type Session, type View } from '../session.ts';
import { counted, formatInstant, localZone } from '../text.ts';

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

/** The options behind the fields of a job. */
const optionNames: Readonly<Record<string, string>> = {
  'source.path': '--sqlite',
  'source.check': '--check',
  'source.sentinel': '--sentinel',
  'retention.daily': '--keep-daily',
  'retention.weekly': '--keep-weekly',
  'retention.monthly': '--keep-monthly',
  'retention.yearly': '--keep-yearly',
  'retention.minVerified': '--keep-at-least',
  limitSeconds: '--limit',
  lockWaitSeconds: '--lock-wait',
};

type Context = Session & { readonly engine: Engine };

export function addJobCommands(program: Command): void {
  const jobs = group(program, 'job', 'what is backed up, where to, when, and how long it is kept', 'nightjar job list');

  const addCommand = common(
    withJobOptions(jobs.command('add <name>').description('set up a job')),
    'nightjar job add notes --sqlite ~/notes.db --to usb',
    'nightjar job add notes --sqlite ~/notes.db --to usb --to nas --at "17 3 * * *" --keep-daily 30 --keep-monthly 12',
  );
  onEngine(addCommand, add);

  const setCommand = withJobOptions(jobs.command('set <name>').description('change a job; what is not given stays'));
  onEngine(common(setCommand, 'nightjar job set notes --at "0 * * * *"'), change);
  onView(common(jobs.command('list').description('every job'), 'nightjar job list'), list);
  onView(common(jobs.command('show <name>').description('one job'), 'nightjar job show notes'), show);
  onEngine(common(jobs.command('remove <name>').description('forget a job; its snapshots stay'), 'nightjar job remove notes'), remove);

  const pauseCommand = jobs.command('pause <name>').description('no scheduled runs until it is resumed');
  onEngine(common(pauseCommand, 'nightjar job pause notes'), (context, _options, name: string) => setPaused(context, name, true));
  const resumeCommand = jobs.command('resume <name>').description('scheduled runs again');
  onEngine(common(resumeCommand, 'nightjar job resume notes'), (context, _options, name: string) => setPaused(context, name, false));

  const adoptCommand = jobs
    .command('adopt <name>')
    .description("continue the snapshots in the job's folders, whatever machine they came from");
  onEngine(common(adoptCommand, 'nightjar job adopt notes'), adopt);
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
    .option('--lock-wait <seconds>', 'wait this long for a locked database (default 60)', wholeNumber)
    .option('--adopt', 'continue the snapshots of this name that a destination holds, whatever they were taken of');
}

async function add({ engine, output, ports }: Context, options: JobOptions, name: string): Promise<undefined> {
  const clash = engine.settings.current.jobs.find((job) => sameName(job.name, name));
  if (clash) {
    throw new BackupError('job-exists', `there is a job ${clash.name} already`, { hint: `change it with: nightjar job set ${clash.name}` });
  }
  if (options.sqlite === undefined || options.to === undefined) {
    throw new BackupError('usage-invalid', 'a job needs a database and a destination', {
      hint: 'nightjar job add notes --sqlite ~/notes.db --to usb',
    });
  }
  const job = checkJob(engine, { name: checkName(name), ...fieldsOf(options, undefined) });
  await probe(ports, job);
  const adopted = await readSeries(engine, job, output);
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, job] }));
  output.document({ job: jobDocument(job), adopted });
  describe(output, job, ports.clock.now());
  if (adopted > 0) output.line(`  continues with ${counted(adopted, 'snapshot')} that ${adopted === 1 ? 'was' : 'were'} there already`);
}

async function change({ engine, output, ports }: Context, options: JobOptions, name: string): Promise<undefined> {
  const before = jobNamed(engine.settings.current, name);
  const job = checkJob(engine, { name: before.name, paused: before.paused, ...fieldsOf(options, before) });
  if (options.sqlite !== undefined || options.sentinel !== undefined) await probe(ports, job);
  await readSeries(engine, job, output);
  replaceJob(engine, job);
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

async function remove({ engine, output }: Context, _options: CommonOptions, name: string): Promise<undefined> {
  const job = jobNamed(engine.settings.current, name);
  engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.filter((other) => other.name !== job.name) }));
  output.document({ removed: jobDocument(job) });
  output.line(`forgot the job ${job.name}; its snapshots stay where they are and can be restored`);
}

async function setPaused({ engine, output }: Context, name: string, paused: boolean): Promise<undefined> {
  const job = { ...jobNamed(engine.settings.current, name), paused };
  replaceJob(engine, job);
  output.document(jobDocument(job));
  output.line(`${job.name} is ${paused ? 'paused' : 'on'}`);
}

async function adopt({ engine, output }: Context, _options: CommonOptions, name: string): Promise<undefined> {
  const job = { ...jobNamed(engine.settings.current, name), adopted: true };
  const found = await readSeries(engine, job, output);
  replaceJob(engine, job);
  output.document({ job: jobDocument(job), adopted: found });
  output.line(`${job.name} continues the snapshots of its name, whatever they were taken of (${found} new to this machine)`);
}

async function show({ output, ports, settings }: Session & View, _options: CommonOptions, name: string): Promise<undefined> {
  const job = jobNamed(settings, name);
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

/** A job's fields from the options, with what it had before, or the schema's defaults, where an option was not given. */
function fieldsOf(options: JobOptions, before: Job | undefined): Record<string, unknown> {
  return {
    source: sourceOf(options, before),
    destinations: options.to ?? before?.destinations,
    schedule: {
      cron: options.at ?? before?.schedule.cron ?? defaultCron,
      zone: options.zone ?? before?.schedule.zone ?? localZone(),
    },
    retention: retentionOf(options, before),
    adopted: options.adopt ?? before?.adopted,
    limitSeconds: options.limit ?? before?.limitSeconds,
    lockWaitSeconds: options.lockWait ?? before?.lockWaitSeconds,
  };
}

function sourceOf(options: JobOptions, before: Job | undefined): Record<string, unknown> {
  const sentinel = options.sentinel ?? before?.source.sentinel;
  return {
    kind: 'sqlite',
    path: options.sqlite === undefined ? before?.source.path : resolve(options.sqlite),
    check: options.check ?? before?.source.check,
    // An empty query takes the sentinel away.
    ...(sentinel ? { sentinel } : {}),
  };
}

function retentionOf(options: JobOptions, before: Job | undefined): Record<string, unknown> {
  return {
    daily: options.keepDaily ?? before?.retention.daily,
    weekly: options.keepWeekly ?? before?.retention.weekly,
    monthly: options.keepMonthly ?? before?.retention.monthly,
    yearly: options.keepYearly ?? before?.retention.yearly,
    minVerified: options.keepAtLeast ?? before?.retention.minVerified,
  };
}

/** A database that cannot be read now would fail every night. */
async function probe({ workers }: Ports, { source }: Job): Promise<void> {
  const { path, sentinel } = source;
  await runSqliteTask(workers, { kind: 'probe', path, lockWaitMs: 5000, ...(sentinel === undefined ? {} : { sentinel }) });
}

/** Throws `usage-invalid` that names the field, or `destination-unknown`. */
function checkJob(engine: Engine, fields: Record<string, unknown>): Job {
  const parsed = jobSchema.safeParse(fields);
  if (!parsed.success) {
    throw new BackupError('usage-invalid', `this job cannot be set up: ${issuesOf(parsed.error, optionNames)}`);
  }
  checkSchedule(parsed.data.schedule, engine.ports.clock.now());
  const destinations = parsed.data.destinations.map((name) => destinationNamed(engine.settings.current, name).name);
  return { ...parsed.data, destinations: [...new Set(destinations)] };
}

function replaceJob(engine: Engine, job: Job): void {
  engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.map((other) => (other.name === job.name ? job : other)) }));
}

/**
 * Takes in what the destinations hold under the job's name; resolves to how many snapshots were new. Throws `series-foreign` where
 * these are of another database and the job has not adopted them.
 */
async function readSeries(engine: Engine, job: Job, output: Output): Promise<number> {
  let found = 0;
  for (const name of job.destinations) {
    try {
      const adoption = job.adopted ? ({ from: 'anywhere' } as const) : ownSeries(engine, job);
      found += (await reconcile(engine, engine.destination(name), job.name, adoption)).adopted.length;
    } catch (error) {
      if (errorFacts(error).code === 'series-foreign') throw error;
      output.note(`warning: ${errorFacts(error).message}`);
    }
  }
  return found;
}

async function list({ output, ports, settings }: Session & View): Promise<undefined> {
  const nowMs = ports.clock.now();
  output.document(settings.jobs.map(jobDocument));
  output.table(
    ['NAME', 'DATABASE', 'TO', 'NEXT', 'KEEPS'],
    settings.jobs.map((job) => [
      job.name,
      job.source.path,
      job.destinations.join(', '),
      job.paused ? 'paused' : formatInstant(nextSlot(job.schedule, nowMs)),
      keeps(job),
    ]),
  );
  if (settings.jobs.length === 0) output.line('no jobs yet: nightjar job add --help');
}

function describe(output: Output, job: Job, nowMs: number): void {
  const { cron, zone } = job.schedule;
  output.line(`${output.style('bold', job.name)}: ${job.source.path} -> ${job.destinations.join(', ')}`);
  output.line(`  ${job.paused ? 'paused' : `next ${formatInstant(nextSlot(job.schedule, nowMs), zone)}`} (${cron}, ${zone})`);
  output.line(`  keeps ${keeps(job)}, and never fewer than ${job.retention.minVerified} verified`);
  output.line(
    `  checked with ${job.source.check}${job.source.sentinel === undefined ? '' : ` and "${job.source.sentinel}"`}; a run ends after ${job.limitSeconds} s`,
  );
}

function keeps({ retention }: Job): string {
  const parts = (['daily', 'weekly', 'monthly', 'yearly'] as const)
    .filter((tier) => retention[tier] > 0)
    .map((tier) => `${retention[tier]} ${tier}`);
  return parts.join(' + ');
}
