import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { OpenHandle, OpenHandles } from '../ports.ts';

const run = promisify(execFile);

/** Asks `/proc` on Linux and `lsof` on macOS; Windows refuses the replacement of an open file by itself. */
export const systemOpenHandles: OpenHandles = {
  of: async (paths) => {
    if (process.platform === 'linux') return (await fromProc(new Set(paths))).map(({ command, pid }) => ({ pid, command }));
    if (process.platform === 'darwin') return parseLsof(await askLsof('pc', paths)).filter(({ pid }) => pid !== process.pid);
    return null;
  },
  among: async (paths) => {
    if (process.platform === 'linux') return new Set((await fromProc(new Set(paths))).flatMap((handle) => handle.paths));
    if (process.platform === 'darwin') return parseLsofNames(await askLsof('pn', paths), process.pid);
    return null;
  },
};

interface ProcHandle extends OpenHandle {
  readonly paths: readonly string[];
}

async function fromProc(paths: ReadonlySet<string>): Promise<ProcHandle[]> {
  const handles: ProcHandle[] = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const open = await openIn(pid, paths);
    if (open.length === 0) continue;
    const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'unknown');
    handles.push({ pid, command: command.trim(), paths: open });
  }
  return handles;
}

async function openIn(pid: number, paths: ReadonlySet<string>): Promise<string[]> {
  // Processes of other users, and those that end while we look, are not ours to read.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const open: string[] = [];
  for (const descriptor of descriptors) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    if (paths.has(target)) open.push(target);
  }
  return open;
}

async function askLsof(fields: string, paths: readonly string[]): Promise<string> {
  // lsof exits with 1 when it found nothing, or when one of the paths does not exist.
  const { stdout } = await run('/usr/sbin/lsof', ['-F', fields, '--', ...paths]).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? '',
  }));
  return stdout;
}

/** Reads `lsof -F pn`: a line `p` with the process, then a line `n` with each file that it has open. */
export function parseLsofNames(output: string, exceptPid: number): Set<string> {
  const names = new Set<string>();
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line.startsWith('n') && pid !== exceptPid) names.add(line.slice(1));
  }
  return names;
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
