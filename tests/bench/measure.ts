import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { canReadProcesses, processTree, proportionalBytes } from './process-tree.ts';
import { busyMs, processors } from './quiet.ts';

/** What one command took, with all the processes that it started. */
export interface Measurement {
  readonly wallMs: number;
  /** User and system time of every process that ended; `null` for a command that was stopped. */
  readonly cpuMs: number | null;
  /** How much of all processors others used meanwhile, from 0 to 1: what the measurement is not to blame for. */
  readonly othersShare: number;
  /** Peak of the sum of the proportional set sizes; `null` where the system does not tell. */
  readonly peakMemoryBytes: number | null;
  /** Peak of what the watched folders hold above what they held at the start. */
  readonly peakDiskBytes: number;
  /** `null` for a command that was stopped because it took too long. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface MeasuredCommand {
  readonly command: readonly string[];
  /** Folders whose growth is the command's use of the disk. */
  readonly folders: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const sampleEveryMs = 50;
// `times` tells the processor time of a shell's ended children and theirs, on every POSIX system and without another program.
const timedShell = '"$@"; code=$?; times >&3; exit $code';

/** Runs one command in a process group of its own and measures it. Rejects when `signal` aborts; the group is ended then. */
export async function measure({ command, folders, env, timeoutMs, signal }: MeasuredCommand): Promise<Measurement> {
  signal.throwIfAborted();
  const diskAtStart = bytesOnDisk(folders);
  const peak = { disk: 0, memory: 0 };
  const cpuAtStart = process.cpuUsage();
  const busyAtStartMs = busyMs();
  const startedMs = performance.now();
  const shell = spawn('sh', ['-c', timedShell, 'sh', ...command], {
    detached: true,
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const pid = shell.pid ?? 0;
  const end = () => void (shell.exitCode === null && process.kill(-pid, 'SIGKILL'));
  let timedOut = false;
  const sampler = setInterval(() => {
    peak.disk = Math.max(peak.disk, bytesOnDisk(folders) - diskAtStart);
    if (canReadProcesses) peak.memory = Math.max(peak.memory, proportionalBytes(processTree(pid)));
  }, sampleEveryMs);
  const timeout = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  signal.addEventListener('abort', end);
  const output = Promise.all(shell.stdio.slice(1).map((stream) => text(stream as Readable)));
  const [code] = (await once(shell, 'exit')) as [number | null];
  const wallMs = performance.now() - startedMs;
  const bench = process.cpuUsage(cpuAtStart);
  const foreignMs = busyMs() - busyAtStartMs - (bench.user + bench.system) / 1000;
  clearInterval(sampler);
  clearTimeout(timeout);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  // What a short command wrote since the last sample, and is still there.
  peak.disk = Math.max(peak.disk, bytesOnDisk(folders) - diskAtStart);
  const [stdout = '', stderr = '', times = ''] = await output;
  const cpuMs = childrensCpuMs(times);
  return {
    wallMs,
    cpuMs: timedOut ? null : cpuMs,
    othersShare: Math.max(0, (foreignMs - cpuMs) / wallMs / processors),
    peakMemoryBytes: canReadProcesses ? peak.memory : null,
    peakDiskBytes: peak.disk,
    exitCode: timedOut ? null : (code ?? 1),
    stdout,
    stderr,
  };
}

/** The second line of `times`: "0m1.23s 0m0.45s", the user and the system time of the children. */
function childrensCpuMs(times: string): number {
  const children = times.trim().split('\n')[1] ?? '';
  let ms = 0;
  for (const [, minutes, seconds] of children.matchAll(/(\d+)m([\d.]+)s/g)) ms += Number(minutes) * 60_000 + Number(seconds) * 1000;
  return ms;
}

/** What the files below these folders take on the disk. */
function bytesOnDisk(folders: readonly string[]): number {
  return folders.reduce((total, folder) => total + folderBytes(folder), 0);
}

/** A file may be gone between two looks. */
function folderBytes(folder: string): number {
  try {
    let bytes = 0;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) bytes += folderBytes(path);
      else bytes += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    }
    return bytes;
  } catch {
    return 0;
  }
}
