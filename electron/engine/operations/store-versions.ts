import { isAbsolute, relative, sep } from 'node:path';
import type { RestoredVersion, StoreFiles, Version } from '../../domain/git-version.ts';
import type { GitJob } from '../../domain/model.ts';
import { type GitPath, toText } from '../git/git-path.ts';
import { listVersions, resolveVersion, textDiff } from '../git/history.ts';
import { openStore } from '../git/open-store.ts';
import { restoreVersion } from '../git/restore-version.ts';
import { isBelowStores } from '../git/store-items.ts';
import { listTree } from '../git/version-files.ts';
import type { Ports } from '../ports.ts';
import { realTarget, refuseOurs } from './restore-target.ts';

/** What a store has is read from its repository alone: none of this needs an engine. Everything throws what git throws. */

const maxFiles = 5000;

/** The files of a job's store as a version has them, whose path has the text in it, whatever its case. Throws as `resolveVersion`. */
export async function listStoreFiles(job: GitJob, ports: Ports, at: string, text: string, signal?: AbortSignal): Promise<StoreFiles> {
  const git = openStore(job.source, ports, { signal });
  const commit = await resolveVersion(git, job.source.branch, at, job.schedule.zone);
  const { files } = await listTree(git, { commit, path: '' });
  const wanted = text.toLowerCase();
  const paths = files
    .map((file: GitPath) => toText(file))
    .filter((path) => isBelowStores(path, job.source.stores) && path.toLowerCase().includes(wanted))
    .toSorted();
  return { commit, paths: paths.slice(0, maxFiles), pathCount: paths.length };
}

/** The versions of a file or folder on the job's branch, newest first; of everything where the path is empty. */
export async function listStoreVersions(
  job: GitJob,
  ports: Ports,
  path: string,
  limit: number,
  signal?: AbortSignal,
): Promise<readonly Version[]> {
  const git = openStore(job.source, ports, { signal });
  return listVersions(git, [inRepository(job, path)], { limit, from: `refs/heads/${job.source.branch}` });
}

/** What a commit changed of a file. Throws as `textDiff`. */
export async function diffStoreVersion(job: GitJob, ports: Ports, commit: string, path: string, signal?: AbortSignal): Promise<string> {
  return textDiff(openStore(job.source, ports, { signal }), commit, inRepository(job, path));
}

/** What is to be brought back of a store. */
export interface StoreRestore {
  /** A commit, a day, or `latest`. */
  readonly at: string;
  /** A file or folder of the store: in full, or as it is in the repository; '.' and '' are all of it. */
  readonly path: string;
  readonly target: string;
  readonly force: boolean;
  /** Folders with files of our own: nothing goes there. */
  readonly protectedFolders: readonly string[];
}

/** Brings a file or folder of a job's store back as a version has it. Throws as `resolveVersion` and `restoreVersion`. */
export async function restoreStoreVersion(
  job: GitJob,
  ports: Ports,
  { at, force, path, protectedFolders, target }: StoreRestore,
  signal?: AbortSignal,
): Promise<RestoredVersion & { readonly commit: string }> {
  // Through links, as the files themselves would go; what is wrong with the target otherwise is told by those who write.
  refuseOurs(await realTarget(target).catch(() => target), protectedFolders);
  const git = openStore(job.source, ports, { signal });
  const commit = await resolveVersion(git, job.source.branch, at, job.schedule.zone);
  const restored = await restoreVersion(git, { commit, path: inRepository(job, path), target, force, ids: ports.ids });
  return { commit, ...restored };
}

/** A path in full is taken from the repository's root; any other is as it is in the repository. */
function inRepository({ source }: GitJob, path: string): string {
  if (path === '.') return '';
  return isAbsolute(path) ? relative(source.path, path).split(sep).join('/') : path;
}
