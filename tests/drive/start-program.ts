import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

type Program = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a program of this folder in a process of its own, whose output a test has to read. */
export function startProgram(name: 'killable-upload.ts' | 'token-process.ts', args: readonly string[]): Program {
  return spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Compiling the sources is most of what such a process costs; all of them can share it.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'nightjar-test-compile-cache') },
  });
}
