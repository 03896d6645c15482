import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import type { GitJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { isInCommit } from '../git/history.ts';
import { openStore } from '../git/open-store.ts';
import { resolveItems } from '../git/store-items.ts';

/**
 * The paths as they are in a job's repository. A slip of the pen would be reported as safe, so that each has to be there, or to be known
 * to the last commit. Throws `usage-invalid` where neither is, and `git-path-refused`.
 */
export async function nameItems(
  engine: Engine,
  { source }: GitJob,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const git = openStore(source, engine.ports, { signal });
  const items = await resolveItems(git, source.stores, paths);
  for (const item of items) {
    if (existsSync(join(git.projectPath, item)) || (await isInCommit(git, item))) continue;
    throw new BackupError('usage-invalid', `there is no ${item} in ${git.projectPath}, and none in its last commit`, {
      hint: 'give the path as you see it from here, or as it is in the repository',
    });
  }
  return items;
}
