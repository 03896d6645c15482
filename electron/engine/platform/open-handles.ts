import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { OpenHandle, OpenHandles } from '../ports.ts';

const run = promisify(execFile);

/** Asks `/proc` on Linux and `lsof` on macOS; Windows refuses the replacement of an open file by itself. */
export const systemOpenHandles: OpenHandles = {
  of: async (paths) => {
    if (process.platform === 'linux') return fromProc(new Set(paths));
    if (process.platform === 'darwin') return fromLsof(paths);
    return null;
  },
};

async function fromProc(paths: ReadonlySet<string>): Promise<OpenHandle[]> {
  const handles: OpenHandle[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || !(await hasOpen(pid, paths))) continue;
    const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'unknown');
    handles.push({ pid, command: command.trim() });
  }
  return handles;
}

async function hasOpen(pid: number, paths: ReadonlySet<string>): Promise<boolean> {
  // Processes of other users, and those that end while we look, are not ours to read.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (paths.has(target)) return true;
  }
  return false;
}

async function fromLsof(paths: readonly string[]): Promise<OpenHandle[]> {
  // lsof exits with 1 when it found nothing, or when one of the paths does not exist.
  const { stdout } = await run('/usr/sbin/lsof', ['-F', 'pc', '--', ...paths]).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  return parseLsof(stdout).filter(({ pid }) => pid !== process.pid);
}

/** Reads `lsof -F pc`: a line `p` with the process, then a line `c` with its command. */
export function parseLsof(output: string): OpenHandle[] {
  const handles: OpenHandle[] = [];
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line.startsWith('c')) handles.push({ pid, command: line.slice(1) });
  }
  return handles;
}
