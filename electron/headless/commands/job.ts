import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { isGitJob, isSqliteJob, type Job } from '../../domain/model.ts';
import { nextSlot } from '../../domain/schedule.ts';
import type { Engine } from '../../engine/engine.ts';
import { acknowledgeLosses } from '../../engine/operations/acknowledge.ts';
import { adaptQueue } from '../../engine/operations/adapt-queue.ts';
import { jobNamed, sqliteJobNamed } from '../../engine/settings-store.ts';
import { anomalyDocument, jobDocument } from '../documents.ts';
import { checkName, common, group } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, type EngineSession, onEngine, onView, type Session, type View } from '../session.ts';
import { counted, formatInstant } from '../text.ts';
import { type GitJobOptions, gitJobOf, gitLines, gitOptions, storesText, withGitOptions } from './git-job.ts';
import { importJob } from './job-import.ts';
import { withCommonJobOptions } from './job-options.ts';
import {
  keeps,
  probe,
  readSeries,
  type SqliteJobOptions,
  sqliteJobOf,
  sqliteLines,
  sqliteOptions,
  withSqliteOptions,
} from './sqlite-job.ts';
import { refuseKnown } from './taken-name.ts';

type JobOptions = SqliteJobOptions & GitJobOptions;

export function addJobCommands(program: Command): void {
  const jobs = group(program, 'job', 'what is backed up, where to, when, and how long it is kept', 'nightjar job list');

  const addCommand = common(
    withJobOptions(jobs.command('add <name>').description('set up a job for a database, or for a git repository')),
    'nightjar job add notes --sqlite ~/notes.db --to usb',
    'nightjar job add notes --sqlite ~/notes.db --to usb --to nas --at "17 3 * * *" --keep-daily 30 --keep-monthly 12',
    'nightjar job add journal --git ~/journal --store entries --store pictures --push',
  );
  onEngine(addCommand, add);

  const setCommand = withJobOptions(jobs.command('set <name>').description('change a job; what is not given stays'));
  onEngine(common(setCommand, 'nightjar job set notes --at "0 * * * *"', 'nightjar job set journal --remote origin'), change);
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

  const acknowledgeCommand = jobs
    .command('acknowledge <name>')
    .description('what the job has lost is meant to be so: prune again, and compare with what is there now');
  onEngine(common(acknowledgeCommand, 'nightjar job acknowledge notes'), acknowledge);

  const importCommand = jobs
    .command('import <file>')
    .description('set up a git job from a JSON configuration with projectPath, storePath, databasePath and backup.git')
    .option('--name <name>', "the job's name (default: that of the project's folder)");
  onEngine(common(importCommand, 'nightjar job import ~/memories/config.json'), async (context, options: ImportOptions, file: string) => {
    const { job, notes } = await importJob(context.engine, file, options.name);
    context.output.document({ job: jobDocument(job), notes });
    describe(context.output, job, context.ports.clock.now());
    for (const note of notes) context.output.line(`  ${note}`);
    return 0;
  });
}

interface ImportOptions extends CommonOptions {
  readonly name?: string;
}

function withJobOptions(command: Command): Command {
  return withGitOptions(withSqliteOptions(withCommonJobOptions(command)));
}

async function add(context: EngineSession, options: JobOptions, name: string): Promise<undefined> {
  const { engine, output, ports } = context;
  refuseKnown(engine, name);
  if ((options.sqlite === undefined || options.to === undefined) === (options.git === undefined || options.store === undefined)) {
    throw new BackupError('usage-invalid', 'a job needs a database and a destination, or a git repository and a path in it', {
      hint: 'nightjar job add notes --sqlite ~/notes.db --to usb; nightjar job add journal --git ~/journal --store entries',
    });
  }
  const job = await jobOf(engine, checkName(name), options, undefined);
  const adopted = isSqliteJob(job) ? await readSeries(engine, job, output) : 0;
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, job] }));
  output.document({ job: jobDocument(job), adopted });
  describe(output, job, ports.clock.now());
  if (adopted > 0) output.line(`  continues with ${counted(adopted, 'snapshot')} that ${adopted === 1 ? 'was' : 'were'} there already`);
}

async function change({ engine, output, ports }: EngineSession, options: JobOptions, name: string): Promise<undefined> {
  const before = jobNamed(engine.settings.current, name);
  const job = await jobOf(engine, before.name, options, before);
  if (isSqliteJob(job)) await readSeries(engine, job, output);
  // Before the settings: a crash in between must not leave a proof that another remote gave.
  if (isGitJob(job) && isGitJob(before)) adaptQueue(engine.queue(job.name), before.source, job.source);
  engine.settings.replaceJob(job);
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

/** The job of the kind that it was, or that the options ask for; a database is opened once to see that it can be. */
async function jobOf(engine: Engine, name: string, options: JobOptions, before: Job | undefined): Promise<Job> {
  const isGit = before ? isGitJob(before) : options.git !== undefined;
  const stray = (isGit ? sqliteOptions : gitOptions).find((option) => options[option] !== undefined);
  if (stray !== undefined) {
    const flag = `--${stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new BackupError('usage-invalid', `${flag} means nothing to ${name}, which is a ${isGit ? 'git store' : 'database'}`, {
      hint: 'set up a second job for it with: nightjar job add',
    });
  }
  if (isGit) return gitJobOf(engine, name, options, before && isGitJob(before) ? before : undefined);
  const job = sqliteJobOf(engine, name, options, before && isSqliteJob(before) ? before : undefined);
  if (before === undefined || options.sqlite !== undefined || options.sentinel !== undefined) await probe(engine.ports, job);
  return job;
}

async function remove({ engine, output }: EngineSession, _options: CommonOptions, name: string): Promise<undefined> {
  const job = jobNamed(engine.settings.current, name);
  if (isGitJob(job)) engine.queue(job.name).forget();
  engine.catalog.evidence().forgetJob(job.name);
  engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.filter((other) => other.name !== job.name) }));
  output.document({ removed: jobDocument(job) });
  output.line(
    isGitJob(job)
      ? `forgot the job ${job.name}; its repository and commits stay as they are`
      : `forgot the job ${job.name}; its snapshots stay where they are and can be restored`,
  );
}

async function setPaused({ engine, output }: EngineSession, name: string, paused: boolean): Promise<undefined> {
  const job = { ...jobNamed(engine.settings.current, name), paused };
  engine.settings.replaceJob(job);
  output.document(jobDocument(job));
  output.line(`${job.name} is ${paused ? 'paused' : 'on'}`);
}

async function adopt({ engine, output }: EngineSession, _options: CommonOptions, name: string): Promise<undefined> {
  const job = { ...sqliteJobNamed(engine.settings.current, name), adopted: true };
  const found = await readSeries(engine, job, output);
  engine.settings.replaceJob(job);
  output.document({ job: jobDocument(job), adopted: found });
  output.line(`${job.name} continues the snapshots of its name, whatever they were taken of (${found} new to this machine)`);
}

async function acknowledge({ engine, output }: EngineSession, _options: CommonOptions, name: string): Promise<undefined> {
  const job = sqliteJobNamed(engine.settings.current, name);
  const acknowledged = acknowledgeLosses(engine, job);
  output.document({ job: job.name, acknowledged: acknowledged.map(anomalyDocument) });
  output.line(`${job.name} is pruned again; acknowledged: ${acknowledged.flatMap(({ losses }) => losses).join(', ')}`);
}

async function show({ output, ports, settings }: Session & View, _options: CommonOptions, name: string): Promise<undefined> {
  const job = jobNamed(settings, name);
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

async function list({ output, ports, settings }: Session & View): Promise<undefined> {
  const nowMs = ports.clock.now();
  output.document(settings.jobs.map(jobDocument));
  output.table(
    ['NAME', 'SOURCE', 'TO', 'NEXT', 'KEEPS'],
    settings.jobs.map((job) => [
      job.name,
      job.source.path,
      whereTo(job),
      job.paused ? 'paused' : formatInstant(nextSlot(job.schedule, nowMs)),
      isGitJob(job) ? 'every commit' : keeps(job),
    ]),
  );
  if (settings.jobs.length === 0) output.line('no jobs yet: nightjar job add --help');
}

function whereTo(job: Job): string {
  if (isSqliteJob(job)) return job.destinations.join(', ');
  return job.source.push ? `${job.source.remote}/${job.source.branch}` : `${job.source.branch} (not pushed)`;
}

function describe(output: Output, job: Job, nowMs: number): void {
  const { cron, zone } = job.schedule;
  const source = isGitJob(job) ? `${job.source.path}, ${storesText(job.source.stores)}` : job.source.path;
  output.line(`${output.style('bold', job.name)}: ${source} -> ${whereTo(job)}`);
  output.line(`  ${job.paused ? 'paused' : `next ${formatInstant(nextSlot(job.schedule, nowMs), zone)}`} (${cron}, ${zone})`);
  for (const line of isGitJob(job) ? gitLines(job) : sqliteLines(job)) output.line(`  ${line}`);
}
