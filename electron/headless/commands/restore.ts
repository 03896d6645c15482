import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { localPaths, preferencesSchema } from '../../domain/model.ts';
import type { RestoreOutcome } from '../../domain/outcomes.ts';
import { isVerified, type SnapshotRecord, storedCopies } from '../../domain/snapshot-record.ts';
import type { RestoreRecord } from '../../engine/catalog/rows.ts';
import { folderDestination } from '../../engine/destinations/folder.ts';
import type { Engine } from '../../engine/engine.ts';
import { findAtDestination, findSnapshot } from '../../engine/operations/find-snapshot.ts';
import { restoreInPlace, restoreToFile } from '../../engine/operations/restore.ts';
import type { RestoreContext } from '../../engine/operations/restore-run.ts';
import { discardKept, undoRestore } from '../../engine/operations/undo.ts';
import { silentLog } from '../../engine/platform/log.ts';
import { instant } from '../documents.ts';
import type { ExitCode } from '../exit-code.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { progressView } from '../progress-view.ts';
import { onSession, type Session, withEngine } from '../session.ts';
import { formatInstant, rowsInTables } from '../text.ts';
import { type RestoreStoreOptions, restoreStore, storeVersionOf } from './restore-store.ts';

interface RestoreOptions extends RestoreStoreOptions {
  readonly yes?: boolean;
  readonly from?: string;
  readonly job?: string;
  readonly at?: string;
  readonly undo?: string;
  readonly discard?: string;
  readonly list?: boolean;
}

export function addRestoreCommand(program: Command): void {
  const command = program
    .command('restore [what]')
    .description('bring a database back: SNAPSHOT, JOB, JOB@latest or JOB@YYYY-MM-DD; or a file of a git store: JOB@COMMIT')
    .option('--to <file>', 'restore to this new file')
    .option('--force', 'with --to: replace the file')
    .option('--path <path>', 'with a git store: the file or folder in it; it may go to a folder')
    .addOption(alone('--in-place', 'replace the live database; the present one is kept and can be brought back', ['to', 'force', 'from']))
    .addOption(alone('--yes', 'with --in-place: do not ask', ['to', 'from']))
    .option('--from <place>', 'with nothing but this folder of snapshots, or drive:NAME: no catalog, no jobs')
    .option('--job <name>', 'with --from: which job, where the folder holds several')
    .option('--at <when>', 'with --from: latest (default) or YYYY-MM-DD')
    .addOption(alone('--undo <restore>', 'bring back what a restore in place replaced, byte for byte', [...restoring, 'discard', 'list']))
    .addOption(alone('--discard <restore>', 'delete what a restore in place had kept', [...restoring, 'list']))
    .addOption(alone('--list', 'past restores, and what they kept', restoring));
  common(
    command,
    'nightjar restore notes --to ~/notes-restored.db',
    'nightjar restore notes@2026-11-01 --in-place',
    'nightjar restore --from /Volumes/USB --to ~/notes.db',
    'nightjar restore --from drive:gdrive --job notes --to ~/notes.db',
    'nightjar restore journal@2026-11-01 --path entries/a.md --to ~/a.md',
    'nightjar restore --undo restore-4f7k2m9qxb',
  );
  onSession(command, (session, options: RestoreOptions, what?: string) => restore(session, what, options));
}

/** The options that say what to restore and where to. */
const restoring = ['to', 'force', 'path', 'inPlace', 'from', 'job', 'at'];

/** An option that means nothing together with others: rather a usage error than a restore of something else than was meant. */
function alone(flags: string, description: string, others: string[]): Option {
  return new Option(flags, description).conflicts(others);
}

async function restore(session: Session, what: string | undefined, options: RestoreOptions): Promise<ExitCode> {
  const { at, discard, from, inPlace, job, to, undo } = options;
  if (from !== undefined) {
    if (what !== undefined || to === undefined) throw misuse();
    return from.startsWith(drivePrefix)
      ? restoreFromDrive(session, from.slice(drivePrefix.length), to, options)
      : restoreFromFolder(session, from, to, options);
  }
  const version = what === undefined ? null : storeVersionOf(session, what);
  if (version !== null && at === undefined && job === undefined) return restoreStore(session, version, options);
  if (options.path !== undefined) throw misuse();
  const needsSnapshot = undo === undefined && discard === undefined && !options.list;
  if (needsSnapshot === (what === undefined) || at !== undefined || job !== undefined) throw misuse();
  if (needsSnapshot && to === undefined && !inPlace) throw misuse();
  return withEngine(session, async (engine) => {
    if (undo !== undefined) return undoNamed(session, engine, undo);
    if (discard !== undefined) return discardNamed(session.output, engine, discard);
    return what === undefined ? list(session.output, engine) : restoreSnapshot(session, engine, what, options);
  });
}

async function restoreSnapshot(session: Session, engine: Engine, what: string, options: RestoreOptions): Promise<ExitCode> {
  const snapshot = findSnapshot(engine.catalog, what);
  const request = { manifest: snapshot.manifest, copies: copiesOf(engine, snapshot), signal: session.signal };
  if (options.to !== undefined) {
    const outcome = await restoreToFile(contextOf(engine), { ...request, target: options.to, force: options.force ?? false });
    return print(session.output, outcome, snapshot.id);
  }
  const target = liveTarget(engine, snapshot);
  const taken = formatInstant(snapshot.createdAtMs);
  await confirm(session, options, `Replace ${target} with ${snapshot.job} of ${taken}? The present one is kept.`);
  return print(session.output, await restoreInPlace(contextOf(engine), { ...request, target }), snapshot.id);
}

/** What `--from` begins with where it names a destination instead of a folder. */
const drivePrefix = 'drive:';

/** A restore on a machine that knows nothing but the sign-in: what is there is read from the destination, not from the catalog. */
function restoreFromDrive(session: Session, name: string, target: string, options: RestoreOptions): Promise<ExitCode> {
  return withEngine(session, async (engine) => {
    const { output, signal } = session;
    const destination = engine.destination(name, signal);
    const manifest = await findAtDestination(destination, options.job, options.at ?? 'latest', (error) =>
      output.note(`warning: ${errorFacts(error).message}`),
    );
    const request = { manifest, copies: [destination], signal, target, force: options.force ?? false };
    return print(output, await restoreToFile(contextOf(engine), request), manifest.id);
  });
}

/** A restore on a machine that has only the folder. */
async function restoreFromFolder(
  { output, ports, signal, streams }: Session,
  folder: string,
  target: string,
  options: RestoreOptions,
): Promise<ExitCode> {
  const root = resolve(folder);
  const destination = folderDestination(root, root, null, ports);
  const manifest = await findAtDestination(destination, options.job, options.at ?? 'latest', (error) =>
    output.note(`warning: ${errorFacts(error).message}`),
  );
  const view = progressView(streams);
  const context: RestoreContext = {
    ports,
    log: silentLog,
    preferences: preferencesSchema.parse({}),
    protectedFolders: [root],
    emit: (event) => output.json || view(event),
  };
  const outcome = await restoreToFile(context, {
    manifest,
    copies: [destination],
    signal,
    target,
    force: options.force ?? false,
  });
  return print(output, outcome, manifest.id);
}

function contextOf(engine: Engine): RestoreContext {
  const { ports, log, settings, emit, catalog } = engine;
  const { destinations, preferences } = settings.current;
  const protectedFolders = [engine.home.path, ...localPaths(destinations), ...catalog.destinations().filter(isAbsolute)];
  return { ports, log, preferences, protectedFolders, emit, record: catalog };
}

/** The snapshot's copies as destinations: those whose last proof succeeded first. */
function copiesOf(engine: Engine, snapshot: SnapshotRecord) {
  const copies = storedCopies(snapshot).toSorted((a, b) => Number(isVerified(b)) - Number(isVerified(a)));
  return copies.map(({ destination }) => engine.destination(destination));
}

/** The job's database; for a job that is not configured, the path in the manifest if it was this machine's. */
function liveTarget(engine: Engine, snapshot: SnapshotRecord): string {
  const job = engine.settings.current.jobs.find(({ name }) => name === snapshot.job);
  if (job) return job.source.path;
  const { host, path } = snapshot.manifest.source;
  if (host === engine.ports.host) return path;
  throw new BackupError('target-refused', `${snapshot.job} was taken on ${host}, so it is not known which database it would replace here`, {
    hint: 'restore it with --to FILE',
  });
}

async function confirm({ streams }: Session, { yes, json }: RestoreOptions, question: string): Promise<void> {
  if (yes) return;
  if (json || !process.stdin.isTTY) {
    throw new BackupError('confirmation-missing', 'nothing was changed: there is nobody to ask whether the live database may be replaced', {
      hint: 'say --yes to go on without being asked',
    });
  }
  const prompt = createInterface({ input: process.stdin, output: streams.stderr });
  // Ctrl-C and Ctrl-D are an answer too.
  const answer = await prompt.question(`${question} [y/N] `).catch(() => 'no');
  prompt.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new BackupError('confirmation-missing', 'nothing was changed');
}

async function undoNamed(session: Session, engine: Engine, id: string): Promise<ExitCode> {
  const former = restoreNamed(engine, id);
  const outcome = await undoRestore(engine, contextOf(engine), former, session.signal);
  session.output.document({ restored: former.id, path: outcome.path, tables: [], undo: outcome.undo });
  session.output.line(`${session.output.style('green', '✓')} ${outcome.path} is again what it was before ${former.id}, byte for byte`);
  session.output.line(`  what it replaced is kept: nightjar restore --undo ${outcome.undo}`);
  return 0;
}

async function discardNamed(output: Output, engine: Engine, id: string): Promise<ExitCode> {
  const former = restoreNamed(engine, id);
  await discardKept(engine, former);
  output.document({ discarded: former.id, path: former.keptPath ?? null });
  output.line(`deleted what ${former.id} had kept`);
  return 0;
}

function list(output: Output, engine: Engine): ExitCode {
  const restores = engine.catalog.restores();
  output.document(
    restores.map(({ id, job, mode, state, targetPath, keptPath, snapshotId, startedAtMs, endedAtMs }) => ({
      id,
      job,
      mode,
      state,
      path: targetPath,
      kept: keptPath !== undefined && existsSync(keptPath) ? keptPath : null,
      snapshot: snapshotId ?? null,
      startedAt: instant(startedAtMs),
      endedAt: instant(endedAtMs),
    })),
  );
  output.table(
    ['RESTORE', 'JOB', 'WHEN', 'HOW', 'STATE', 'FILE'],
    restores.map(({ id, job, mode, state, targetPath, startedAtMs }) => [id, job, formatInstant(startedAtMs), mode, state, targetPath]),
  );
  if (restores.length === 0) output.line('no restores yet');
  return 0;
}

function restoreNamed(engine: Engine, id: string): RestoreRecord {
  const record = engine.catalog.restore(id);
  if (record) return record;
  throw new BackupError('restore-unknown', `there is no restore "${id}"`, { hint: 'see them with: nightjar restore --list' });
}

function print(output: Output, outcome: RestoreOutcome, snapshotId: string): ExitCode {
  output.document({ restored: snapshotId, path: outcome.path, tables: outcome.tables, undo: outcome.undo, warnings: outcome.warnings });
  output.line(`${output.style('green', '✓')} ${outcome.path}: ${rowsInTables(outcome.tables)}, integrity_check ok`);
  if (outcome.undo !== null) output.line(`  the former database is kept; bring it back with: nightjar restore --undo ${outcome.undo}`);
  return 0;
}

function misuse(): BackupError {
  return new BackupError('usage-invalid', 'say what to restore and where to: SNAPSHOT or JOB with --to FILE or --in-place', {
    hint: 'nightjar restore notes --to ~/notes-restored.db; see: nightjar restore --help',
  });
}
