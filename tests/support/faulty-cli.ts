import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** One change that the process under test made. */
export interface Mutation {
  readonly n: number;
  readonly op: string;
  readonly what: string;
  readonly allocates: boolean;
  readonly tears: boolean;
}

/** What happens at the change with the number `at`, counted from 1; at none with 0. */
export interface Fault {
  /** Whose changes are counted: the command's own, or those of its SQLite workers. */
  readonly role: 'main' | 'worker';
  readonly at: number;
  /** `kill-torn` dies in the middle of a write; `kill-both` takes the parent of a worker with it. */
  readonly act: 'kill-before' | 'kill-after' | 'kill-torn' | 'kill-both' | 'full-once' | 'full-from';
  /** The file that gets every change, a line of JSON each. */
  readonly list: string;
}

/** How a command ended. */
export interface Ended {
  /** `null` for one that was killed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The one document on stdout; `null` where there was none. */
  readonly document: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const preload = fileURLToPath(new URL('fault-at.ts', import.meta.url));
const cli = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
const markName = 'NIGHTJAR_TEST_MARK';
const hangsAfterMs = 20_000;
const workersEndWithinMs = 10_000;

/** Runs one command of the command line with `--json` in a process of its own. Resolves when it and all its workers have ended. */
export async function runCli(home: string, args: readonly string[], fault?: Omit<Fault, 'list'>): Promise<Ended> {
  return (await runCounted(home, args, fault)).ended;
}

/** Runs a command to its end and tells every change that it, or its workers, made. */
export async function listMutations(
  home: string,
  args: readonly string[],
  role: Fault['role'] = 'main',
  act: Fault['act'] = 'kill-before',
) {
  return runCounted(home, args, { role, act, at: 0 });
}

async function runCounted(
  home: string,
  args: readonly string[],
  fault?: Omit<Fault, 'list'>,
): Promise<{ ended: Ended; mutations: Mutation[] }> {
  const id = randomUUID();
  const list = join(tmpdir(), `nightjar-test-${id}.jsonl`);
  const child = spawn(process.execPath, [cli, ...args, '--home', home, '--json'], {
    env: {
      ...process.env,
      [markName]: id,
      // Not an argument, so that the workers get it too.
      ...(fault ? { NODE_OPTIONS: `--import=${preload}`, NIGHTJAR_FAULT: JSON.stringify({ ...fault, list }) } : {}),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A command that hangs is ended, and tells so by this signal.
    timeout: hangsAfterMs,
    killSignal: 'SIGABRT',
  });
  try {
    const [[code, signal], stdout, stderr] = await Promise.all([
      once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
      text(child.stdout),
      text(child.stderr),
    ]);
    await whenGone(`${markName}=${id}`);
    const lines = (await readFile(list, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
    return {
      ended: { code, signal, stdout, stderr, document: stdout.trim() === '' ? null : JSON.parse(stdout) },
      mutations: lines.map((line) => JSON.parse(line) as Mutation),
    };
  } finally {
    await rm(list, { force: true });
  }
}

/** Resolves when no process has the mark in its environment any more; rejects where one outlives its parent for long. */
async function whenGone(mark: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const deadline = performance.now() + workersEndWithinMs;
  for (;;) {
    const left = await processesWith(mark);
    if (left.length === 0) return;
    if (performance.now() > deadline) throw new Error(`processes ${left.join(', ')} outlived their parent`);
    await wait(10);
  }
}

async function processesWith(mark: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(mark)) found.push(pid);
  }
  return found;
}
