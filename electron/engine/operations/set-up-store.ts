import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { type GitJob, isGitJob } from '../../domain/model.ts';
import { isRefName, isRemoteName } from '../../domain/ref-name.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../git/open-store.ts';
import { inspectStore } from '../git/store.ts';
import { isBelowStores, resolveItems } from '../git/store-items.ts';
import { unlessMissing } from '../platform/errno.ts';

/**
 * Looks at the repository of a git job that is to be set up or changed, and resolves to the job with what was found: the real path of
 * the working tree, the store's paths as git has them, and the fingerprint of the remote, which is taken anew or kept. Changes nothing.
 * Throws `usage-invalid`, `git-path-refused`, and whatever is wrong with the repository.
 */
export async function setUpStore(engine: Engine, job: GitJob, identity: 'take' | 'keep'): Promise<GitJob> {
  const { source } = job;
  checkNames(job);
  const git = openStore(source, engine.ports);
  const remoteFingerprint = identity === 'take' ? null : source.remoteFingerprint;
  const facts = await inspectStore(
    git,
    source.push ? { ...source, remoteFingerprint } : { ...source, remote: null, remoteFingerprint: null },
  );
  const stores = withoutNested(await resolveItems(git, [''], source.stores));
  for (const path of stores) await expectStore(facts.root, path);
  const found = { ...source, path: facts.root, stores, remoteFingerprint: remoteFingerprint ?? facts.remoteFingerprint };
  refuseShared(engine, { ...job, source: found });
  return { ...job, source: found };
}

function checkNames({ source }: GitJob): void {
  if (!isRefName(source.branch)) {
    throw new BackupError('usage-invalid', `"${source.branch}" cannot be a branch`, { hint: 'see the branches with: git branch' });
  }
  if (!isRemoteName(source.remote)) {
    throw new BackupError('usage-invalid', `"${source.remote}" cannot be a remote`, { hint: 'see the remotes with: git remote' });
  }
}

/** A slip of the pen would back up nothing at all, and a link only itself. */
async function expectStore(root: string, path: string): Promise<void> {
  const place = join(root, path);
  const found = await unlessMissing(lstat(place));
  if (found === undefined) {
    throw new BackupError('source-missing', `there is no ${place}`, { hint: 'make it first, or correct --store' });
  }
  if (!found.isSymbolicLink()) return;
  throw new BackupError('git-path-refused', `${place} is a symbolic link, of which git keeps only where it leads`, {
    hint: 'name the folder itself with --store',
  });
}

/** A path below another one is in it already. */
function withoutNested(stores: readonly string[]): string[] {
  const each = [...new Set(stores)];
  return each.filter((path) => !each.some((other) => other !== path && isBelowStores(path, [other])));
}

/** Two jobs for the same files would each call the other's commits their own. */
function refuseShared(engine: Engine, job: GitJob): void {
  for (const other of engine.settings.current.jobs.filter(isGitJob)) {
    if (other.name === job.name || other.source.path !== job.source.path) continue;
    const shared = [...job.source.stores, ...other.source.stores].find(
      (path) => isBelowStores(path, job.source.stores) && isBelowStores(path, other.source.stores),
    );
    if (shared === undefined) continue;
    throw new BackupError('job-exists', `the job ${other.name} backs up ${shared || 'all of this repository'} already`, {
      hint: `change it with: nightjar job set ${other.name}; or choose other paths`,
    });
  }
}
