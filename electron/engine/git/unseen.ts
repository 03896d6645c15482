import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Git } from './git.ts';
import { inBatches } from './git-files.ts';
import { type GitPath, isAtOrBelow, joinNul, splitNul, toGitPath, toText } from './git-path.ts';
import { isBelowStores } from './store-items.ts';

/** What is known of a run beside its paths. */
interface Circumstances {
  /** What `findFlagged` has found. */
  readonly flagged: ReadonlySet<GitPath>;
  readonly isPushed: boolean;
  readonly hasHooks: boolean;
}

/**
 * Which of the files git would call backed up when they are not: those that it was told not to look at (`assume-unchanged`,
 * `skip-worktree`), and those whose content Git LFS uploads in a hook, where hooks are off. Resolves to why, by path.
 */
export async function findUnseen(
  git: Git,
  paths: readonly string[],
  { flagged, isPushed, hasHooks }: Circumstances,
): Promise<ReadonlyMap<string, BackupError>> {
  const unseen = new Map<string, BackupError>();
  if (paths.length === 0) return unseen;
  const large = isPushed && !hasHooks ? await findLarge(git, paths) : new Set<GitPath>();
  for (const path of paths) if (large.has(toGitPath(path))) unseen.set(path, keptElsewhere(path));
  for (const file of await presentAmong(git, flagged, paths)) {
    // A folder is not safe either while a file in it is not.
    for (const path of paths.filter((each) => isBelowStores(file, [each]))) unseen.set(path, toldNotToLook(file));
  }
  return unseen;
}

/** The files at or below the paths that git was told not to look at, and that are there. */
export async function findUnwatched(git: Git, storePaths: readonly string[]): Promise<readonly string[]> {
  return presentAmong(git, await findFlagged(git), storePaths);
}

async function presentAmong(git: Git, flagged: ReadonlySet<GitPath>, paths: readonly string[]): Promise<readonly string[]> {
  const places = new Set(paths);
  const names = [...flagged].map(toText).filter((name) => isAtOrBelow(name, places));
  const found = await inBatches(names, (name) => unlessMissing(lstat(join(git.projectPath, name))));
  return names.filter((_, at) => found[at] !== undefined);
}

/**
 * Every file that git was told not to look at. A lower-case letter is `assume-unchanged`, and S is `skip-worktree` (git-ls-files(1), -v); a sparse
 * checkout has many of these, which are not there.
 */
export async function findFlagged(git: Git): Promise<ReadonlySet<GitPath>> {
  const { stdout } = await git.read(['ls-files', '-v', '-z']);
  return new Set(splitNul(stdout).flatMap((entry) => (/^[a-zS] /.test(entry) ? entry.slice(2) : [])));
}

async function findLarge(git: Git, paths: readonly string[]): Promise<ReadonlySet<GitPath>> {
  const input = joinNul(paths.filter((path) => path !== '').map(toGitPath));
  const fields = splitNul((await git.read(['check-attr', '-z', '--stdin', 'filter'], { input })).stdout);
  // Each answer is a path, the attribute, and its value.
  return new Set(fields.filter((_, at) => at % 3 === 0 && fields[at + 2] === 'lfs'));
}

function toldNotToLook(path: string): BackupError {
  return new BackupError('git-path-refused', `git was told not to look at ${path} (assume-unchanged or skip-worktree)`, {
    hint: `let it look again: git update-index --no-assume-unchanged --no-skip-worktree "${path}"`,
  });
}

function keptElsewhere(path: string): BackupError {
  return new BackupError('git-path-refused', `the content of ${path} is kept by Git LFS, which uploads it in a hook, and hooks are off`, {
    hint: 'switch them on with: nightjar job set JOB --hooks',
  });
}
