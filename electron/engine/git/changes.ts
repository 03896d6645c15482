import type { ItemIntent } from '../../domain/git-item.ts';
import { type Git, type GitPath, splitNul } from './git.ts';
import { isInternal } from './store-items.ts';

/** What git says of a path, in the words that stand in messages; the columns of `git status --porcelain`. */
function reasonOf(columns: string): string {
  if (columns === '??') return 'added';
  return columns.includes('D') ? 'deleted' : 'changed';
}

/**
 * Every file at or below the store's paths that is not as it is in the last commit, as an item of its own: what was added, changed or
 * deleted while nobody watched. Ignored files, other repositories and what is internal are passed over. A name that is not UTF-8 is
 * told by the folder that it is in.
 */
export async function findChanges(git: Git, storePaths: readonly string[]): Promise<readonly ItemIntent[]> {
  const places = storePaths.map((path) => (path === '' ? ':/' : `:(literal)${path}`));
  const options = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=all', '--ignore-submodules=all'];
  const { stdout } = await git.read(['status', ...options, '--', ...places]);
  const found = new Map<string, ItemIntent>();
  for (const entry of splitNul(stdout)) {
    const path = entry.slice(3);
    // A name with a slash at its end is another repository.
    if (path.endsWith('/') || isInternal(path)) continue;
    const item = nameOf(path);
    if (item !== '' || storePaths.includes('')) found.set(item, { item, paths: [item], reason: reasonOf(entry.slice(0, 2)) });
  }
  return [...found.values()];
}

function nameOf(path: GitPath): string {
  const bytes = Buffer.from(path, 'latin1');
  const name = bytes.toString('utf8');
  return Buffer.from(name, 'utf8').equals(bytes) ? name : nameOf(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
}
