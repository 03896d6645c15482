import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FSWatcher } from 'chokidar';
import { BackupError } from '../../domain/errors.ts';
import { defaultSettling, type Look, notice, type SettlingLimits, settle, type UnsettledPaths } from '../../domain/settling.ts';
import { errnoOf } from '../platform/errno.ts';
import type { Clock, Ports } from '../ports.ts';
import { inBatches } from './git-files.ts';
import { isBelowStores, isInternal, toRepositoryPath } from './store-items.ts';

export interface WatchOptions extends Partial<SettlingLimits> {
  readonly projectPath: string;
  /** Files or folders, relative to the project; they need not exist. The empty one is the whole project. */
  readonly storePaths: readonly string[];
  readonly ports: Pick<Ports, 'clock'>;
  /**
   * Told the files and links that were written or deleted and have settled, relative to the project with forward slashes, sorted, each
   * once. Some of them may be as they were, or have come and gone. Must not throw.
   */
  onSettled(paths: readonly string[]): void;
  /** Told once, with `source-unreadable`, when the system does not let everything be watched; the rest still is. Must not throw. */
  onTrouble(error: BackupError): void;
}

export interface StoreWatcher {
  /** Ends the watch: nothing is called any more and nothing keeps the process alive. May be called twice. */
  close(): Promise<void>;
}

/**
 * Watches the files of a store. Resolves when the watch is in place: what is written afterwards is noticed, also below a store path that
 * appears later. Links are watched as links, and nothing behind them, even where a store path leads through one. `.git`, the internal
 * folders of a store, and what may not be read are passed over. It is a hint and no proof: a system drops notices when there are too many
 * of them, and a name that is not UTF-8 is told with replacement characters or not at all; the scan of the store finds those. Keeps the
 * process alive. Throws `git-path-refused` for a store path that is absolute or goes upwards.
 */
export async function watchStore(options: WatchOptions): Promise<StoreWatcher> {
  const { projectPath, ports, onSettled, onTrouble } = options;
  const { quietMs = defaultSettling.quietMs, longestMs = defaultSettling.longestMs } = options;
  const stores = options.storePaths.map((path) => toRepositoryPath(path));
  const root = await realRoot(resolve(projectPath));
  const settler = new Settler(root, ports.clock, { quietMs, longestMs }, onSettled);
  const watcher = watchFiles(root, stores);
  const isWatched = (path: string) => !isInternal(path) && isBelowStores(path, stores);
  forwardNotices(watcher, root, (path, isCertain) => {
    if (isWatched(path)) settler.stir(path, isCertain);
  });
  let isTroubled = false;
  watcher.on('error', (error) => {
    if (isTroubled || isRace(error)) return;
    isTroubled = true;
    onTrouble(watchTrouble(projectPath, error));
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return {
    close: async () => {
      settler.close();
      await watcher.close();
    },
  };
}

/** The path with the links on it followed as far as it exists: the watch takes a link for a link. */
async function realRoot(path: string): Promise<string> {
  const parent = dirname(path);
  return realpath(path).catch(async () => (parent === path ? path : join(await realRoot(parent), basename(path))));
}

/**
 * One watch, of the project and from there down to the stores alone. Watched by itself, a store would not be missed when a folder above it
 * is renamed.
 */
function watchFiles(root: string, stores: readonly string[]): FSWatcher {
  // The watch asks with forward slashes on every system.
  const slashedRoot = root.replaceAll('\\', '/');
  // When the project itself is moved, the system says its name as if it were in itself.
  const isOnTheWay = (path: string) =>
    path === basename(root) || isBelowStores(path, stores) || stores.some((store) => isBelowStores(store, [path]));
  return new StoreFileWatcher({
    cwd: root,
    ignored: (path) => {
      const item = relativeTo(slashedRoot, path);
      return item === null || isInternal(item) || !isOnTheWay(item);
    },
    ignoreInitial: true,
    followSymlinks: false,
    // It would pass over names such as `draft~`.
    atomic: false,
    ignorePermissionErrors: true,
  }).add('.');
}

/** Without this, chokidar 6.0.0 keeps the watch of a folder that is deleted while it is taken in, and is blind where it is made again. */
class StoreFileWatcher extends FSWatcher {
  override addPathCloser(path: string, closer: () => void | Promise<void>): void {
    // What is not there has a watch, too, where the project is missing: it is waited for.
    const isBelow = path.startsWith(join(this.options.cwd ?? '', sep));
    if (isBelow && !this.tree.peekDirectory(dirname(path))?.has(basename(path))) void closer();
    else super.addPathCloser(path, closer);
  }
}

/**
 * Passes every notice on, as a path with forward slashes. It is certain for what is known to be, or to have been, a file. Whatever else the
 * system says is passed on as well, since the watch keeps to itself what has changed neither in size nor in time, such as a mode.
 */
function forwardNotices(watcher: FSWatcher, root: string, pass: (path: string, isCertain: boolean) => void): void {
  for (const event of ['add', 'change', 'unlink'] as const) watcher.on(event, (path) => pass(slashed(path), true));
  watcher.on('raw', (_, name, details) => {
    const { watchedPath } = details as { readonly watchedPath?: unknown };
    const watched = typeof watchedPath === 'string' ? relativeTo(slashed(root), slashed(watchedPath)) : null;
    if (name !== null && watched !== null) pass(watched === '' ? slashed(name) : `${watched}/${slashed(name)}`, false);
  });
}

function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

function lookAt(root: string, paths: readonly string[]): Promise<readonly (readonly [path: string, look: Look])[]> {
  return inBatches(paths, async (path) => [path, await lookOf(join(root, path))] as const);
}

/** A folder, socket or pipe is nothing that git keeps. What cannot be looked at counts as gone: whoever reads it next finds out why. */
async function lookOf(path: string): Promise<Look> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() || stats?.isSymbolicLink() ? { size: stats.size, mtimeMs: stats.mtimeMs } : null;
}

/** The rest of a path below the root, and `null` outside. */
function relativeTo(root: string, path: string): string | null {
  if (path === root) return '';
  const prefix = root.endsWith('/') ? root : `${root}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : null;
}

/** A link became something else between two looks at it; that is noticed, too. */
function isRace(error: unknown): boolean {
  return errnoOf(error) === 'EINVAL' && (error as { readonly syscall?: unknown }).syscall === 'readlink';
}

/** What an error of the watch means: `source-unreadable`, with what can be done about it. */
export function watchTrouble(projectPath: string, error: unknown): BackupError {
  const [why, hint] = meaningOf(errnoOf(error));
  return new BackupError('source-unreadable', `some changes in ${projectPath} may go unnoticed: ${why}`, { cause: error, hint });
}

function meaningOf(errno: string | undefined): readonly [why: string, hint: string] {
  switch (errno) {
    // Of a watch, this says nothing about the disk.
    case 'ENOSPC':
      return [
        'the system does not let any more folders be watched',
        'raise fs.inotify.max_user_watches, such as with: sudo sysctl fs.inotify.max_user_watches=524288; then start again',
      ];
    case 'EMFILE':
    case 'ENFILE':
      return [
        'too many files are open, or too many programs watch folders',
        'raise the number of open files (ulimit -n), on Linux also fs.inotify.max_user_instances; then start again',
      ];
    default:
      return [
        `it cannot be watched (${errno ?? 'for an unknown reason'})`,
        'check its folders; what goes unnoticed is found when the whole store is looked through',
      ];
  }
}

/** Looks at what was stirred, and tells what has settled. It runs only while there is something to settle. */
class Settler {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #limits: SettlingLimits;
  readonly #tell: (paths: readonly string[]) => void;
  readonly #closing = new AbortController();
  #unsettled: UnsettledPaths = new Map();
  /** What is to be looked at, and whether that counts where no file is found. */
  #stirred = new Map<string, boolean>();
  #isLooking = false;
  #isWaiting = false;

  constructor(root: string, clock: Clock, limits: SettlingLimits, tell: (paths: readonly string[]) => void) {
    this.#root = root;
    this.#clock = clock;
    this.#limits = limits;
    this.#tell = tell;
  }

  stir(path: string, isCertain: boolean): void {
    // Of a file that is written all the time, only the watch's own notices count: those are few.
    if (!isCertain && (this.#stirred.has(path) || this.#unsettled.has(path))) return;
    this.#stirred.set(path, isCertain);
    void this.#look();
  }

  close(): void {
    this.#closing.abort();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#stirred.size > 0) {
      const stirred = this.#stirred;
      this.#stirred = new Map();
      const looks = await lookAt(this.#root, [...stirred.keys()]);
      const counted = looks.filter(([path, look]) => look !== null || stirred.get(path));
      this.#unsettled = notice(this.#unsettled, counted, this.#clock.now());
      this.#settle();
    }
    this.#isLooking = false;
  }

  #settle(): void {
    if (this.#closing.signal.aborted) return;
    const nowMs = this.#clock.now();
    const { ready, unsure, unsettled, nextMs } = settle(this.#unsettled, nowMs, this.#limits);
    this.#unsettled = unsettled;
    if (ready.length > 0) this.#tell(ready.toSorted());
    for (const path of unsure) this.#stirred.set(path, true);
    void this.#look();
    if (nextMs !== null) void this.#wait(nextMs - nowMs);
  }

  async #wait(ms: number): Promise<void> {
    // What was noticed meanwhile is ready later.
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    await this.#clock.sleep(ms, this.#closing.signal).catch(() => {});
    this.#isWaiting = false;
    // What is being looked at is settled afterwards.
    if (!this.#isLooking) this.#settle();
  }
}
