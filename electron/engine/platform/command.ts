import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { BackupError, type ErrorCode } from '../../domain/errors.ts';
import type { Clock } from '../ports.ts';
import { errnoOf } from './errno.ts';

/** A program to run, and its bounds. */
export interface Command {
  /** A path, or a name that is looked up in the PATH of `env`. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** What the program reads; without it, its input is empty. */
  readonly input?: string | Buffer;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  readonly maxOutputBytes: number;
  /** The code of the error where the program is missing. */
  readonly missingCode?: ErrorCode;
}

export interface CommandResult {
  /** The exit code; 128 and the signal's number where a signal ended the program. */
  readonly code: number;
  readonly stdout: Buffer;
  /** The last 64 KiB that the program said. */
  readonly stderr: string;
}

type Child = ChildProcessByStdio<Writable | null, Readable, Readable>;

const isWindows = process.platform === 'win32';
const maxStderrBytes = 65_536;
/** How long a process may take to put its things away after it was asked to end; nobody tells when a group has. */
const graceMs = 2000;
/** How long output may stay open after the program has ended: a process that it left behind holds it. */
const drainMs = 1000;
const firstPollMs = 10;

/** The groups that are at work; they do not outlive this process where it ends by itself. */
const running = new Set<number>();

/**
 * Runs a program without a shell, in a process group of its own, and waits for its end. The whole group is ended before this settles,
 * whatever the program started: after its limit, an abort, too much output, and what is left of it after its own end. Throws
 * `timed-out`, the signal's reason, `missingCode` where there is no such program, `source-missing` where there is no such folder,
 * and `internal` for too much output. Any exit code is a result.
 */
export async function runCommand(command: Command, clock: Clock): Promise<CommandResult> {
  const { signal, limitMs, program } = command;
  signal?.throwIfAborted();
  const child = start(command);
  const done = new AbortController();
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => {}); // It may come when nobody waits any more.
  const onAbort = () => stopped.reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  clock.sleep(limitMs, done.signal).then(
    () => stopped.reject(new BackupError('timed-out', `${program} did not end within ${limitMs} ms`, { retryable: true })),
    () => {}, // It has ended before.
  );
  const stdout = collect(child.stdout, command.maxOutputBytes, () =>
    stopped.reject(new BackupError('internal', `${program} said more than ${command.maxOutputBytes} bytes`)),
  );
  const stderr = collectTail(child.stderr, maxStderrBytes);
  const exited = Promise.withResolvers<number>();
  child.once('error', (error) => exited.reject(error));
  child.once('exit', (code, by) => exited.resolve(code ?? 128 + (by === null ? 0 : constants.signals[by])));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const code = await Promise.race([exited.promise, stopped.promise]);
    await Promise.race([closed, stopped.promise, clock.sleep(drainMs, done.signal)]);
    return { code, stdout: stdout(), stderr: stderr() };
  } catch (error) {
    throw await startFailure(error, command);
  } finally {
    done.abort();
    signal?.removeEventListener('abort', onAbort);
    if (child.pid !== undefined) {
      await endGroup(child.pid, clock);
      await exited.promise.catch(() => {});
      running.delete(child.pid);
      if (running.size === 0) process.off('exit', endAll);
    }
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function start({ program, args, cwd, env, input }: Command): Child {
  const child = spawn(program, args, {
    cwd,
    env,
    shell: false,
    windowsHide: true,
    // On Windows this would open a console, and there are no groups to make.
    detached: !isWindows,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  }) as Child;
  if (child.pid !== undefined) {
    if (running.size === 0) process.once('exit', endAll);
    running.add(child.pid);
  }
  // A program that has read enough closes its input.
  child.stdin?.on('error', () => {}).end(input);
  return child;
}

function endAll(): void {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}

function collect(stream: Readable, maxBytes: number, onTooMuch: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks);
}

function collectTail(stream: Readable, maxBytes: number): () => string {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxBytes);
  });
  return () => tail.toString('utf8');
}

/** Node reports a missing folder as a missing program. */
async function startFailure(error: unknown, { program, cwd, missingCode = 'internal' }: Command): Promise<unknown> {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const folder = await stat(cwd).catch(() => null);
  if (!folder?.isDirectory()) {
    return new BackupError('source-missing', `the folder ${cwd} is not there`, { cause: error, retryable: true });
  }
  const missing = errno === 'ENOENT' || errno === 'ENOTDIR';
  return new BackupError(missingCode, missing ? `${program} is not installed` : `${program} could not be started (${errno})`, {
    cause: error,
    hint: `install ${program}, or make it executable and put its folder into PATH`,
  });
}

/** Asks the group to end, and makes it end where it does not within its grace. */
async function endGroup(pid: number, clock: Clock): Promise<void> {
  if (!signalGroup(pid, 'SIGTERM')) return;
  for (let waitMs = firstPollMs; waitMs < graceMs; waitMs *= 2) {
    if (!(await groupLives(pid))) return;
    await clock.sleep(waitMs);
  }
  signalGroup(pid, 'SIGKILL');
}

/** On Linux, what has ended and only waits to be reaped does not count: in a container that may take long. */
async function groupLives(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // proc_pid_stat(5): the name in parentheses may hold anything; the state, the parent and the group come after it.
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(of) === group && state !== 'Z' && state !== 'X') return true;
  }
  return false;
}

/** Resolves to false where no process of the group is left. */
function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
  if (isWindows) {
    if (name === 0) return false; // taskkill has ended all of them.
    return spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' }).status === 0;
  }
  try {
    process.kill(-pid, name);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
