import { execFile, spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { BackupError } from '../../electron/domain/errors.ts';
import { type StoreWatcher, type WatchOptions, watchStore } from '../../electron/engine/git/store-watcher.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import { makeTempFolder, type TempFolder } from './temp-folder.ts';

const run = promisify(execFile);

/** Longer than anything takes: only a test that fails waits for it. */
export const limitMs = 90_000;

/** Collects what is told: `+path` for what is there at that time, `-path` for what is gone. */
function makeListener(root: string) {
  const calls: (readonly string[])[] = [];
  const troubles: BackupError[] = [];
  const news = new Set<string>();
  let check = () => {};
  const until = async (...expected: readonly string[]): Promise<readonly string[]> => {
    const missing = () => expected.filter((path) => !news.has(path));
    const over = AbortSignal.timeout(limitMs);
    await new Promise<void>((resolve, reject) => {
      over.addEventListener('abort', () => reject(new Error(`never told: ${missing().join(', ')}`)));
      check = () => {
        if (missing().length === 0) resolve();
      };
      check();
    });
    const told = [...news].toSorted();
    news.clear();
    return told;
  };
  const onSettled = (paths: readonly string[]) => {
    calls.push(paths);
    for (const path of paths) news.add(`${lstatSync(join(root, path), { throwIfNoEntry: false }) ? '+' : '-'}${path}`);
    check();
  };
  return { calls, troubles, until, onSettled, onTrouble: (error: BackupError) => void troubles.push(error) };
}

/** A project that is watched, with what is told. */
export interface WatchScene extends AsyncDisposable {
  /** The folder around the project. */
  readonly folder: TempFolder;
  /** The project. */
  readonly root: string;
  /** What was told, call by call. */
  readonly calls: readonly (readonly string[])[];
  readonly troubles: readonly BackupError[];
  /** Resolves to everything that was told since the last time, each once and sorted, as soon as the expected are among it. */
  until(...expected: readonly string[]): Promise<readonly string[]>;
  /**
   * Writes the file twice and has it told; by then, everything has been told that was written before. Resolves to all paths that ever
   * were, each once and sorted.
   */
  untilRest(path: string): Promise<readonly string[]>;
  /** Writes files of the project, one after the other. */
  write(...paths: readonly string[]): Promise<void>;
  watch(...storePaths: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Makes a scene whose files settle soon; disposing of it ends the watch and removes the project. */
export async function makeWatchScene(options: Partial<WatchOptions> = {}): Promise<WatchScene> {
  const folder = await makeTempFolder();
  const root = join(folder.path, 'project');
  await mkdir(root);
  const { calls, troubles, until, onSettled, onTrouble } = makeListener(options.projectPath ?? root);
  const watchers: StoreWatcher[] = [];
  const close = async () => {
    for (const watcher of watchers) await watcher.close();
  };
  const write = async (...paths: readonly string[]) => {
    for (const path of paths) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), `${path}\n`);
    }
  };
  return {
    ...{ folder, root, calls, troubles, until, write, close },
    untilRest: async (path) => {
      // A file that was empty at the first look at it waits for two quiet times.
      for (let round = 0; round < 2; round += 1) {
        await until();
        await write(path);
        await until(`+${path}`);
      }
      return [...new Set(calls.flat())].toSorted();
    },
    watch: async (...storePaths) => {
      const settling = { ports: { clock: systemClock }, quietMs: 60, longestMs: 60_000 };
      watchers.push(await watchStore({ projectPath: root, storePaths, ...settling, onSettled, onTrouble, ...options }));
    },
    [Symbol.asyncDispose]: async () => {
      await close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The real clock, and how many of its sleeps there are. */
export function observedClock(): Clock & { readonly sleeps: number; readonly sleeping: number; readonly mostSleeping: number } {
  const counts = { sleeps: 0, sleeping: 0, mostSleeping: 0 };
  return Object.assign(counts, systemClock, {
    sleep: async (ms: number, signal?: AbortSignal) => {
      counts.sleeps += 1;
      counts.sleeping += 1;
      counts.mostSleeping = Math.max(counts.mostSleeping, counts.sleeping);
      await systemClock.sleep(ms, signal).finally(() => {
        counts.sleeping -= 1;
      });
    },
  });
}

/** Runs a program that watches `notes` in a project: the script starts it, and each line of the output is what was told or printed. */
export async function runWatching(root: string, script: string, around: readonly string[] = []): Promise<readonly string[]> {
  const moduleUrl = (path: string) => JSON.stringify(new URL(`../../electron/${path}`, import.meta.url).href);
  const source = `
    import fs from 'node:fs';
    import { join } from 'node:path';
    import { watchStore } from ${moduleUrl('engine/git/store-watcher.ts')};
    import { systemClock as clock } from ${moduleUrl('engine/platform/clock.ts')};
    const projectPath = process.argv[1];
    const at = (path) => join(projectPath, path);
    let check = () => {};
    const until = (path) => new Promise((done) => {
      check = (paths) => paths.includes(path) && done();
    });
    const start = () => watchStore({
      projectPath, storePaths: ['notes'], ports: { clock }, quietMs: 60,
      onSettled: (paths) => { console.log('told', ...paths); check(paths); },
      onTrouble: ({ code, cause }) => console.log('trouble', code, cause.code),
    });
    ${script}`;
  const [program = '', ...args] = [...around, process.execPath, '--input-type=module', '--eval', source, root];
  const { stdout } = await run(program, args, { timeout: limitMs });
  return stdout.split('\n').filter((line) => line !== '');
}

const fewWatches = 'echo 12 > /proc/sys/user/max_inotify_watches && exec "$@"';

/** Stands in front of a program that can only watch few folders. */
export const withFewWatches: readonly string[] = ['unshare', '--map-root-user', 'sh', '-c', fewWatches, 'sh'];

/** Only some systems let anybody do that. */
export function canLimitWatches(): boolean {
  const [program = '', ...args] = [...withFewWatches, 'true'];
  return spawnSync(program, args).status === 0;
}
