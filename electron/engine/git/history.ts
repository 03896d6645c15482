import { BackupError } from '../../domain/errors.ts';
import type { Version } from '../../domain/git-version.ts';
import { endOfDay, isDay } from '../../domain/zoned-time.ts';
import { type Git, type GitCall, lineOf } from './git.ts';
import { literally, toText } from './git-path.ts';
import { commitOf, emptyTree } from './store.ts';

export interface VersionOptions {
  /** So many at most. */
  readonly limit: number;
  /** The commit or branch to begin at; the one that is checked out by default. */
  readonly from?: string;
}

const maxPaths = 100;
const maxDiffBytes = 262_144;
const hint = 'see which versions there are: nightjar git log NAME';

/** What a person may have set for their own `git log`, and would make it another one. */
const logSettings = ['log.diffMerges=separate', 'log.follow=false', 'log.showRoot=true', 'log.showSignature=false'];

/**
 * The commits that changed anything at or below the paths (repository paths, also deleted ones; '' is the whole repository), the newest
 * first; none for a branch without a commit. Nothing that was ever committed is hidden: merged branches are followed also where the
 * merge took nothing of them, and a merge is listed where it is not the same as each of its parents, with what it changed for the
 * first parent that it differs from. So the first entry is always what the branch has now, and a merge tells when a change of another
 * branch came in.
 */
export async function listVersions(
  git: Git,
  paths: readonly string[],
  { limit, from = 'HEAD' }: VersionOptions,
): Promise<readonly Version[]> {
  const commit = await commitNamed(git, from);
  if (commit === null || paths.length === 0) return [];
  const specs = paths.includes('') ? [literally('')] : paths.map(literally);
  // A name with a line break cannot go through the list, and a long list does not fit on a command line (Windows: 32 KiB).
  const isAwkward = (spec: string) => /[\r\n]/.test(spec);
  const input = ['--', ...specs.filter((spec) => !isAwkward(spec)), ''].join('\n');
  const options = ['-z', '-m', '--full-history', '--no-renames', '--ignore-submodules=none', '--name-status', '--encoding=UTF-8'];
  const args = ['log', '--stdin', ...options, '--format=%x00%H%x00%ct%x00%an%x00%s', commit];
  return readLog(git, [...args, '--', ...specs.filter(isAwkward)], { input, settings: logSettings }, 0, limit);
}

/** A part of the log; in halves where all of it is more than a command may say. */
async function readLog(git: Git, args: readonly string[], call: GitCall, skip: number, count: number): Promise<readonly Version[]> {
  const [command = '', ...rest] = args;
  try {
    return parseLog((await git.read([command, `--skip=${skip}`, `--max-count=${count}`, ...rest], call)).stdout);
  } catch (error) {
    if (!saidTooMuch(error) || count < 2) throw error;
    const half = Math.ceil(count / 2);
    const newer = await readLog(git, args, call, skip, half);
    return [...newer, ...(await readLog(git, args, call, skip + half, count - half))];
  }
}

function saidTooMuch(error: unknown): boolean {
  return error instanceof BackupError && error.code === 'internal';
}

/** Each commit is an empty field, its four facts, and a status and a name for each path; a merge comes once for each parent. */
function parseLog(output: Buffer): readonly Version[] {
  const fields = output.toString('latin1').split('\0');
  const versions = new Map<string, Version>();
  for (let at = 0; at + 4 < fields.length; ) {
    const [commit = '', seconds, author, subject] = fields.slice(at + 1, at + 5).map(toText);
    const paths: string[] = [];
    let pathCount = 0;
    for (at += 5; fields[at]; at += 2, pathCount += 1) if (pathCount < maxPaths) paths.push(toText(fields[at + 1] ?? ''));
    if (versions.has(commit)) continue;
    versions.set(commit, { commit, atMs: Number(seconds) * 1000, subject: subject ?? '', author: author ?? '', paths, pathCount });
  }
  return [...versions.values()];
}

/**
 * The full name of the commit that a person means: `latest` on the branch, the last one on it before the end of a day (`YYYY-MM-DD`) in
 * the zone, or any name that git knows. The branch is what its own commits say (first parents): what was merged later was not there on
 * that day. Throws `usage-invalid`.
 */
export async function resolveVersion(git: Git, branch: string, when: string, zone: string): Promise<string> {
  if (when === 'latest') {
    const latest = await commitNamed(git, `refs/heads/${branch}`);
    if (latest !== null) return latest;
    throw invalid(`the branch ${branch} has no commit, so there is no "latest" version`);
  }
  return /^\d{4}-\d{2}-\d{2}$/.test(when) ? lastCommitOf(git, branch, when, zone) : expectCommit(git, when);
}

async function lastCommitOf(git: Git, branch: string, day: string, zone: string): Promise<string> {
  if (!isDay(day)) throw invalid(`"${day}" is no day of the calendar`);
  const head = await commitNamed(git, `refs/heads/${branch}`);
  const lastSecond = Math.ceil(endOfDay(day, zone) / 1000) - 1;
  if (head !== null && lastSecond >= 0) {
    const found = lineOf(await git.read(['rev-list', '--first-parent', '--max-count=1', `--min-age=${lastSecond}`, head, '--']));
    if (found !== '') return found;
  }
  throw invalid(`the branch ${branch} has no commit from "${day}" (${zone}) or before`);
}

/** The full name of the commit that a text means to git. Throws `usage-invalid`, also for a short id that several commits share. */
export async function expectCommit(git: Git, name: string): Promise<string> {
  const commit = await commitNamed(git, name);
  if (commit !== null) return commit;
  const count = await countBeginning(git, name);
  if (count < 2) throw invalid(`${JSON.stringify(name)} is neither a commit that git knows, nor a day such as 2026-01-31, nor "latest"`);
  throw new BackupError('usage-invalid', `"${name}" is ambiguous: the ids of ${count} commits begin with it`, {
    hint: 'give more of its characters; nightjar git log NAME shows them',
  });
}

/** What git takes for an option, or for all commits but one, names none. */
async function commitNamed(git: Git, name: string): Promise<string | null> {
  if (/^(?:-|$)|\0/.test(name)) return null;
  const commit = await commitOf(git, name);
  return commit !== null && /^[0-9a-f]{40,}$/.test(commit) ? commit : null;
}

async function countBeginning(git: Git, id: string): Promise<number> {
  if (!/^[0-9a-f]{4,}$/i.test(id)) return 0;
  const { stdout } = await git.read(['rev-parse', `--disambiguate=${id.toLowerCase()}`]);
  const types = await git.read(['cat-file', '--batch-check=%(objecttype)'], { input: stdout });
  return types.stdout.toString('latin1').match(/^(?:commit|tag)$/gm)?.length ?? 0;
}

function invalid(message: string): BackupError {
  return new BackupError('usage-invalid', message, { hint });
}

/**
 * What a commit changed at or below a repository path against its first parent, as a unified diff for reading; empty where it changed
 * nothing. It is cut at 256 KiB, which its last line then says. A file of more than 16 MiB is called binary, as git does with large
 * ones, and smaller ones are where all of it is too much. Throws `usage-invalid` for what is no commit.
 */
export async function textDiff(git: Git, commit: string, path: string): Promise<string> {
  const newer = await expectCommit(git, commit);
  const older = (await commitNamed(git, `${newer}^1`)) ?? (await emptyTree(git));
  const options = ['-p', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames'];
  const args = ['diff-tree', ...options, older, newer, '--', literally(path)];
  for (const threshold of ['16m', '1m', '64k']) {
    try {
      const settings = ['core.quotePath=false', `core.bigFileThreshold=${threshold}`];
      return cut((await git.read(args, { settings })).stdout);
    } catch (error) {
      if (!saidTooMuch(error)) throw error;
    }
  }
  return '\\ this change is too large to be shown\n';
}

function cut(diff: Buffer): string {
  if (diff.length <= maxDiffBytes) return diff.toString('utf8');
  // A stream may end within a character, which is then left out.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(diff.subarray(0, maxDiffBytes), { stream: true });
  return `${text}\n\\ cut at 256 KiB; the change is longer\n`;
}

/** True where the commit that is checked out has a file or folder of this name. */
export async function isInCommit(git: Git, path: string): Promise<boolean> {
  if ((await commitOf(git, 'HEAD')) === null) return false;
  return (await git.read(['ls-tree', '-z', '--name-only', 'HEAD', '--', path])).stdout.length > 0;
}
