import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a program of this folder in a process of its own, whose output a test has to read. */
export function startProgram(name: 'killable-upload.ts' | 'token-process.ts', args: readonly string[]): Program {
  return spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
