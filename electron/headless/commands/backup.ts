import { basename, extname, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkName } from '../../domain/check-name.ts';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { jobLimitSchema, type Run } from '../../domain/model.ts';
import type { BackupOutcome } from '../../domain/outcomes.ts';
import { deltasOff, describeChangedPages, describeForm } from '../../domain/snapshot-form.ts';
import type { SnapshotRecord } from '../../domain/snapshot-record.ts';
import { formatBytes } from '../../domain/units.ts';
import { expectPlaces } from '../../engine/operations/one-off-job.ts';
import { runDocument, snapshotDocument } from '../documents.ts';
import type { ExitCode } from '../exit-code.ts';
import { collect, common, wholeNumber } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientSession, type CommonOptions, follow, onSession, withClient } from '../session.ts';
import { localZone, rowsInTables } from '../text.ts';
import { storeNamed } from './git.ts';
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
    if (name !== undefined) return withClient(session, (client) => backUpJob({ ...session, client }, name));
    const oneOff = oneOffOf(options);
    // Before a data folder is made for it.
    expectPlaces(oneOff);
    return withClient(session, async (client) => {
      const outcome = await follow(session, await client.jobs.backupOnce(oneOff, { signal: session.signal }));
      return print(session.output, outcome);
    });
  });
}

/** Takes a snapshot of a database, or commits and pushes all that has changed in a store, and all that is unfinished. */
async function backUpJob(session: ClientSession, name: string): Promise<ExitCode> {
  const { client, output, signal } = session;
  const outcome = await follow(session, await client.jobs.backup({ job: name, trigger: 'manual' }, { signal }));
  if (outcome.kind === 'sqlite') return print(output, outcome);
  output.document(storeDocument(outcome));
  printStore(output, await storeNamed(client, name), outcome);
  return isWhole(outcome) ? 0 : 1;
}

/** What is backed up where, by paths that mean the same to an engine in another folder. */
function oneOffOf({ limit, name, sqlite, to }: BackupOptions) {
  if (sqlite === undefined || to === undefined) throw misuse();
  const path = resolve(sqlite);
  const limited = jobLimitSchema.optional().safeParse(limit);
  if (!limited.success) throw new BackupError('usage-invalid', `this backup cannot be made: --limit: ${issuesOf(limited.error)}`);
  return {
    name: checkName(name ?? basename(path, extname(path)), 'choose one with --name'),
    path,
    folders: to.map((folder) => resolve(folder)),
    zone: localZone(),
    ...(limit === undefined ? {} : { limitSeconds: limit }),
  };
}

function misuse(): BackupError {
  return new BackupError('usage-invalid', 'give either the name of a job, or --sqlite FILE and --to FOLDER', {
    hint: 'for example: nightjar backup --sqlite ~/notes.db --to /Volumes/USB',
  });
}

function print(output: Output, { run, snapshot, retained, failed, pending }: BackupOutcome): ExitCode {
  const expired = retained.flatMap(({ destination, removed }) =>
    removed.map(({ id, objectName }) => ({ destination, objectName, snapshot: id })),
  );
  output.document({ run: runDocument(run), snapshot: snapshotDocument(snapshot), expired, failed, pending });
  printPending(output, pending);
  const { manifest } = snapshot;
  const { tables } = manifest.sqlite;
  const sizes = `${formatBytes(manifest.raw.bytes)} stored as ${formatBytes(manifest.object.bytes)}`;
  output.line(`${output.style('green', '✓')} ${snapshot.job}: ${rowsInTables(tables)}, ${sizes}`);
  for (const line of formLines(run, snapshot)) output.line(`  ${line}`);
  for (const copy of snapshot.copies) output.line(`  ${snapshot.job}/${copy.objectName} at ${copy.destination}, verified`);
  for (const { destination, removed } of retained) {
    if (removed.length > 0) output.line(`  expired at ${destination}: ${removed.map(({ objectName }) => objectName).join(', ')}`);
  }
  const frozenBy = retained[0]?.frozenBy ?? [];
  if (frozenBy.length > 0) output.line(`  nothing is pruned: ${frozenBy.join(', ')} (nightjar job acknowledge ${snapshot.job})`);
  output.line(`  snapshot ${snapshot.id}; restore it with: nightjar restore ${snapshot.id} --to FILE`);
  for (const { destination, message } of failed) output.line(`${output.style('red', '✗')} no copy at ${destination}: ${message}`);
  return failed.length > 0 ? 1 : 0;
}

/** `delta on 2026-11-01: 40 of 447 pages changed`, or `full: there is no full snapshot yet`; nothing where nobody expects a delta. */
function formLines({ steps }: Run, { manifest }: SnapshotRecord): string[] {
  const { delta, sqlite } = manifest;
  if (delta) return [`${describeForm(manifest)}: ${describeChangedPages(delta.changedPages, sqlite.pageCount)}`];
  const why = steps.findLast(({ name }) => name === 'compress')?.facts.full;
  return why === undefined || why === deltasOff ? [] : [`${describeForm(manifest)}: ${why}`];
}
