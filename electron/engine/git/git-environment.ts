import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { type Command, runCommand } from '../platform/command.ts';
import type { Clock } from '../ports.ts';

export interface GitEnvironmentOptions {
  /** For commands that only read: git then leaves out what it would write by the way. */
  readonly readOnly?: boolean;
  /** What the repository is configured to reach its remote with, in place of `ssh`. */
  readonly sshCommand?: string;
}

const sshOptions = '-oBatchMode=yes -oConnectTimeout=15';

/**
 * The environment of a git command: that of this process without any of git's own variables, so that no repository, index or setting
 * of another git gets in; nobody is ever asked anything, and messages are in English.
 */
export function gitEnvironment(
  inherited: Readonly<NodeJS.ProcessEnv>,
  platform: NodeJS.Platform,
  { readOnly = false, sshCommand = 'ssh' }: GitEnvironmentOptions = {},
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    // Windows does not tell cases apart: PATH is written "Path" there.
    const known = platform === 'win32' ? name.toUpperCase() : name;
    if (value === undefined || known.startsWith('GIT_') || known.startsWith('SSH_ASKPASS') || known === 'PATH') continue;
    environment[name] = value;
  }
  return {
    ...environment,
    PATH: completePath(inherited, platform),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_EDITOR: 'false',
    GCM_INTERACTIVE: 'never',
    GIT_SSH_COMMAND: takesSshOptions(sshCommand) ? `${sshCommand} ${sshOptions}` : sshCommand,
    ...(readOnly ? { GIT_OPTIONAL_LOCKS: '0' } : {}),
  };
}

/** Only OpenSSH has these options; another program (plink, a script) gets what it was configured with. */
function takesSshOptions(command: string): boolean {
  return /^(?:[^\s"']*[\\/])?ssh(?:\.exe)?(?:\s|$)/i.test(command.trim());
}

/** PATH with the usual places behind it: a program that the desktop starts has a bare one. */
function completePath(inherited: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): string {
  const { delimiter } = platform === 'win32' ? win32 : posix;
  const value = variable(inherited, 'PATH', platform) ?? '';
  // An empty entry is the current folder, and that is the repository.
  const places = value.split(delimiter).filter((place) => place !== '');
  for (const place of usualPlaces(inherited, platform)) if (!places.includes(place)) places.push(place);
  return places.join(delimiter);
}

function usualPlaces(inherited: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): readonly string[] {
  if (platform !== 'win32') {
    const places = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
    return platform === 'darwin' ? ['/opt/homebrew/bin', ...places] : places;
  }
  const programs = variable(inherited, 'PROGRAMFILES', platform) ?? 'C:\\Program Files';
  const local = variable(inherited, 'LOCALAPPDATA', platform);
  const roots = [`${programs}\\Git`, ...(local === undefined ? [] : [`${local}\\Programs\\Git`])];
  return roots.flatMap((root) => [`${root}\\cmd`, `${root}\\mingw64\\bin`, `${root}\\usr\\bin`]);
}

function variable(inherited: Readonly<NodeJS.ProcessEnv>, name: string, platform: NodeJS.Platform): string | undefined {
  if (platform !== 'win32') return inherited[name];
  return Object.entries(inherited).find(([key]) => key.toUpperCase() === name)?.[1];
}

/** A program that git needs, for a report. */
export interface GitTool {
  readonly path: string;
  /** `null` where it does not tell. */
  readonly version: string | null;
}

export interface GitTools {
  readonly git: GitTool;
  readonly ssh: GitTool | null;
  /** The helper that is asked first, as it is configured; without a path where it is a command line or cannot be found. */
  readonly credentialHelper: { readonly configured: string; readonly path: string | null } | null;
}

/** Finds the programs that git commands will use, and asks them for their versions. Throws `git-missing`. */
export async function findGit(clock: Clock, inherited: Readonly<NodeJS.ProcessEnv> = process.env): Promise<GitTools> {
  const env = gitEnvironment(inherited, process.platform, { readOnly: true });
  const run = (program: string, args: readonly string[]) => {
    const command: Command = { program, args, env, cwd: homedir(), limitMs: 10_000, maxOutputBytes: 1_048_576, missingCode: 'git-missing' };
    return runCommand(command, clock);
  };
  const git = await findProgram('git', env.PATH ?? '');
  if (git === null) throw gitMissing();
  const version = await run(git, ['version']);
  const ssh = await findProgram('ssh', env.PATH ?? '');
  const execPath = (await run(git, ['--exec-path'])).stdout.toString('utf8').trim();
  const configured = (await run(git, ['config', '--get-all', 'credential.helper'])).stdout.toString('utf8').split('\n')[0] ?? '';
  return {
    git: { path: git, version: versionIn(version.stdout.toString('utf8')) },
    ssh: ssh === null ? null : { path: ssh, version: versionIn((await run(ssh, ['-V'])).stderr) },
    credentialHelper:
      configured === '' ? null : { configured, path: await findHelper(configured, `${execPath}${posixOrWin.delimiter}${env.PATH}`) },
  };
}

/** The error of a machine without git. */
export function gitMissing(cause?: unknown): BackupError {
  return new BackupError('git-missing', 'git is not installed, or not in the PATH of this program', {
    cause,
    hint: 'install git (https://git-scm.com/downloads; on macOS: xcode-select --install) and run it again',
  });
}

const posixOrWin = process.platform === 'win32' ? win32 : posix;

function versionIn(text: string): string | null {
  return /\d+(?:\.\d+)+\w*/.exec(text)?.[0] ?? null;
}

/** A name stands for `git-credential-NAME`; a path is itself; what begins with `!` is a command line. */
async function findHelper(configured: string, path: string): Promise<string | null> {
  const program = configured.split(/\s/)[0] ?? '';
  if (program.startsWith('!')) return null;
  if (posixOrWin.isAbsolute(program)) return (await isExecutable(program)) ? program : null;
  return findProgram(`git-credential-${program}`, path);
}

async function findProgram(name: string, path: string): Promise<string | null> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of path.split(posixOrWin.delimiter)) {
    const candidate = posixOrWin.join(folder, file);
    if (await isExecutable(candidate)) return candidate;
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
