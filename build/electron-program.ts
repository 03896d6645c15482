import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronProgram } from './start-plan.ts';

/** How Electron is fetched. */
export interface FetchOptions {
  /** How long nothing may arrive before it is given up, in milliseconds. */
  readonly patienceMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Whether the package in a folder has its program already, as the package itself finds it. */
export function findElectron(folder: string, environment: FetchOptions['environment']): ElectronProgram {
  const named = join(folder, 'path.txt');
  const { ELECTRON_OVERRIDE_DIST_PATH: elsewhere } = environment;
  if (elsewhere === undefined && !existsSync(named)) return { state: 'absent' };
  const path = join(elsewhere ?? join(folder, 'dist'), existsSync(named) ? readFileSync(named, 'utf8') : 'electron');
  return existsSync(path) ? { state: 'present', path } : { state: 'absent' };
}

/**
 * Has the package in a folder fetch its program. A slow line is waited for as long as something arrives; one that is dead, or a host that is
 * not reached, ends it with the reason, and so does `signal`.
 */
export async function fetchElectron(folder: string, { patienceMs, environment, signal }: FetchOptions): Promise<ElectronProgram> {
  const scratch = mkdtempSync(join(tmpdir(), 'nightjar-electron-'));
  const env = { ...environment, TMPDIR: scratch, TEMP: scratch, TMP: scratch };
  const child = spawn(process.execPath, [join(folder, 'install.js')], { env, stdio: ['ignore', 'inherit', 'pipe'], signal });
  const failure = failureOf(child);
  let arrived = 0;
  let isSilent = false;
  const look = setInterval(() => {
    const before = arrived;
    arrived = bytesIn([scratch, join(folder, 'dist')]);
    isSilent = arrived === before;
    if (isSilent) child.kill('SIGKILL');
  }, patienceMs);
  try {
    const why = await failure;
    if (isSilent) return { state: 'unobtainable', why: `nothing arrived for ${patienceMs / 1000} seconds` };
    if (why !== null) return { state: 'unobtainable', why };
    const found = findElectron(folder, environment);
    return found.state === 'present' ? found : { state: 'unobtainable', why: 'what was fetched has no program' };
  } finally {
    clearInterval(look);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Why the program failed, by the line that names its error; `null` where it did not. */
async function failureOf(child: ChildProcess): Promise<string | null> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return null;
    return /^(?:\w*Error: )?(.+)$/m.exec(said)?.[1]?.trim() ?? `it ended with code ${code}`;
  } catch {
    return 'it was told to stop';
  }
}

function bytesIn(folders: readonly string[]): number {
  const files = folders.flatMap((folder) => globSync('**/*', { cwd: folder }).map((path) => join(folder, path)));
  // A file may be moved between two looks.
  return files.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
