import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** The command line as it stands in the checkout. */
export const cliPath = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));

/** The rows of one table, as `--json` tells them. */
export interface TableRows {
  readonly name: string;
  readonly rows: number;
}

/** The part of `nightjar backup --json` that the demo shows. */
export interface BackupAnswer {
  readonly run: { readonly steps: readonly { readonly name: string; readonly facts: Readonly<Record<string, string | number>> }[] };
  readonly snapshot: {
    readonly id: string;
    readonly objectName: string;
    readonly storedBytes: number;
    readonly base: { readonly objectName: string } | null;
    readonly changedPages: number | null;
    readonly pageCount: number;
    readonly rawBytes: number;
    readonly rawSha256: string;
    readonly tables: readonly TableRows[];
    readonly copies: readonly {
      readonly objectName: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly verified: boolean;
    }[];
  };
}

/** The part of `nightjar verify --json` that the demo shows. */
export interface VerifyAnswer {
  readonly ok: boolean;
  readonly level: string;
  readonly rows: { readonly expected: number; readonly found: number };
}

/** The part of `nightjar restore --json` that the demo shows. */
export interface RestoreAnswer {
  readonly path: string;
  readonly tables: readonly TableRows[];
  readonly undo: string;
}

/** An answer, and how long the command took. */
export interface Timed<T> {
  readonly answer: T;
  readonly ms: number;
}

/** Runs a command of Nightjar in a process of its own with a data folder of its own. Rejects with its words when it fails. */
export async function nightjar<T>(home: string, args: readonly string[], signal: AbortSignal): Promise<Timed<T>> {
  signal.throwIfAborted();
  const startedMs = performance.now();
  const child = spawn(process.execPath, [cliPath, ...args, '--home', home, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  // It stops by itself and tidies up; only when it has ended may its folder be removed.
  const stop = () => void child.kill();
  signal.addEventListener('abort', stop);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`nightjar ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`);
  return { answer: JSON.parse(stdout) as T, ms: performance.now() - startedMs };
}
