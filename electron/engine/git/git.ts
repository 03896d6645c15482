import { rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';
import { privateFile } from '../platform/atomic-file.ts';
import { type CommandResult, runCommand } from '../platform/command.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Ports } from '../ports.ts';
import { gitEnvironment, gitMissing } from './git-environment.ts';
import { type GitPath, joinNul } from './git-path.ts';

export type GitPorts = Pick<Ports, 'clock' | 'ids' | 'handles' | 'host'>;

export interface GitOptions {
  /** Ends the command at hand, with everything that it started. */
  readonly signal?: AbortSignal;
  /** Where lists of paths are handed over; the system's folder for such things by default. */
  readonly scratchFolder?: string;
  /** Lets the repository's own hooks run; they do not by default. */
  readonly hooks?: boolean;
  /** The environment to start from; this process's own by default. */
  readonly environment?: Readonly<NodeJS.ProcessEnv>;
  /** The git program; looked up in the PATH by default. */
  readonly program?: string;
  /** How long a command may take that stays on this machine. */
  readonly localLimitMs?: number;
  /** How long a command may take that talks to a remote. */
  readonly remoteLimitMs?: number;
  /** How long a remote over HTTP may be silent. */
  readonly silenceSeconds?: number;
  /** How long another git's lock is waited for. */
  readonly lockWaitMs?: number;
}

export interface GitCall {
  readonly input?: string | Buffer;
  /** Exit codes that are results and not failures; 0 is always one. */
  readonly accept?: readonly number[];
  /** Further settings of this call, as `name=value`. */
  readonly settings?: readonly string[];
  /** The index file of this call in place of the repository's own. */
  readonly index?: string;
  /** The folder that this call takes for the working tree, with the repository and its settings as ever. */
  readonly workTree?: string;
}

/**
 * git in one working tree. Every call guarantees: no shell, no prompt, no hook (unless the options say so), no signature, nothing left
 * in the background, an end within its limit, and no repository or setting from the environment of this process. All throw
 * `git-failed` with the redacted words of git, `timed-out`, `git-missing`, `source-missing`, and the reason of the signal.
 */
export interface Git {
  readonly projectPath: string;
  readonly host: string;
  /** Runs a command that only reads. */
  read(args: readonly string[], call?: GitCall): Promise<CommandResult>;
  /** Runs a command that writes; waits for the locks of other gits, and then throws `git-locked`. A lock is never removed. */
  write(args: readonly string[], call?: GitCall): Promise<CommandResult>;
  /** Runs a command that talks to a remote. Any exit code is a result. */
  contact(args: readonly string[]): Promise<CommandResult>;
  /** Hands the paths over in a file, as literal names in any number; it is gone afterwards. */
  withPaths<T>(paths: readonly GitPath[], work: (args: readonly string[]) => Promise<T>): Promise<T>;
}

const maxOutputBytes = 64 * 1_048_576;
/** No folder on any system; the null device that Windows itself has would pass for one. */
const nowhere = '/dev/null';
const longestLockWaitMs = 2000;

/** Opens git in a working tree. Nothing is run before the first call. */
export function openGit(projectPath: string, ports: GitPorts, options: GitOptions = {}): Git {
  const { signal, environment = process.env, localLimitMs = 600_000, remoteLimitMs = 600_000, lockWaitMs = 30_000 } = options;
  const run = (args: readonly string[], call: Omit<Start, 'args'>) => {
    const settings = [...settingsOf(options), ...(call.settings ?? [])].flatMap((setting) => ['-c', setting]);
    return start(projectPath, ports, options, { ...call, args: [...settings, ...args] });
  };
  const env = (readOnly: boolean, { index, workTree }: GitCall = {}, sshCommand?: string) => ({
    ...gitEnvironment(environment, process.platform, { readOnly, ...(sshCommand ? { sshCommand } : {}) }),
    ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
    ...(workTree === undefined ? {} : { GIT_WORK_TREE: workTree }),
  });
  const read = async (args: readonly string[], call: GitCall = {}) =>
    expectCode(args, await run(args, { ...call, limitMs: localLimitMs, env: env(true, call) }), call);
  return {
    projectPath,
    host: ports.host,
    read,
    write: async (args, call = {}) => {
      for (let waitedMs = 0, failures = 0; ; failures += 1) {
        const result = await run(args, { ...call, limitMs: localLimitMs, env: env(false, call) });
        const lock = result.code === 0 ? undefined : lockIn(result.stderr);
        const isOvertaken = result.code !== 0 && overtaken.test(result.stderr);
        if (lock === undefined && !(isOvertaken && waitedMs < lockWaitMs)) return expectCode(args, result, call);
        if (lock !== undefined && waitedMs >= lockWaitMs) throw await locked(lock, ports);
        const waitMs = Math.min(50 * 2 ** failures, longestLockWaitMs) * (0.5 + ports.ids.fraction() / 2);
        waitedMs += waitMs;
        await ports.clock.sleep(waitMs, signal);
      }
    },
    contact: async (args) => {
      const configured = await read(['config', '--get', 'core.sshCommand'], { accept: [1] });
      return run(args, { limitMs: remoteLimitMs, env: env(false, {}, configured.stdout.toString('utf8').trim()) });
    },
    withPaths: async (paths, work) => {
      const file = join(options.scratchFolder ?? tmpdir(), `nightjar-${ports.ids.make('part')}.paths`);
      try {
        await writeFile(file, joinNul(paths.map((path) => `:(literal)${path}`)), { flag: 'wx', mode: privateFile });
        return await work([`--pathspec-from-file=${file}`, '--pathspec-file-nul']);
      } finally {
        await rm(file, { force: true });
      }
    },
  };
}

/** What every command is told over the repository's and the person's own settings. */
function settingsOf({ hooks = false, silenceSeconds = 60 }: GitOptions): readonly string[] {
  return [
    ...(hooks ? [] : [`core.hooksPath=${nowhere}`]),
    'commit.gpgSign=false',
    'push.gpgSign=false',
    'i18n.commitEncoding=UTF-8',
    // Both would stay in the background after the command.
    'core.fsmonitor=false',
    'maintenance.auto=false',
    'gc.auto=0',
    'http.lowSpeedLimit=1',
    `http.lowSpeedTime=${silenceSeconds}`,
  ];
}

interface Start extends GitCall {
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly limitMs: number;
}

async function start(cwd: string, { clock }: GitPorts, { program = 'git', signal }: GitOptions, call: Start): Promise<CommandResult> {
  const { args, env, limitMs, input } = call;
  try {
    return await runCommand(
      {
        ...{ program, args, cwd, env, limitMs, maxOutputBytes, missingCode: 'git-missing' },
        ...(input === undefined ? {} : { input }),
        ...(signal === undefined ? {} : { signal }),
      },
      clock,
    );
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    if (error.code === 'git-missing') throw gitMissing(error);
    throw error;
  }
}

function expectCode(args: readonly string[], result: CommandResult, { accept = [] }: GitCall): CommandResult {
  if (result.code === 0 || accept.includes(result.code)) return result;
  throw gitFailure(args, result);
}

/** The error of a git command that failed: names the subcommand, and has git's own words without secrets. */
export function gitFailure(args: readonly string[], { code, stderr }: CommandResult): BackupError {
  const words = redact(stderr);
  return new BackupError('git-failed', `git ${args[0]} failed (exit code ${code})${words === '' ? '' : `: ${words}`}`);
}

/** The person has committed while we did: the same once more is right. */
const overtaken = /cannot lock ref '[^']+': is at [0-9a-f]+ but expected /;

/** The lock that stopped a command. Git tells it by its words alone; they are English, since the environment says so. */
function lockIn(stderr: string): string | undefined {
  return /Unable to create '(.+\.lock)': File exists/.exec(stderr)?.[1];
}

async function locked(path: string, { clock, handles }: GitPorts): Promise<BackupError> {
  const file = await unlessMissing(stat(path));
  const holders = await handles.of([path]).catch(() => null);
  const age = file ? `, ${Math.max(0, Math.round((clock.now() - file.mtimeMs) / 1000))} s old` : '';
  const holder = holders?.map(({ command, pid }) => `${command} (process ${pid})`).join(', ');
  const by = holder ? `, held by ${holder}` : '';
  return new BackupError('git-locked', `another git is at work in the repository: ${path} is there${age}${by}`, {
    hint: 'wait until it has finished; where no git is running any more, remove this file by hand',
    retryable: true,
    details: { lock: path },
  });
}

/** What git said, without the end of its last line. */
export function lineOf({ stdout }: CommandResult): string {
  return stdout.toString('utf8').replace(/\r?\n$/, '');
}
