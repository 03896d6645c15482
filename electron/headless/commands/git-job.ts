import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../domain/errors.ts';
import { issuesOf } from '../../domain/issues.ts';
import { type GitJob, gitJobSchema } from '../../domain/model.ts';
import { defaultMessage } from '../../domain/source.ts';
import { collect, wholeNumber } from '../options.ts';
import { type CommonJobOptions, commonFieldsOf, commonOptionNames } from './job-options.ts';

export interface GitJobOptions extends CommonJobOptions {
  readonly git?: string;
  readonly store?: readonly string[];
  readonly remote?: string;
  readonly branch?: string;
  readonly push?: boolean;
  readonly message?: string;
  readonly hooks?: boolean;
  readonly fallback?: boolean;
  readonly remoteLimit?: number;
  readonly enable?: boolean;
}

const optionNames: Readonly<Record<string, string>> = {
  ...commonOptionNames,
  'source.path': '--git',
  'source.stores': '--store',
  'source.remote': '--remote',
  'source.branch': '--branch',
  'source.message': '--message',
  'source.remoteLimitSeconds': '--remote-limit',
};

/** Every option, as commander names it, that means nothing to a database's job. */
export const gitOptions = [
  'git',
  'store',
  'remote',
  'branch',
  'push',
  'message',
  'hooks',
  'fallback',
  'remoteLimit',
  'enable',
] as const satisfies readonly (keyof GitJobOptions)[];

export function withGitOptions(command: Command): Command {
  return command
    .option('--git <repository>', "a git repository's working tree")
    .option('--store <path>', 'what of it is backed up: a file or folder in it, "." for all; may be given several times', collect)
    .option('--remote <name>', 'where it is pushed to (default "origin")')
    .option('--branch <name>', 'the branch that is backed up (default "main")')
    .option('--push', 'push after each commit')
    .option('--no-push', 'never contact the remote (default)')
    .option('--message <text>', `the message of a commit, with {item} and {reason} (default "${defaultMessage}")`)
    .option('--hooks', "let the repository's own hooks run")
    .option('--no-hooks', 'keep them off (default)')
    .option('--fallback', 'push to the branch backup/HOST where the remote has gone another way')
    .option('--no-fallback', 'tell it, and push nothing there (default)')
    .option('--remote-limit <seconds>', 'end a push after this time (default 600)', wholeNumber)
    .option('--enable', 'back it up (default)')
    .option('--no-enable', 'never start git for it');
}

/**
 * The git job that the options ask for, with what it had before, or the schema's defaults, where an option was not given. Throws
 * `usage-invalid` that names the option.
 */
export function gitJobOf(name: string, options: GitJobOptions, before: GitJob | undefined): GitJob {
  const path = options.git === undefined ? before?.source.path : resolve(options.git);
  const parsed = gitJobSchema.safeParse({
    ...commonFieldsOf(name, options, before),
    source: {
      ...before?.source,
      kind: 'git',
      ...defined({ path, stores: path === undefined ? undefined : options.store?.map((store) => toStorePath(path, store)) }),
      ...defined({ remote: options.remote, branch: options.branch, push: options.push, message: options.message }),
      ...defined({ hooks: options.hooks, fallback: options.fallback, enabled: options.enable, remoteLimitSeconds: options.remoteLimit }),
    },
  });
  if (!parsed.success) throw new BackupError('usage-invalid', `this job cannot be set up: ${issuesOf(parsed.error, optionNames)}`);
  return parsed.data;
}

/** The remote that a repository has is the right one where either is given, or pushing is switched on: before, there was none to be held against. */
export function identityOf({ git, push, remote }: GitJobOptions, before: GitJob): 'take' | 'keep' {
  return git !== undefined || remote !== undefined || (push === true && !before.source.push) ? 'take' : 'keep';
}

/** What a git job does, for people. */
export function gitLines({ source, limitSeconds }: GitJob): string[] {
  const pushes = source.push
    ? `pushes to ${source.remote}${source.fallback ? ', or to a branch of its own there' : ''}`
    : 'does not push: the commits are only on this machine';
  return [
    `commits ${storesText(source.stores)} on ${source.branch}, ${pushes}`,
    `says "${source.message}"; a run ends after ${limitSeconds} s${source.enabled ? '' : '; switched off'}`,
  ];
}

/** `notes, journal`, or `all of it`. */
export function storesText(stores: readonly string[]): string {
  return stores.map((store) => store || 'all of it').join(', ');
}

/** A path that is written as it is in the repository, as a person sees it from where they are, or in full. */
function toStorePath(root: string, store: string): string {
  const inRepository = relative(root, resolve(root, store));
  return inRepository.split(sep).join('/');
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
