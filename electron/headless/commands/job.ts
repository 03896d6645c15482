import { resolve } from 'node:path';
import type { Command } from 'commander';
import { checkName } from '../../domain/check-name.ts';
import { BackupError } from '../../domain/errors.ts';
import { isGitJob, isSqliteJob, type Job } from '../../domain/model.ts';
import { nextSlot } from '../../domain/schedule.ts';
import { refuseKnown } from '../../engine/operations/taken-name.ts';
import { anomalyDocument, jobDocument } from '../documents.ts';
import { common, group } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientSession, type CommonOptions, onClient, onLook } from '../session.ts';
import { counted, formatInstant, localZone } from '../text.ts';
import { type GitJobOptions, gitJobOf, gitLines, gitOptions, identityOf, storesText, withGitOptions } from './git-job.ts';
import { withCommonJobOptions } from './job-options.ts';
import { keeps, type SqliteJobOptions, sqliteJobOf, sqliteLines, sqliteOptions, withSqliteOptions } from './sqlite-job.ts';

type JobOptions = SqliteJobOptions & GitJobOptions;

export function addJobCommands(program: Command): void {
  const jobs = group(program, 'job', 'what is backed up, where to, when, and how long it is kept', 'nightjar job list');

  const addCommand = common(
    withJobOptions(jobs.command('add <name>').description('set up a job for a database, or for a git repository')),
    'nightjar job add notes --sqlite ~/notes.db --to usb',
    'nightjar job add notes --sqlite ~/notes.db --to usb --to nas --at "17 3 * * *" --keep-daily 30 --keep-monthly 12',
    'nightjar job add journal --git ~/journal --store entries --store pictures --push',
  );
  onClient(addCommand, add);

  const setCommand = withJobOptions(jobs.command('set <name>').description('change a job; what is not given stays'));
  onClient(common(setCommand, 'nightjar job set notes --at "0 * * * *"', 'nightjar job set journal --remote origin'), change);
  onLook(common(jobs.command('list').description('every job'), 'nightjar job list'), list);
  onLook(common(jobs.command('show <name>').description('one job'), 'nightjar job show notes'), show);
  onClient(common(jobs.command('remove <name>').description('forget a job; its snapshots stay'), 'nightjar job remove notes'), remove);

  const pauseCommand = jobs.command('pause <name>').description('no scheduled runs until it is resumed');
  onClient(common(pauseCommand, 'nightjar job pause notes'), (context, _options, name: string) => setPaused(context, name, true));
  const resumeCommand = jobs.command('resume <name>').description('scheduled runs again');
  onClient(common(resumeCommand, 'nightjar job resume notes'), (context, _options, name: string) => setPaused(context, name, false));

  const adoptCommand = jobs
    .command('adopt <name>')
    .description("continue the snapshots in the job's folders, whatever machine they came from");
  onClient(common(adoptCommand, 'nightjar job adopt notes'), adopt);

  const acknowledgeCommand = jobs
    .command('acknowledge <name>')
    .description('what the job has lost is meant to be so: prune again, and compare with what is there now');
  onClient(common(acknowledgeCommand, 'nightjar job acknowledge notes'), acknowledge);

  const importCommand = jobs
    .command('import <file>')
    .description('set up a git job from a JSON configuration with projectPath, storePath, databasePath and backup.git')
    .option('--name <name>', "the job's name (default: that of the project's folder)");
  onClient(
    common(importCommand, 'nightjar job import ~/memories/config.json'),
    async ({ client, output, ports }, options: ImportOptions, file: string) => {
      const asked = { file: resolve(file), zone: localZone(), ...(options.name === undefined ? {} : { name: options.name }) };
      const { job, notes } = await client.jobs.import(asked);
      output.document({ job: jobDocument(job), notes });
      describe(output, job, ports.clock.now());
      for (const note of notes) output.line(`  ${note}`);
      return 0;
    },
  );
}

interface ImportOptions extends CommonOptions {
  readonly name?: string;
}

function withJobOptions(command: Command): Command {
  return withGitOptions(withSqliteOptions(withCommonJobOptions(command)));
}

async function add({ client, output, ports }: ClientSession, options: JobOptions, name: string): Promise<undefined> {
  refuseKnown(await client.jobs.list(), name);
  if ((options.sqlite === undefined || options.to === undefined) === (options.git === undefined || options.store === undefined)) {
    throw new BackupError('usage-invalid', 'a job needs a database and a destination, or a git repository and a path in it', {
      hint: 'nightjar job add notes --sqlite ~/notes.db --to usb; nightjar job add journal --git ~/journal --store entries',
    });
  }
  const { adopted, job, notes } = await client.jobs.add({ job: jobOf(checkName(name), options, undefined) });
  for (const note of notes) output.note(`warning: ${note}`);
  output.document({ job: jobDocument(job), adopted });
  describe(output, job, ports.clock.now());
  if (adopted > 0) output.line(`  continues with ${counted(adopted, 'snapshot')} that ${adopted === 1 ? 'was' : 'were'} there already`);
}

async function change({ client, output, ports }: ClientSession, options: JobOptions, name: string): Promise<undefined> {
  const before = await client.jobs.get({ job: name });
  const identity = isGitJob(before) ? identityOf(options, before) : 'keep';
  const { job, notes } = await client.jobs.change({ job: jobOf(before.name, options, before), identity });
  for (const note of notes) output.note(`warning: ${note}`);
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

/** The job of the kind that it was, or that the options ask for. */
function jobOf(name: string, options: JobOptions, before: Job | undefined): Job {
  const isGit = before ? isGitJob(before) : options.git !== undefined;
  const stray = (isGit ? sqliteOptions : gitOptions).find((option) => options[option] !== undefined);
  if (stray !== undefined) {
    const flag = `--${stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new BackupError('usage-invalid', `${flag} means nothing to ${name}, which is a ${isGit ? 'git store' : 'database'}`, {
      hint: 'set up a second job for it with: nightjar job add',
    });
  }
  if (isGit) return gitJobOf(name, options, before && isGitJob(before) ? before : undefined);
  return sqliteJobOf(name, options, before && isSqliteJob(before) ? before : undefined);
}

async function remove({ client, output }: ClientSession, _options: CommonOptions, name: string): Promise<undefined> {
  const job = await client.jobs.remove({ job: name });
  output.document({ removed: jobDocument(job) });
  output.line(
    isGitJob(job)
      ? `forgot the job ${job.name}; its repository and commits stay as they are`
      : `forgot the job ${job.name}; its snapshots stay where they are and can be restored`,
  );
}

async function setPaused({ client, output }: ClientSession, name: string, paused: boolean): Promise<undefined> {
  const job = await client.jobs[paused ? 'pause' : 'resume']({ job: name });
  output.document(jobDocument(job));
  output.line(`${job.name} is ${paused ? 'paused' : 'on'}`);
}

async function adopt({ client, output }: ClientSession, _options: CommonOptions, name: string): Promise<undefined> {
  const { adopted, job, notes } = await client.jobs.adopt({ job: name });
  for (const note of notes) output.note(`warning: ${note}`);
  output.document({ job: jobDocument(job), adopted });
  output.line(`${job.name} continues the snapshots of its name, whatever they were taken of (${adopted} new to this machine)`);
}

async function acknowledge({ client, output }: ClientSession, _options: CommonOptions, name: string): Promise<undefined> {
  const { acknowledged, job } = await client.jobs.acknowledge({ job: name });
  output.document({ job, acknowledged: acknowledged.map(anomalyDocument) });
  output.line(`${job} is pruned again; acknowledged: ${acknowledged.flatMap(({ losses }) => losses).join(', ')}`);
}

async function show({ client, output, ports }: ClientSession, _options: CommonOptions, name: string): Promise<undefined> {
  const job = await client.jobs.get({ job: name });
  output.document(jobDocument(job));
  describe(output, job, ports.clock.now());
}

async function list({ client, output, ports }: ClientSession): Promise<undefined> {
  const nowMs = ports.clock.now();
  const jobs = await client.jobs.list();
  output.document(jobs.map(jobDocument));
  output.table(
    ['NAME', 'SOURCE', 'TO', 'NEXT', 'KEEPS'],
    jobs.map((job) => [
      job.name,
      job.source.path,
      whereTo(job),
      job.paused ? 'paused' : formatInstant(nextSlot(job.schedule, nowMs)),
      isGitJob(job) ? 'every commit' : keeps(job),
    ]),
  );
  if (jobs.length === 0) output.line('no jobs yet: nightjar job add --help');
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
