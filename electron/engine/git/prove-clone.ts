import { appendFile, chmod } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';
import { privateFile } from '../platform/atomic-file.ts';
import { type Git, lineOf } from './git.ts';
import { literally, splitNul, toText } from './git-path.ts';
import { contact, contains, expectRemote, placesOf } from './push.ts';
import { remoteFailure } from './push-failure.ts';
import { commitOf } from './store.ts';

/** What a remote is expected to give back. */
export interface CloneTarget {
  readonly remote: string;
  /** The branch at the remote. */
  readonly branch: string;
  /** The commit that it was last seen to have. */
  readonly commit: string;
  readonly stores: readonly string[];
}

/** Every exit code of `git fsck`: its words tell what is wrong. */
const anyCode = Array.from({ length: 127 }, (_, at) => at + 1);

/** Where a clone of the store's remote comes from: each place that a push goes to. Throws `git-remote-missing`. */
export async function clonePlaces(git: Git, remote: string): Promise<readonly string[]> {
  const urls = await expectRemote(git, remote);
  const places = await placesOf(git, remote, urls);
  // git reads a relative path from where it is started, and that is the clone.
  return places.map((place, at) => absolute(git.projectPath, urls[at] ?? place) ?? place);
}

function absolute(projectPath: string, url: string): string | null {
  return isAbsolute(url) || url.includes(':') ? null : resolve(projectPath, url);
}

/** Settings that say how a remote is reached. What would leave objects out, or borrow them, is none: such a clone proves nothing. */
const reaching = /^(?:credential|http|url|protocol|ssh|remote)\.(?!.*\.(?:promisor|partialclonefilter)$)|^core\.sshcommand$/;

/**
 * Makes an empty repository that reaches the store's remotes as the store itself does: with its addresses, credentials and ssh, and with
 * nothing else of it. `clone` is git in an empty folder.
 */
export async function beginClone(git: Git, clone: Git): Promise<void> {
  const format = lineOf(await git.read(['rev-parse', '--show-object-format']));
  const { stdout } = await git.read(['config', '--null', '--list', '--local', '--includes']);
  const settings = splitNul(stdout).map((entry) => toText(entry));
  await clone.write(['init', '--quiet', '--bare', '--template=', `--object-format=${format}`]);
  const path = join(clone.projectPath, 'config');
  // They may hold credentials, and so may the store's own file.
  await chmod(path, privateFile);
  await appendFile(path, settings.flatMap((setting) => copyOf(setting) ?? []).join(''));
}

/** A setting of `git config --list --null` as a configuration file has it; `null` for one that stays behind. */
function copyOf(setting: string): string | null {
  const end = setting.indexOf('\n');
  const key = end < 0 ? setting : setting.slice(0, end);
  if (!reaching.test(key)) return null;
  const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')];
  const section = first === last ? key.slice(0, first) : `${key.slice(0, first)} ${quote(key.slice(first + 1, last))}`;
  // A name without a value is true.
  return `[${section}]\n\t${key.slice(last + 1)}${end < 0 ? '' : ` = ${quote(setting.slice(end + 1))}`}\n`;
}

/**
 * Brings the branch from a place into the clone and proves it: every object is whole, the branch has the commit, and the commit has every
 * file of the stores as the store's own repository has it. Resolves to how many files there are. Throws `digest-mismatch` for what the
 * remote does not have or has in another form, and whatever shows that it cannot be asked.
 */
export async function proveClone(git: Git, clone: Git, place: string, target: CloneTarget): Promise<number> {
  const { branch, commit, remote, stores } = target;
  const ref = `refs/heads/${branch}`;
  const asked = await contact(clone, remote, ['ls-remote', '--', place, ref]);
  if (asked.code !== 0) throw remoteFailure('ls-remote', remote, asked);
  if (asked.stdout.length === 0) throw mismatch(`${remote} has no branch ${branch} any more`);
  const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--refmap='];
  const fetched = await contact(clone, remote, ['fetch', ...options, '--', place, `+${ref}:${ref}`]);
  if (fetched.code !== 0) {
    if (isDamage(fetched.stderr)) throw mismatch(`${remote} cannot give back ${branch}: ${redact(fetched.stderr)}`);
    throw remoteFailure('fetch', remote, fetched);
  }
  await checkObjects(clone, `what ${remote} gave back`);
  const head = await commitOf(clone, ref);
  if ((await commitOf(clone, commit)) === null || !(await contains(clone, head, commit))) {
    throw mismatch(`${branch} at ${remote} does not have the commit ${commit.slice(0, 10)} any more, which it had when it was pushed`);
  }
  const found = await listFiles(clone, commit, stores);
  const isHere = (await commitOf(git, commit)) !== null;
  if (isHere && found.join('\0') !== (await listFiles(git, commit, stores)).join('\0')) {
    throw mismatch(`${commit.slice(0, 10)} at ${remote} has other files than here`);
  }
  return found.length;
}

/** Proves that a commit is complete in the repository itself. Resolves to how many files of the stores it has. Throws `digest-mismatch`. */
export async function proveLocally(git: Git, commit: string, stores: readonly string[]): Promise<number> {
  await checkObjects(git, git.projectPath, commit);
  return (await listFiles(git, commit, stores)).length;
}

/** The files of the stores that a commit of this repository has otherwise than a former one. */
export async function changedSince(git: Git, former: string, commit: string, stores: readonly string[]): Promise<readonly string[]> {
  if ((await commitOf(git, former)) === null) return [];
  const { stdout } = await git.read(['diff', '--name-only', '-z', '--no-renames', former, commit, '--', ...stores.map(literally)]);
  return splitNul(stdout).map(toText);
}

/** Reads every object and what it leads to; from one commit on, or from every ref. */
async function checkObjects(git: Git, what: string, commit?: string): Promise<void> {
  const args = ['fsck', '--full', '--no-dangling', '--no-progress', ...(commit === undefined ? [] : ['--no-reflogs', commit])];
  const { code, stdout, stderr } = await git.read(args, { accept: anyCode });
  if (code === 0) return;
  // What only breaks a rule of form, as many an old repository does, is whole all the same.
  const damage = `${stdout.toString('utf8')}\n${stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:error|warning) in \w+ [0-9a-f]+: /.test(line));
  if (damage.length > 0) throw mismatch(`${what} is not whole: ${redact(damage.slice(0, 3).join('; '))}`);
}

/** Mode, type, blob and path of every file of the stores. */
async function listFiles(git: Git, commit: string, stores: readonly string[]): Promise<readonly string[]> {
  // A listing in a bare repository knows paths from its root alone, and no patterns.
  const paths = stores.includes('') ? [] : stores.map((store) => `${store}/`.replace(/\/+$/, ''));
  return splitNul((await git.read(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths])).stdout);
}

/** A remote that is there and reads what it has wrongly; git tells it by its words alone, which are English. */
function isDamage(stderr: string): boolean {
  return /corrupt|unable to read|bad object|missing (?:blob|tree|commit|object)|hash mismatch|not our ref|unable to find|could not read [0-9a-f]{8}|inflate/i.test(
    stderr,
  );
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function mismatch(message: string): BackupError {
  return new BackupError('digest-mismatch', message, { hint: 'look at the remote; the commits here are not touched' });
}
