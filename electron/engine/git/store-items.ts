import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep, win32 } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import { type Git, splitNul, toGitPath } from './git.ts';

/** Folders in which a program that writes a store keeps unfinished work. */
const internalFolders: ReadonlySet<string> = new Set(['.operations', '.delete-staging']);

/** True where any folder or file on the path is internal to a store, or to git. */
export function isInternal(path: string): boolean {
  return path.split('/').some((name) => internalFolders.has(name) || name.toLowerCase() === '.git');
}

/**
 * The paths as they are in the repository, with forward slashes, each once and in their order. They need not exist. Throws
 * `git-path-refused` for what is not below one of the store's paths, leaves it through a symbolic link, belongs to another repository,
 * is ignored, or is internal to the store or to git.
 */
export async function resolveItems(git: Git, storePaths: readonly string[], paths: readonly string[]): Promise<readonly string[]> {
  const stores = storePaths.map((path) => toRepositoryPath(path));
  const root = await realpath(git.projectPath);
  const items = new Set<string>();
  for (const path of paths) {
    const item = toRepositoryPath(path);
    refuseOutside(item, stores);
    const real = await throughLinks(root, item);
    if (real === null) throw refused(item, 'leads out of the repository through a symbolic link');
    if (real !== item) refuseOutside(real, stores);
    await refuseNested(root, real);
    items.add(real);
  }
  await refuseIgnored(git, [...items]);
  return [...items];
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

function refuseOutside(item: string, stores: readonly string[]): void {
  if (!stores.some((store) => store === '' || item === store || item.startsWith(`${store}/`))) {
    throw refused(item, 'is outside the paths of the store');
  }
  if (isInternal(item)) throw refused(item, 'is internal to the store or to git');
}

/**
 * The item with the links above it followed; the item itself may be a link, which git keeps as one. `null` where it leaves the root,
 * or cannot be followed.
 */
async function throughLinks(root: string, item: string): Promise<string | null> {
  const names = item.split('/');
  let missing = names.slice(-1);
  for (let depth = names.length - 1; depth >= 0; depth -= 1) {
    const folder = await unlessMissing(realpath(join(root, ...names.slice(0, depth)))).catch(() => null);
    if (folder === null) return null; // A link that leads to itself, or a folder that nobody may enter.
    if (folder !== undefined) {
      const below = relative(root, folder);
      if (isAbsolute(below) || below.split(sep)[0] === '..') return null;
      return [...below.split(sep), ...missing].filter((name) => name !== '').join('/');
    }
    missing = names.slice(depth - 1);
    // A link to nowhere on the way would otherwise pass for a folder that was deleted.
    const entry = await unlessMissing(lstat(join(root, ...names.slice(0, depth))));
    if (entry?.isSymbolicLink()) return null;
  }
  return null;
}

async function refuseNested(root: string, item: string): Promise<void> {
  const names = item.split('/');
  const itself = await unlessMissing(lstat(join(root, item)));
  const depths = item === '' || !itself?.isDirectory() ? names.length - 1 : names.length;
  for (let depth = 1; depth <= depths; depth += 1) {
    const folder = names.slice(0, depth);
    if (!(await unlessMissing(lstat(join(root, ...folder, '.git'))))) continue;
    throw refused(item, `belongs to the repository ${folder.join('/')}`);
  }
}

/** What is tracked is not ignored, whatever the patterns say. */
async function refuseIgnored(git: Git, items: readonly string[]): Promise<void> {
  const asked = items.filter((item) => item !== '');
  if (asked.length === 0) return;
  // In front of a name that begins like a pattern of git, "./" makes it a name.
  const input = Buffer.from(asked.map((item) => `./${item}\0`).join(''), 'utf8');
  const found = await git.read(['check-ignore', '-z', '--stdin'], { input, accept: [1] });
  const [first, ...others] = splitNul(found.stdout);
  if (first === undefined) return;
  const ignored = asked.find((item) => toGitPath(`./${item}`) === first) ?? first;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw refused(`${ignored}${more}`, 'is ignored by git', `see which pattern it is: git check-ignore -v "${ignored}"`);
}

function refused(path: string, why: string, hint?: string): BackupError {
  return new BackupError('git-path-refused', `${path === '' ? 'the project itself' : path} ${why}`, hint === undefined ? {} : { hint });
}
