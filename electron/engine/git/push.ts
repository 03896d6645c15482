import { BackupError } from '../../domain/errors.ts';
import type { PushProof } from '../../domain/outcomes.ts';
import { type Git, lineOf } from './git.ts';
import { remoteFailure } from './push-failure.ts';
import { commitOf, pushUrls } from './store.ts';

export interface PushTarget {
  readonly remote: string;
  readonly branch: string;
  /** Where the branch at the remote has gone another way: push to `backup/HOST` there, beside it. */
  readonly fallback?: boolean;
}

/** A branch here beside the same one at the remote. */
export interface Comparison {
  /** `null` on a branch without a commit. */
  readonly head: string | null;
  /** `null` where the remote does not have the branch. */
  readonly remoteHead: string | null;
  /** True where the remote lacks a commit of this branch. */
  readonly ahead: boolean;
}

/**
 * Pushes the branch and asks the remote whether it has arrived; never by force, never with tags, never another branch. Throws
 * `git-remote-missing`, `git-diverged`, `git-auth`, `git-rejected`, `git-unreachable`, `timed-out`, `git-failed`. What is already
 * there is proven and not an error.
 */
export async function push(git: Git, { remote, branch, fallback = false }: PushTarget): Promise<PushProof> {
  const urls = await expectRemote(git, remote);
  const commit = await commitOf(git, `refs/heads/${branch}`);
  if (commit === null) throw new BackupError('git-failed', `there is no commit on ${branch} yet that could be pushed`);
  try {
    return await pushTo(git, urls, { remote, branch, commit });
  } catch (error) {
    if (!(fallback && error instanceof BackupError && error.code === 'git-diverged')) throw error;
    return pushTo(git, urls, { remote, branch: fallbackBranch(git.host), commit });
  }
}

/** The branch of this machine at a remote whose own branch has gone another way. */
export function fallbackBranch(host: string): string {
  const name = host.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return `backup/${name === '' ? 'nightjar' : name}`;
}

/** Compares a branch with the remote's own answer. Throws as `push`. */
export async function compareWithRemote(git: Git, { remote, branch }: PushTarget): Promise<Comparison> {
  const urls = await expectRemote(git, remote);
  const head = await commitOf(git, `refs/heads/${branch}`);
  const heads = await askRemote(git, urls, { remote, branch });
  const [remoteHead = null] = heads;
  if (head === null) return { head, remoteHead, ahead: false };
  const has = await Promise.all(heads.map((known) => contains(git, known, head)));
  return { head, remoteHead, ahead: has.includes(false) };
}

/** Where a push to the remote goes. Throws `git-remote-missing`. */
export async function expectRemote(git: Git, remote: string): Promise<readonly string[]> {
  const urls = await pushUrls(git, remote);
  if (urls !== null) return urls;
  throw new BackupError('git-remote-missing', `${git.projectPath} has no remote ${remote}`, {
    hint: `add it with: git remote add ${remote} URL; or switch pushing off for this job`,
  });
}

interface Push {
  readonly remote: string;
  readonly branch: string;
  readonly commit: string;
}

async function pushTo(git: Git, urls: readonly string[], { remote, branch, commit }: Push): Promise<PushProof> {
  const options = ['--porcelain', '--no-follow-tags', '--no-signed', '--recurse-submodules=no'];
  // The commit by its name and not as HEAD: whoever switches branches meanwhile does not send another history there.
  const result = await contact(git, remote, ['push', ...options, remote, `${commit}:refs/heads/${branch}`]);
  if (result.code !== 0) throw remoteFailure('push', remote, result);
  const heads = await askRemote(git, urls, { remote, branch });
  for (const head of heads) {
    if (head !== null && (await contains(git, head, commit))) continue;
    throw new BackupError('git-failed', `git push to ${remote} reported success, but ${branch} there is at ${head ?? 'no commit'}`, {
      hint: 'somebody may have pushed at the same moment; it is pushed again later',
      retryable: true,
    });
  }
  return { commit, branch, remoteHead: heads[0] ?? commit };
}

/** The branch's commit at every place that a push goes to. */
async function askRemote(git: Git, urls: readonly string[], { remote, branch }: Omit<Push, 'commit'>): Promise<(string | null)[]> {
  const heads: (string | null)[] = [];
  for (const place of await placesOf(git, remote, urls)) {
    const result = await contact(git, remote, ['ls-remote', '--', place, `refs/heads/${branch}`]);
    if (result.code !== 0) throw remoteFailure('ls-remote', remote, result);
    const line = lineOf(result)
      .split(/\r?\n/)
      .find((entry) => entry.endsWith(`\trefs/heads/${branch}`));
    heads.push(line?.split('\t')[0] ?? null);
  }
  return heads;
}

/** What a question to the remote is addressed to, for every place that a push goes to. */
export async function placesOf(git: Git, remote: string, urls: readonly string[]): Promise<readonly string[]> {
  const fetched = lineOf(await git.read(['remote', 'get-url', remote]));
  // By its name, the remote keeps its own settings; an address of its own for pushes has to be asked as such.
  return urls.length === 1 && urls[0] === fetched ? [remote] : urls;
}

/** Talks to a remote; says what helps where it does not answer in time. Any exit code is a result. */
export async function contact(git: Git, remote: string, args: readonly string[]) {
  try {
    return await git.contact(args);
  } catch (error) {
    if (!(error instanceof BackupError && error.code === 'timed-out')) throw error;
    throw new BackupError('timed-out', `git ${args[0]}: the remote ${remote} did not answer in time`, {
      cause: error,
      hint: 'check the network; where it only needs more time: nightjar job set JOB --remote-limit SECONDS',
      retryable: true,
    });
  }
}

/** True where `commit` is `head` or one of its ancestors. A head that was never fetched is not known to contain anything. */
export async function contains(git: Git, head: string | null, commit: string): Promise<boolean> {
  if (head === null || head === commit) return head === commit;
  if ((await commitOf(git, head)) === null) return false;
  return (await git.read(['merge-base', '--is-ancestor', commit, head], { accept: [1] })).code === 0;
}
