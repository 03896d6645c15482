import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { encodeSettings, type ImportOutcome, type SettingsChange } from '../../domain/settings-file.ts';
import { createFile, privateFile, writeFileAtomically } from '../../engine/platform/atomic-file.ts';
import { translateErrno } from '../../engine/platform/errno.ts';
import { common } from '../options.ts';
import type { Output } from '../output.ts';
import { type ClientSession, type CommonOptions, onClient, onLook } from '../session.ts';
import { program } from '../version.ts';

interface ExportOptions extends CommonOptions {
  readonly force?: boolean;
}

interface ImportOptions extends CommonOptions {
  readonly dryRun?: boolean;
  readonly replace?: boolean;
}

/** Adds `settings export` and `settings import` to the group. */
export function addSettingsFileCommands(settings: Command): void {
  const exportCommand = settings
    .command('export [file]')
    .description('jobs, destinations and settings for another machine, without secrets (default: to stdout)')
    .option('--force', 'replace the file where there is one');
  onLook(common(exportCommand, 'nightjar settings export nightjar-settings.json'), exportTo);

  const importCommand = settings
    .command('import <file>')
    .description('take exported settings over: adds and replaces by name')
    .option('--replace', 'also take away every job and destination that is not in the file')
    .option('--dry-run', 'only say what would change');
  onClient(common(importCommand, 'nightjar settings import nightjar-settings.json --dry-run'), importFrom);
}

async function exportTo({ client, output, ports, streams }: ClientSession, options: ExportOptions, file?: string): Promise<undefined> {
  const settings = await client.settings.get();
  const text = encodeSettings(settings, { program, atMs: ports.clock.now() });
  if (file === undefined) {
    streams.stdout.write(text);
    return;
  }
  const path = resolve(file);
  await write(path, text, ports.ids.make('part'), options.force ?? false).catch((error: unknown) => {
    throw translateErrno(error, { absent: 'target-refused', refused: 'target-refused', place: path });
  });
  output.document({ exported: path, jobs: settings.jobs.length, destinations: settings.destinations.length });
  output.line(`exported to ${path}; no sign-in is in it: on the other machine, sign in again`);
}

async function write(path: string, text: string, partId: string, force: boolean): Promise<void> {
  if (force) return writeFileAtomically(path, text, partId);
  if (await createFile(path, text, privateFile, `${path}.${partId}.tmp`)) return;
  throw new BackupError('target-exists', `there is a file ${path} already`, { hint: 'choose another name, or replace it with --force' });
}

async function importFrom({ client, output }: ClientSession, options: ImportOptions, file: string): Promise<undefined> {
  const path = resolve(file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BackupError('usage-invalid', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'check the name of the file',
    });
  });
  const dryRun = options.dryRun ?? false;
  const outcome = await client.settings.import({ text, name: path, mode: options.replace ? 'replace' : 'merge', dryRun });
  output.document({ dryRun, ...outcome });
  print(output, outcome, dryRun);
}

function print(output: Output, { changes, warnings, signIns }: ImportOutcome, dryRun: boolean): void {
  const differing = changes.filter(({ kind }) => kind !== 'same');
  for (const change of differing) output.line(sentence(change, dryRun));
  if (differing.length === 0) output.line('everything is as in the file already');
  for (const warning of warnings) output.note(`warning: ${warning}`);
  for (const name of signIns) output.note(`note: nobody has signed in to ${name} here: nightjar destination sign-in ${name} --client FILE`);
}

function sentence({ fields, kind, name, what }: SettingsChange, dryRun: boolean): string {
  const subject = what === 'preferences' ? 'the settings for all jobs' : `the ${what} ${name}`;
  const happened = what === 'preferences' ? 'were' : 'was';
  return `${subject} ${dryRun ? 'would be' : happened} ${kind}${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`;
}
