import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandResult } from '../platform/command.ts';
import { unlessMissing } from '../platform/errno.ts';
import { type Git, gitFailure } from './git.ts';
import { batchesOf, batchSize, inBatches, onDisk } from './git-files.ts';
import { type GitPath, isAtOrBelow, joinNul, literally, splitNul, toGitPath } from './git-path.ts';
import { emptyTree, headOf } from './store.ts';
import { isInternal } from './store-items.ts';

/**
 * Commits the paths as they are on disk, and nothing else: what was added, changed, deleted or renamed at them, and below them where
 * they are folders. Every other change, staged or not, stays exactly as it is, and the working tree is only read. What is neither on
 * disk nor tracked, what is ignored, and what is internal to the store is passed over. Resolves to `null` where nothing has changed.
 * Call it with what `resolveItems` resolved to, after `inspectStore`.
 */
export async function commitPaths(git: Git, paths: readonly string[], message: string): Promise<{ readonly commit: string | null }> {
  if (paths.length === 0) return { commit: null };
  const present = await lookAt(git.projectPath, paths);
  const [unknown, known, identity] = await Promise.all([findUnknown(git, present), findChanged(git, paths), missingIdentity(git)]);
  const changed = [...new Set([...unknown, ...known])];
  const settings = [...identity, ...settingsFor(changed.length)];
  // Only announced, not staged: a commit that the person makes meanwhile does not take them along.
  if (unknown.length > 0) await git.withPaths(unknown, (files) => git.write(['add', '--intent-to-add', ...files], { settings }));
  let commit: string | null = null;
  try {
    commit = await commitFiles(git, paths, changed, textOf(message), settings);
  } finally {
    await settleIndex(git, commit === null ? unknown : changed, commit);
  }
  return { commit };
}

async function commitFiles(
  git: Git,
  paths: readonly string[],
  changed: readonly GitPath[],
  input: string,
  settings: readonly string[],
): Promise<string | null> {
  if (changed.length === 0) return null;
  const options = ['--only', '--quiet', '--no-status', '--no-edit', '--cleanup=verbatim', '--file=-'];
  const result = await git.withPaths(changed, (files) => git.write(['commit', ...options, ...files], { input, settings, accept: [1] }));
  if (result.code === 0) return headOf(git);
  // The files may have changed back meanwhile; then there is nothing to commit.
  if ((await findChanged(git, paths)).length === 0) return null;
  throw gitFailure(['commit'], result);
}

/**
 * Brings the index in line with the last commit at these files, and nowhere else. Without a commit, they are what was only announced:
 * `git stash` refuses to work while that is there. After one, git has read every file twice, once for each: a file that was written in
 * between would stay staged as it was, and the person's next commit would bring the old text back.
 */
async function settleIndex(git: Git, files: readonly GitPath[], commit: string | null): Promise<void> {
  if (files.length === 0) return;
  try {
    const tree = commit ?? (await headOf(git)) ?? (await emptyTree(git));
    const different = await findStaged(git, tree, 'visible');
    // What the person has staged meanwhile is theirs.
    const theirs = commit === null && different.size > 0 ? await findStaged(git, tree, 'invisible') : new Set();
    const unsettled = files.filter((file) => different.has(file) && !theirs.has(file));
    if (unsettled.length === 0) return;
    if (commit !== null) await git.withPaths(unsettled, (args) => git.write(['reset', '--quiet', ...args]));
    else await git.write(['update-index', '--force-remove', '-z', '--stdin'], { input: joinNul(unsettled) });
  } catch {
    // What failed first says more; and what is committed is committed.
  }
}

/** The files whose entry in the index is not as in the tree; those that are only announced count, or do not. */
async function findStaged(git: Git, tree: string, announced: 'visible' | 'invisible'): Promise<ReadonlySet<GitPath>> {
  const options = ['--cached', `--ita-${announced}-in-index`, '--name-only', '--no-renames', '--ignore-submodules=all', '-z'];
  return new Set(splitNul((await git.read(['diff-index', ...options, tree])).stdout));
}

/** Before git looks at the files of the index with threads, it compares each with every path: with many paths, that takes longer. */
function settingsFor(pathCount: number): readonly string[] {
  return pathCount > batchSize ? ['core.preloadIndex=false'] : [];
}

/** Puts what is known into a message template: `{item}` and `{reason}`, once and as they are. Other braces are text. */
export function fillMessage(template: string, values: { readonly item: string; readonly reason: string }): string {
  return template.replaceAll(/\{(item|reason)\}/g, (_, name: 'item' | 'reason') => values[name]);
}

/** git takes neither an empty message nor one with a NUL. */
function textOf(message: string): string {
  const text = message.replaceAll('\0', '').trim();
  return `${text === '' ? 'back up' : text}\n`;
}

interface Present {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

async function lookAt(root: string, paths: readonly string[]): Promise<Present> {
  const found = await inBatches(paths, (path) => unlessMissing<Stats>(lstat(join(root, path))));
  return {
    files: paths.filter((_, at) => found[at]?.isFile() || found[at]?.isSymbolicLink()),
    folders: paths.filter((_, at) => found[at]?.isDirectory()),
  };
}

/** The files on disk that git does not know yet. */
async function findUnknown(git: Git, { files, folders }: Present): Promise<GitPath[]> {
  const tracked =
    files.length === 0 ? new Set<GitPath>() : new Set(splitNul((await git.read(['ls-files', '-z', '--', ...placesOf(files)])).stdout));
  const unknown = new Set(files.map(toGitPath).filter((path) => !tracked.has(path)));
  for (const batch of batchesOf(folders)) {
    const { stdout } = await git.read(['ls-files', '-z', '--others', '--exclude-standard', '--', ...batch.map(literally)]);
    // A name with a slash at its end is another repository.
    for (const path of splitNul(stdout)) if (!path.endsWith('/')) unknown.add(path);
  }
  return [...unknown].filter((path) => !isInternal(path));
}

/** The files at or below the paths that are not as they are in the last commit; also those that the person has removed from the index. */
async function findChanged(git: Git, paths: readonly string[]): Promise<GitPath[]> {
  const items = new Set(paths.map(toGitPath));
  const { stdout } = await compare(git, paths);
  const own = splitNul(stdout).filter((path) => isAtOrBelow(path, items) && !isInternal(path));
  const found = await inBatches(own, (path) => unlessMissing<Stats>(lstat(onDisk(git.projectPath, path))));
  // A file that has become a folder: git takes its name for a repository, and drops it by itself with the first file below it.
  return own.filter((_, at) => !found[at]?.isDirectory());
}

async function compare(git: Git, paths: readonly string[]): Promise<CommandResult> {
  const options = ['--name-only', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', '--ignore-submodules=all'];
  const diff = (commit: string) => ['diff', ...options, commit, '--', ...placesOf(paths)];
  const result = await git.read(diff('HEAD'), { accept: [128] });
  if (result.code === 0) return result;
  if ((await headOf(git)) !== null) throw gitFailure(['diff'], result);
  // Before the first commit, everything is new.
  return git.read(diff(await emptyTree(git)));
}

/** Spares git a look at the whole repository where there are few paths; many do not fit on a command line (Windows: 32 KiB). */
function placesOf(paths: readonly string[]): readonly string[] {
  const few = paths.length <= batchSize && paths.join().length <= 8192 && !paths.includes('');
  return few ? paths.map(literally) : [];
}

/** Settings for what the person has not told git about themselves; without any, git would make something up or refuse. */
async function missingIdentity(git: Git): Promise<readonly string[]> {
  const pattern = '^(user|committer|author)\\.(name|email)$';
  const { stdout } = await git.read(['config', '--null', '--get-regexp', pattern], { accept: [1] });
  const known = new Set(splitNul(stdout).map((entry) => entry.split('\n')[0]));
  const has = (field: string) => known.has(`user.${field}`) || (known.has(`author.${field}`) && known.has(`committer.${field}`));
  return [
    ...(has('name') ? [] : ['user.name=Nightjar']),
    ...(has('email') ? [] : [`user.email=nightjar@${git.host.replaceAll(/[^A-Za-z0-9.-]/g, '-')}`]),
  ];
}
