import { createHash } from 'node:crypto';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { unlessMissing } from '../platform/errno.ts';
import { type Git, gitFailure, lineOf } from './git.ts';

/** What a git store is configured to be; it is compared with the repository before every commit. */
export interface StoreIdentity {
  readonly branch: string;
  /** The name of the remote; `null` for a store that is never pushed. */
  readonly remote: string | null;
  /** What `inspectStore` found when the store was set up; `null` where there was no such remote. */
  readonly remoteFingerprint: string | null;
}

export interface StoreFacts {
  /** The real path of the working tree. */
  readonly root: string;
  readonly gitFolder: string;
  /** `null` on a branch without a commit. */
  readonly head: string | null;
  readonly branch: string;
  /** `null` where the remote is not configured, or there is none to ask for. */
  readonly remoteFingerprint: string | null;
}

/** What stands in a git folder while something is unfinished. */
const unfinished: readonly (readonly [name: string, what: string])[] = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase or the applying of patches'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['sequencer', 'a cherry-pick or revert'],
  ['BISECT_LOG', 'a bisect'],
];

/**
 * Resolves to what the repository is, where it is what was configured, and changes nothing. Throws `git-not-root`, `git-in-progress`,
 * `git-detached`, `git-branch`, `git-remote-changed`, and whatever git itself throws.
 */
export async function inspectStore(git: Git, identity: StoreIdentity): Promise<StoreFacts> {
  const { branch: known, gitFolder, head, root } = await findRoot(git);
  const [urls] = await Promise.all([identity.remote === null ? null : pushUrls(git, identity.remote), refuseUnfinished(git, gitFolder)]);
  const branch = known ?? (await branchOf(git));
  if (branch !== identity.branch) {
    throw new BackupError('git-branch', `${git.projectPath} is on the branch ${branch}, and ${identity.branch} is to be backed up`, {
      hint: `switch back with: git switch ${identity.branch}; or set the job up for ${branch}`,
    });
  }
  const remoteFingerprint = urls === null ? null : fingerprintOf(urls);
  if (identity.remoteFingerprint !== null && remoteFingerprint !== null && remoteFingerprint !== identity.remoteFingerprint) {
    throw new BackupError('git-remote-changed', `the remote ${identity.remote} of ${git.projectPath} leads elsewhere than it did`, {
      hint: `set its address back; where the new one is right: nightjar job set JOB --remote ${identity.remote}`,
    });
  }
  return { root, gitFolder, head, branch, remoteFingerprint };
}

interface Found extends Pick<StoreFacts, 'root' | 'gitFolder' | 'head'> {
  /** `null` on a branch without a commit, and on none. */
  readonly branch: string | null;
}

async function findRoot(git: Git): Promise<Found> {
  const { projectPath } = git;
  const questions = ['--is-bare-repository', '--is-inside-git-dir', '--absolute-git-dir', '--show-toplevel', 'HEAD'];
  const args = ['rev-parse', ...questions, '--symbolic-full-name', 'HEAD', '--'];
  // git ends at the first question that it cannot answer; at HEAD where there is no commit yet.
  const found = await git.read(args, { accept: [128] });
  const [bare, inside, gitFolder, top, head = null, ref] = lineOf(found).split(/\r?\n/);
  if (bare === '') {
    if (found.stderr.includes('dubious ownership')) throw foreignOwner(projectPath, gitFailure(args, found));
    throw notRoot(`${projectPath} is not a git repository`, `make it one with: git -C "${projectPath}" init`);
  }
  if (bare === 'true') throw notRoot(`${projectPath} is a bare repository, which has no files to back up`, 'name a working tree instead');
  if (inside === 'true') throw notRoot(`${projectPath} is the inside of a git folder`, 'name the folder that holds .git instead');
  if (gitFolder === undefined || top === undefined) throw gitFailure(args, found);
  const root = await realpath(top);
  if (root !== (await realpath(projectPath))) {
    throw notRoot(`${projectPath} lies in the repository ${root}, and is none of its own`, `name ${root}, or make a repository of its own`);
  }
  return { root, gitFolder, head, branch: ref?.startsWith('refs/heads/') ? nameOfBranch(ref) : null };
}

function notRoot(message: string, hint: string): BackupError {
  return new BackupError('git-not-root', message, { hint });
}

function foreignOwner(projectPath: string, cause: BackupError): BackupError {
  return new BackupError('git-failed', `git does not open ${projectPath}: it belongs to somebody else`, {
    cause,
    hint: `where you trust it: git config --global --add safe.directory "${projectPath}"`,
  });
}

async function refuseUnfinished(git: Git, gitFolder: string): Promise<void> {
  const hint = 'finish or abort it; what has changed is backed up afterwards';
  for (const [name, what] of unfinished) {
    if (!(await unlessMissing(lstat(join(gitFolder, name))))) continue;
    throw new BackupError('git-in-progress', `${what} is in progress in ${git.projectPath}`, { hint, retryable: true });
  }
  // A stash that was applied leaves conflicts without any other trace.
  if ((await git.read(['ls-files', '--unmerged', '-z'])).stdout.length > 0) {
    throw new BackupError('git-in-progress', `${git.projectPath} has files with conflicts`, { hint, retryable: true });
  }
}

async function branchOf(git: Git): Promise<string> {
  const found = await git.read(['symbolic-ref', '--quiet', 'HEAD'], { accept: [1] });
  if (found.code === 0) return nameOfBranch(lineOf(found));
  throw new BackupError('git-detached', `${git.projectPath} is on no branch (detached HEAD)`, {
    hint: 'switch back to the branch with: git switch NAME',
    retryable: true,
  });
}

function nameOfBranch(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}

/** The commit that is checked out; `null` on a branch without one. */
export async function headOf(git: Git): Promise<string | null> {
  return commitOf(git, 'HEAD');
}

/** The tree without a file, which a branch without a commit is compared with. */
export async function emptyTree(git: Git): Promise<string> {
  return lineOf(await git.read(['hash-object', '-t', 'tree', '--stdin'], { input: '' }));
}

/** The commit that a name stands for; `null` where there is none. */
export async function commitOf(git: Git, name: string): Promise<string | null> {
  const found = await git.read(['rev-parse', '--quiet', '--verify', `${name}^{commit}`], { accept: [1, 128] });
  return found.code === 0 ? lineOf(found) : null;
}

/** Where a push to the remote goes; `null` where it is not configured. */
export async function pushUrls(git: Git, remote: string): Promise<readonly string[] | null> {
  const args = ['remote', 'get-url', '--push', '--all', remote];
  const found = await git.read(args, { accept: [2, 128] });
  if (found.code === 0) return lineOf(found).split(/\r?\n/);
  // Before git 2.30, a remote that is not there has the exit code of every other failure.
  const remotes = lineOf(await git.read(['remote'])).split(/\r?\n/);
  if (!remotes.includes(remote)) return null;
  throw gitFailure(args, found);
}

/** Names the addresses without telling them. A user or password in one does not count: it may change while the place is the same. */
export function fingerprintOf(urls: readonly string[]): string {
  const places = urls.map((url) => url.replace(/^(https?:\/\/)[^/]*@/i, '$1'));
  return createHash('sha256').update(places.join('\n')).digest('hex');
}
