import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { Git } from './git.ts';
import { type GitPath, joinNul, splitNul, toGitPath, toText } from './git-path.ts';
import { isBelowStores } from './store-items.ts';

interface Transfer {
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
  { isPushed, hasHooks }: Transfer,
): Promise<ReadonlyMap<string, BackupError>> {
  const unseen = new Map<string, BackupError>();
  if (paths.length === 0) return unseen;
  const [flagged, large] = await Promise.all([findFlagged(git), isPushed && !hasHooks ? findLarge(git, paths) : new Set<GitPath>()]);
  for (const path of paths) {
    const isFlagged = flagged.has(toGitPath(path)) && (await unlessMissing(lstat(join(git.projectPath, path)))) !== undefined;
    if (isFlagged) unseen.set(path, toldNotToLook(path));
    else if (large.has(toGitPath(path))) unseen.set(path, keptElsewhere(path));
  }
  return unseen;
}

/** The files at or below the paths that git was told not to look at, and that are there. */
export async function findUnwatched(git: Git, storePaths: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of await findFlagged(git)) {
    const name = toText(path);
    if (isBelowStores(name, storePaths) && (await unlessMissing(lstat(join(git.projectPath, name))))) found.push(name);
  }
  return found;
}

/** A lower-case letter is `assume-unchanged`, and S is `skip-worktree` (git-ls-files(1), -v); a sparse checkout has many of these. */
async function findFlagged(git: Git): Promise<ReadonlySet<GitPath>> {
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
