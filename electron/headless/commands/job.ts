import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { EngineClient } from '../../api/client.ts';
import { checkName } from '../../domain/check-name.ts';
import { BackupError } from '../../domain/errors.ts';
import { isGitJob, isSqliteJob, type Job } from '../../domain/model.ts';
import { isPaused } from '../../domain/pause.ts';
import { nextSlot } from '../../domain/schedule.ts';
import { counted } from '../../domain/units.ts';
import { instant } from '../../domain/zoned-time.ts';
import { refuseKnown } from '../../engine/operations/taken-name.ts';
import { anomalyDocument, jobDocument } from '../documents.ts';
import { common, group, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientSession, type CommonOptions, onClient, onLook } from '../session.ts';
import { formatInstant, localZone } from '../text.ts';
import { type GitJobOptions, gitJobOf, gitLines, gitOptions, identityOf, storesText, withGitOptions } from './git-job.ts';
import { ruleLines, withCommonJobOptions } from './job-options.ts';
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

  const pauseCommand = jobs
    .command('pause [names...]')
    .description('no runs by themselves until they are resumed')
    .option('--all', 'every job')
    .option('--until <end>', 'for a while: 30m, 1h, 2d, tomorrow, or an instant such as 2026-12-01T08:00+01:00');
  onClient(common(pauseCommand, 'nightjar job pause notes', 'nightjar job pause --all --until tomorrow'), pause);
  const resumeCommand = jobs.command('resume [names...]').description('runs by themselves again').option('--all', 'every job');
  onClient(common(resumeCommand, 'nightjar job resume notes'), resume);
  onClient(common(jobs.command('skip-next <name>').description('leave the next run out'), 'nightjar job skip-next notes'), skipNext);
  const slotsCommand = jobs
    .command('slots <name>')
    .description('when it was due, and what became of it')
    .option('--limit <n>', 'how many', wholeNumber, 20);
  onLook(common(slotsCommand, 'nightjar job slots notes'), slots);

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

interface PauseOptions extends CommonOptions {
  readonly all?: boolean;
  readonly until?: string;
}

async function pause({ client, output }: ClientSession, { all, until }: PauseOptions, names: string[]): Promise<undefined> {
  const paused: Job[] = [];
  for (const job of await chosen(client, names, all))
    paused.push(await client.jobs.pause({ job, ...(until === undefined ? {} : { until }) }));
  output.document(documentsOf(paused, names));
  for (const { name, pausedUntil } of paused) {
    output.line(`${name} is paused${pausedUntil === null ? '' : ` until ${formatInstant(Date.parse(pausedUntil))}`}`);
  }
}

async function resume({ client, output }: ClientSession, { all }: PauseOptions, names: string[]): Promise<undefined> {
  const resumed: Job[] = [];
  for (const job of await chosen(client, names, all)) resumed.push(await client.jobs.resume({ job }));
  output.document(documentsOf(resumed, names));
  for (const { name } of resumed) output.line(`${name} is on`);
}

async function chosen(client: EngineClient, names: readonly string[], all = false): Promise<readonly string[]> {
  if (all === names.length > 0) {
    throw new BackupError('usage-invalid', 'give either names of jobs, or --all', { hint: 'nightjar job list shows them' });
  }
  const jobs = await client.jobs.list();
  if (all) return jobs.map(({ name }) => name);
  // A name that is wrong is told before anything is changed.
  for (const job of names) await client.jobs.get({ job });
  return names;
}

/** One job where one was named, a list otherwise. */
function documentsOf(jobs: readonly Job[], names: readonly string[]): unknown {
  const [only] = jobs;
  return names.length === 1 && only !== undefined ? jobDocument(only) : jobs.map(jobDocument);
}

async function skipNext({ client, output }: ClientSession, _options: CommonOptions, name: string): Promise<undefined> {
  const { atMs, job } = await client.jobs.skipNext({ job: name });
  output.document({ job, skips: instant(atMs) });
  output.line(`${job} leaves out ${formatInstant(atMs)}`);
}

interface SlotsOptions extends CommonOptions {
  readonly limit: number;
}

async function slots({ client, output }: ClientSession, { limit }: SlotsOptions, name: string): Promise<undefined> {
  const found = await client.jobs.slots({ job: name, limit });
  output.document(found.map(({ atMs, reason, runId, state }) => ({ at: instant(atMs), state, reason, run: runId })));
  output.table(
    ['DUE', 'STATE', '', 'RUN'],
    found.map(({ atMs, reason, runId, state }) => [formatInstant(atMs), state, reason ?? '', runId ?? '']),
  );
  if (found.length === 0) output.line(`${name} was not due yet while Nightjar was running: nightjar serve keeps its schedule`);
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
      isPaused(job, nowMs) ? 'paused' : formatInstant(nextSlot(job.schedule, nowMs)),
      isGitJob(job) ? 'every commit' : `${keeps(job)}${job.deltas ? '' : ', in full'}`,
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
  output.line(
    `  ${isPaused(job, nowMs) ? pausedText(job) : `next ${formatInstant(nextSlot(job.schedule, nowMs), zone)}`} (${cron}, ${zone})`,
  );
  for (const line of [...(isGitJob(job) ? gitLines(job) : sqliteLines(job)), ...ruleLines(job)]) output.line(`  ${line}`);
}

function pausedText({ pausedUntil }: Job): string {
  return pausedUntil === null ? 'paused' : `paused until ${formatInstant(Date.parse(pausedUntil))}`;
}
