import type { ItemIntent } from '../../domain/git-item.ts';
import type { Git } from './git.ts';
import { type GitPath, literally, splitNul, toGitPath, toText } from './git-path.ts';
import { isInternal } from './store-items.ts';

/** What git says of a path, in the words that stand in messages; the columns of `git status --porcelain`. */
function reasonOf(columns: string): string {
  if (columns === '??') return 'added';
  return columns.includes('D') ? 'deleted' : 'changed';
}

export interface Changes {
  readonly items: readonly ItemIntent[];
  /** Folders in the store that are repositories of their own. */
  readonly repositories: readonly string[];
}

/**
 * Every file at or below the store's paths that is not as it is in the last commit, as an item of its own: what was added, changed or
 * deleted while nobody watched. Ignored files and what is internal are passed over. A name that is not UTF-8 is told by the folder that
 * it is in.
 */
export async function findChanges(git: Git, storePaths: readonly string[]): Promise<Changes> {
  const options = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignore-submodules=all'];
  const { stdout } = await git.read(['status', ...options, '--', ...storePaths.map(literally)]);
  const found = new Map<string, ItemIntent>();
  const repositories: string[] = [];
  for (const entry of splitNul(stdout)) {
    const path = entry.slice(3);
    if (isInternal(path)) continue;
    if (path.endsWith('/')) {
      repositories.push(nameOf(path.slice(0, -1)));
      continue;
    }
    const item = nameOf(path);
    if (item !== '' || storePaths.includes('')) found.set(item, { item, paths: [item], reason: reasonOf(entry.slice(0, 2)) });
  }
  return { items: [...found.values()], repositories };
}

function nameOf(path: GitPath): string {
  const name = toText(path);
  return toGitPath(name) === path ? name : nameOf(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
}
