import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type GitJob, isGitJob, type Job, type Settings, type SqliteJob, sqliteJobSchema } from '../../domain/model.ts';
import { defaultCron } from '../../domain/schedule.ts';
import { formatBytes } from '../../domain/units.ts';
import type { Engine } from '../../engine/engine.ts';
import { backUpStore } from '../../engine/operations/back-up-store.ts';
import type { BackupOutcome } from '../../engine/operations/backup.ts';
import { runJob } from '../../engine/operations/run-job.ts';
import { watchHealth } from '../../engine/schedule/watchman.ts';
import { jobNamed } from '../../engine/settings-store.ts';
import { runDocument, snapshotDocument } from '../documents.ts';
import type { ExitCode } from '../exit-code.ts';
import { checkName, collect, common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type CommonOptions, onSession, type Session, withEngine } from '../session.ts';
import { localZone, rowsInTables } from '../text.ts';
import { isWhole, printStore, storeDocument } from './git-outcome.ts';
import { printPending } from './send.ts';

interface BackupOptions extends CommonOptions {
  readonly sqlite?: string;
  readonly to?: readonly string[];
  readonly name?: string;
  readonly limit?: number;
}

export function addBackupCommand(program: Command): void {
  const command = program
    .command('backup [job]')
    .description('back up a job now, or one database to a folder with nothing configured')
    .option('--sqlite <file>', 'a one-off backup of this database')
    .option('--to <folder>', 'with --sqlite: the folder it goes to, which must exist', collect)
    .option('--name <name>', "with --sqlite: the job's name (default: the file's name)")
    .option('--limit <seconds>', 'with --sqlite: end the run after this time', wholeNumber);
  common(command, 'nightjar backup notes', 'nightjar backup --sqlite ~/notes.db --to /Volumes/USB');
  onSession(command, async (session, options: BackupOptions, name?: string) => {
    const isOneOff = [options.sqlite, options.to, options.name, options.limit].some((given) => given !== undefined);
    if (isOneOff === (name !== undefined)) throw misuse();
    const oneOff = name === undefined ? oneOffJob(options) : null;
    return withEngine(session, async (engine) => {
      const settings = engine.settings.current;
      const job = oneOff ? withKnownDestinations(oneOff, settings) : jobNamed(settings, name ?? '');
      if (oneOff !== null) return backUp(session, engine, job, true);
      const watchman = watchHealth(engine);
      try {
        return await backUp(session, engine, job, false);
      } finally {
        await watchman.close();
      }
    });
  });
}

async function backUp(session: Session, engine: Engine, job: Job, keepsAll: boolean): Promise<ExitCode> {
  if (isGitJob(job)) return backUpGit(session, engine, job);
  const outcome = await runJob(engine, { job, trigger: 'manual', keepsAll, signal: session.signal });
  print(session.output, outcome);
  return outcome.failed.length > 0 ? 1 : 0;
}

/** Commits and pushes all that has changed, and all that is unfinished. */
async function backUpGit({ output, signal }: Session, engine: Engine, job: GitJob): Promise<ExitCode> {
  const outcome = await backUpStore(engine, { job, trigger: 'manual', scope: 'everything', signal });
  output.document(storeDocument(outcome));
  printStore(output, job, outcome);
  return isWhole(outcome) ? 0 : 1;
}

/** A job that exists for one run: it expires nothing. Refuses before anything is created. */
function oneOffJob({ sqlite, to, name, limit }: BackupOptions): SqliteJob {
  if (sqlite === undefined || to === undefined) throw misuse();
  const path = resolve(sqlite);
  if (!existsSync(path)) {
    throw new BackupError('source-missing', `there is no file ${path}`, {
      hint: 'check the path; a disk that is not mounted looks the same',
    });
  }
  for (const folder of to) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    throw new BackupError('destination-absent', `there is no folder ${resolve(folder)}`, {
      hint: 'plug in or mount the disk; a new folder has to be made by hand, so that a backup never goes to the wrong place',
    });
  }
  const parsed = sqliteJobSchema.safeParse({
    name: checkName(name ?? basename(path, extname(path)), 'choose one with --name'),
    source: { kind: 'sqlite', path },
    destinations: ['one-off'],
    schedule: { cron: defaultCron, zone: localZone() },
    retention: {},
    limitSeconds: limit,
  });
  if (!parsed.success)
    throw new BackupError('usage-invalid', `this backup cannot be made: ${issuesOf(parsed.error, { limitSeconds: '--limit' })}`);
  return { ...parsed.data, destinations: to.map((folder) => realpathSync(folder)) };
}

/** A folder that is set up as a destination goes by its name there; any other stands for itself. */
function withKnownDestinations(job: SqliteJob, settings: Settings): SqliteJob {
  const folders = settings.destinations.filter((config) => config.kind === 'folder');
  const known = new Map(folders.filter(({ path }) => existsSync(path)).map(({ name, path }) => [realpathSync(path), name]));
  return { ...job, destinations: [...new Set(job.destinations.map((folder) => known.get(folder) ?? folder))] };
}

function misuse(): BackupError {
  return new BackupError('usage-invalid', 'give either the name of a job, or --sqlite FILE and --to FOLDER', {
    hint: 'for example: nightjar backup --sqlite ~/notes.db --to /Volumes/USB',
  });
}

function print(output: Output, { run, snapshot, retained, failed, pending }: BackupOutcome): void {
  const expired = retained.flatMap(({ destination, removed }) =>
    removed.map(({ id, objectName }) => ({ destination, objectName, snapshot: id })),
  );
  output.document({ run: runDocument(run), snapshot: snapshotDocument(snapshot), expired, failed, pending });
  printPending(output, pending);
  const { manifest } = snapshot;
  const { tables } = manifest.sqlite;
  const sizes = `${formatBytes(manifest.raw.bytes)} stored as ${formatBytes(manifest.object.bytes)}`;
  output.line(`${output.style('green', '✓')} ${snapshot.job}: ${rowsInTables(tables)}, ${sizes}`);
  for (const copy of snapshot.copies) output.line(`  ${snapshot.job}/${copy.objectName} at ${copy.destination}, verified`);
  for (const { destination, removed } of retained) {
    if (removed.length > 0) output.line(`  expired at ${destination}: ${removed.map(({ objectName }) => objectName).join(', ')}`);
  }
  const frozenBy = retained[0]?.frozenBy ?? [];
  if (frozenBy.length > 0) output.line(`  nothing is pruned: ${frozenBy.join(', ')} (nightjar job acknowledge ${snapshot.job})`);
  output.line(`  snapshot ${snapshot.id}; restore it with: nightjar restore ${snapshot.id} --to FILE`);
  for (const { destination, message } of failed) output.line(`${output.style('red', '✗')} no copy at ${destination}: ${message}`);
}
