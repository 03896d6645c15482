import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep, win32 } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Git } from './git.ts';
import { type GitPath, joinNul, splitNul, toGitPath } from './git-path.ts';

/** Folders in which a program that writes a store keeps unfinished work. */
const internalFolders: ReadonlySet<string> = new Set(['.operations', '.delete-staging']);

/** What our own unfinished files are called. */
export const partPrefix = '.nightjar-';

/** True where any folder or file on the path is internal to a store, to git, or to us. */
export function isInternal(path: string): boolean {
  return path.split('/').some((name) => internalFolders.has(name) || name.startsWith(partPrefix) || name.toLowerCase() === '.git');
}

/**
 * The paths as they are in the repository, with forward slashes, each once and in their order. They need not exist. Throws
 * `git-path-refused` for what is not below one of the store's paths, leaves it through a symbolic link, belongs to another repository,
 * is ignored, or is internal to the store or to git.
 */
export async function resolveItems(git: Git, storePaths: readonly string[], paths: readonly string[]): Promise<readonly string[]> {
  const [resolved = []] = await judgeItems(git, storePaths, [paths]);
  if (resolved instanceof BackupError) throw resolved;
  return resolved;
}

/** The same for many lists at once, each by itself: its paths, or why it is refused. */
export async function judgeItems(
  git: Git,
  storePaths: readonly string[],
  lists: readonly (readonly string[])[],
): Promise<readonly (readonly string[] | BackupError)[]> {
  const placed = await placeItems(git.projectPath, storePaths, lists);
  const ignored = await findIgnored(
    git,
    placed.flatMap((paths) => (paths instanceof BackupError ? [] : paths)),
  );
  return placed.map((paths) => (paths instanceof BackupError ? paths : (ignoredAmong(paths, ignored) ?? paths)));
}

/** What can be judged without git: everything but what is ignored. */
export async function placeItems(
  projectPath: string,
  storePaths: readonly string[],
  lists: readonly (readonly string[])[],
): Promise<readonly (readonly string[] | BackupError)[]> {
  const stores = storePaths.map((path) => toRepositoryPath(path));
  const root = await realpath(projectPath);
  // Most items share their folders with others.
  const folders: Folders = { real: once((folder) => followLinks(root, folder)), isRepository: once((folder) => hasGit(root, folder)) };
  return Promise.all(
    lists.map(async (paths) => {
      try {
        return [...new Set(await Promise.all(paths.map((path) => resolveItem(root, folders, stores, path))))];
      } catch (error) {
        if (error instanceof BackupError && error.code === 'git-path-refused') return error;
        throw error;
      }
    }),
  );
}

/** What is known of the folders in a repository. */
interface Folders {
  readonly real: (folder: string) => Promise<string | null>;
  readonly isRepository: (folder: string) => Promise<boolean>;
}

/** Asks about each folder only once. */
function once<T>(ask: (folder: string) => Promise<T>): (folder: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (folder) => {
    const answer = answers.get(folder) ?? ask(folder);
    answers.set(folder, answer);
    return answer;
  };
}

async function resolveItem(root: string, folders: Folders, stores: readonly string[], path: string): Promise<string> {
  const item = toRepositoryPath(path);
  refuseOutside(item, stores);
  // The item itself may be a link, which git keeps as one.
  const folder = await folders.real(above(item));
  if (folder === null) throw refused(item, 'leads out of the repository through a symbolic link');
  const real = inside(folder, item);
  if (real !== item) refuseOutside(real, stores);
  const itself = await unlessMissing(lstat(join(root, real)));
  const names = real.split('/');
  const depths = itself?.isDirectory() ? names.length : names.length - 1;
  for (let depth = 1; depth <= depths; depth += 1) {
    const outer = names.slice(0, depth).join('/');
    if (outer !== '' && (await folders.isRepository(outer))) throw refused(real, `belongs to the repository ${outer}`);
  }
  return real;
}

/** The folder with the links to it followed. `null` where it leaves the root, or cannot be followed. */
async function followLinks(root: string, folder: string): Promise<string | null> {
  const place = join(root, folder);
  const real = await unlessMissing(realpath(place)).catch(() => null);
  if (real === null) return null; // A link that leads to itself, or a folder that nobody may enter.
  if (real !== undefined) {
    const below = relative(root, real);
    return isAbsolute(below) || below.split(sep)[0] === '..' ? null : below.split(sep).join('/');
  }
  // A link to nowhere on the way would otherwise pass for a folder that was deleted.
  if (folder === '' || (await unlessMissing(lstat(place)))?.isSymbolicLink()) return null;
  const outer = await followLinks(root, above(folder));
  return outer === null ? null : inside(outer, folder);
}

async function hasGit(root: string, folder: string): Promise<boolean> {
  return (await unlessMissing(lstat(join(root, folder, '.git')))) !== undefined;
}

/** The folder that the path is in; empty for the root. */
function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** The path's own name in that folder. */
function inside(folder: string, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return folder === '' ? name : `${folder}/${name}`;
}

/**
 * Brings a path that is relative to the project into the form that git has. Throws `git-path-refused` for what is absolute, goes
 * upwards, or cannot be a name.
 */
export function toRepositoryPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (path.includes('\0')) throw refused(path.replaceAll('\0', '\\0'), 'has a NUL in its name');
  const isWindows = platform === 'win32';
  if (posix.isAbsolute(path) || (isWindows && (win32.isAbsolute(path) || /^[a-z]:/i.test(path)))) {
    throw refused(path, 'is absolute; a path begins at the project');
  }
  const names = (isWindows ? path.replaceAll('\\', '/') : path).split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw refused(path, 'goes upwards with ".."');
  return names.join('/');
}

/** True where the path is one of the store's paths, or below one. Both are in the form that git has. */
export function isBelowStores(path: string, stores: readonly string[]): boolean {
  return stores.some((store) => store === '' || path === store || path.startsWith(`${store}/`));
}

function refuseOutside(item: string, stores: readonly string[]): void {
  if (!isBelowStores(item, stores)) {
    throw refused(item, 'is outside the paths of the store');
  }
  if (isInternal(item)) throw refused(item, 'is internal to the store or to git');
}

/** What is tracked is not ignored, whatever the patterns say. */
async function findIgnored(git: Git, items: readonly string[]): Promise<ReadonlySet<GitPath>> {
  const asked = items.filter((item) => item !== '');
  if (asked.length === 0) return new Set();
  // In front of a name that begins like a pattern of git, "./" makes it a name.
  const input = joinNul(asked.map((item) => toGitPath(`./${item}`)));
  const ask = (options: readonly string[], about: Buffer) =>
    git.read(['check-ignore', '-z', '--stdin', ...options], { input: about, accept: [1] });
  // To see what is tracked, git goes through its index once for each name: only for those that a pattern fits.
  const fitting = await ask(['--no-index'], input);
  return new Set(fitting.stdout.length === 0 ? [] : splitNul((await ask([], fitting.stdout)).stdout));
}

function ignoredAmong(items: readonly string[], ignored: ReadonlySet<GitPath>): BackupError | undefined {
  const [first, ...others] = ignored.size === 0 ? [] : items.filter((item) => ignored.has(toGitPath(`./${item}`)));
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return refused(`${first}${more}`, 'is ignored by git', `see which pattern it is: git check-ignore -v "${first}"`);
}

function refused(path: string, why: string, hint?: string): BackupError {
  return new BackupError('git-path-refused', `${path === '' ? 'the project itself' : path} ${why}`, hint === undefined ? {} : { hint });
}
