import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import { preferencesSchema } from '../../domain/model.ts';
import type { RestoreOutcome } from '../../domain/outcomes.ts';
import { instant } from '../../domain/zoned-time.ts';
import { folderDestination } from '../../engine/destinations/folder.ts';
import { findAtDestination } from '../../engine/operations/find-snapshot.ts';
import { restoreToFile } from '../../engine/operations/restore.ts';
import type { RestoreContext } from '../../engine/operations/restore-run.ts';
import { silentLog } from '../../engine/platform/log.ts';
import type { ExitCode } from '../exit-code.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { progressView } from '../progress-view.ts';
import { type ClientSession, follow, onSession, type Session, withClient } from '../session.ts';
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
  return withClient(session, async (client) => {
    const context = { ...session, client };
    if (undo !== undefined) return undoNamed(context, undo);
    if (discard !== undefined) return discardNamed(context, discard);
    return what === undefined ? list(context) : restoreSnapshot(context, what, options);
  });
}

async function restoreSnapshot(session: ClientSession, what: string, options: RestoreOptions): Promise<ExitCode> {
  const { client, output, signal } = session;
  const { id } = await client.snapshots.get({ snapshot: what });
  if (options.to !== undefined) {
    const asked = { snapshot: id, target: resolve(options.to), force: options.force ?? false };
    return print(output, await follow(session, await client.restores.toFile(asked, { signal })), id);
  }
  const { snapshot, target } = await client.restores.plan({ snapshot: id });
  const taken = formatInstant(snapshot.createdAtMs);
  await confirm(session, options, `Replace ${target} with ${snapshot.job} of ${taken}? The present one is kept.`);
  return print(output, await follow(session, await client.restores.inPlace({ snapshot: id }, { signal })), id);
}

/** What `--from` begins with where it names a destination instead of a folder. */
const drivePrefix = 'drive:';

/** A restore on a machine that knows nothing but the sign-in. */
function restoreFromDrive(session: Session, destination: string, to: string, { at, force, job }: RestoreOptions): Promise<ExitCode> {
  return withClient(session, async (client) => {
    const { output, signal } = session;
    const from = { destination, at: at ?? 'latest', ...(job === undefined ? {} : { job }) };
    const asked = { ...from, target: resolve(to), force: force ?? false };
    const { notes, outcome, snapshotId } = await follow(session, await client.restores.foreign(asked, { signal }));
    for (const note of notes) output.note(`warning: ${note}`);
    return print(output, outcome, snapshotId);
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

async function undoNamed(session: ClientSession, id: string): Promise<ExitCode> {
  const { client, output, signal } = session;
  const outcome = await follow(session, await client.restores.undo({ restore: id }, { signal }));
  output.document({ restored: id, path: outcome.path, tables: [], undo: outcome.undo });
  output.line(`${output.style('green', '✓')} ${outcome.path} is again what it was before ${id}, byte for byte`);
  output.line(`  what it replaced is kept: nightjar restore --undo ${outcome.undo}`);
  return 0;
}

async function discardNamed({ client, output }: ClientSession, restore: string): Promise<ExitCode> {
  const former = await client.restores.discard({ restore });
  output.document({ discarded: former.id, path: former.keptPath ?? null });
  output.line(`deleted what ${former.id} had kept`);
  return 0;
}

async function list({ client, output }: ClientSession): Promise<ExitCode> {
  const restores = await client.restores.list();
  output.document(
    restores.map(({ id, isKept, job, mode, state, targetPath, keptPath, snapshotId, startedAtMs, endedAtMs }) => ({
      id,
      job,
      mode,
      state,
      path: targetPath,
      kept: isKept ? (keptPath ?? null) : null,
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
