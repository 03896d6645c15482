import { statfs } from 'node:fs/promises';
import { BackupError } from '../../domain/errors.ts';
import type { CommandResult } from '../platform/command.ts';
import { type Git, gitFailure } from './git.ts';
import { batchesOf } from './git-files.ts';
import { type GitPath, joinNul, literally, splitNul, toText } from './git-path.ts';

/** A place in a commit; the path is a repository path, '' for all of it. */
export interface VersionPath {
  /** The full name of the commit. */
  readonly commit: string;
  readonly path: string;
}

/** What a commit has there. */
export interface VersionTree {
  readonly isFolder: boolean;
  /** Its files and links, by their repository paths. */
  readonly files: readonly GitPath[];
  /** How many submodules there are: their files are in repositories of their own. */
  readonly skipped: number;
}

/** Where files are written to before they get their names. */
export interface Part {
  /** The index file to use; there is none yet. */
  readonly index: string;
  /** An empty folder, which gets them under their repository paths. */
  readonly files: string;
}

/** So many names at a time that what git says about them stays small. */
const attributeBatchSize = 10_000;
/** Where less is left, git has not stopped for another reason. */
const fullDiskBytes = 65_536;

/** A split index would leave a part of itself in the repository, and a hook may run whenever an index is written. */
const settings = ['core.splitIndex=false', 'core.hooksPath=/dev/null'];
/** What makes a file on disk another one than its blob. */
const converting = ['filter', 'text', 'eol', 'ident', 'working-tree-encoding'];

/** Lists what is at the path. Throws `usage-invalid` where that is nothing or a submodule. */
export async function listTree(git: Git, { commit, path }: VersionPath): Promise<VersionTree> {
  const list = async (...args: readonly string[]) =>
    splitNul((await git.read(['ls-tree', '-z', '--full-tree', ...args])).stdout).map((entry) => {
      const [facts = '', name = ''] = splitOnce(entry, '\t');
      return { type: facts.split(' ')[1], name };
    });
  const spec = path === '' ? [] : [literally(path)];
  const type = path === '' ? 'tree' : (await list(commit, ...spec))[0]?.type;
  if (type === undefined || type === 'commit') {
    const what = type === undefined ? 'is not in' : 'is a submodule, with a repository of its own, in';
    throw new BackupError('usage-invalid', `${JSON.stringify(path)} ${what} the commit ${commit.slice(0, 10)}`, {
      hint: 'see which versions there are: nightjar git log NAME',
    });
  }
  const entries = await list('-r', commit, ...spec);
  const files = entries.filter((entry) => entry.type === 'blob').map(({ name }) => name);
  return { isFolder: type === 'tree', files, skipped: entries.length - files.length };
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

/**
 * Writes the files as the commit has them: with its own attributes, through the filters that are set up, executable where they were,
 * and links as links. Each is then read back and compared with its blob; where an attribute makes a file another one than its blob, it
 * is only there. The repository's index, working tree and refs are not touched. Throws `git-failed` with the words of git or of a
 * filter, `digest-mismatch`, `timed-out`, and an error of the file system where the disk is full.
 */
export async function checkOut(git: Git, { commit, path }: VersionPath, files: readonly GitPath[], part: Part): Promise<void> {
  // The part stands in for the working tree: git would otherwise follow the attributes that are there now.
  const call = { index: part.index, workTree: part.files };
  const filters = await readFilters(git);
  try {
    await git.write(['read-tree', commit], { ...call, settings });
    const written = await git.write(['checkout-index', '-z', '--stdin'], {
      ...{ ...call, input: joinNul(files) },
      settings: [...settings, ...applied(filters, git.projectPath)],
    });
    await verify(git, path, part, filters, written);
  } catch (error) {
    if (!(await isFull(part, error))) throw error;
    throw Object.assign(new Error('no space left on device', { cause: error }), { code: 'ENOSPC' });
  }
}

/** A command that a filter is configured with. */
interface FilterCommand {
  readonly filter: string;
  readonly key: string;
  readonly command: string;
}

async function readFilters(git: Git): Promise<readonly FilterCommand[]> {
  const pattern = '^filter\\..+\\.(clean|smudge|process)$';
  const { stdout } = await git.read(['config', '--null', '--get-regexp', pattern], { accept: [1] });
  return splitNul(stdout).map((entry) => {
    const [name, command] = splitOnce(toText(entry), '\n');
    const end = name.lastIndexOf('.');
    return { filter: name.slice(0, end), key: name.slice(end + 1), command };
  });
}

/**
 * A filter runs in the project as it does at any checkout. One that fails ends the restore: git would take the file for restored with
 * what the filter was to change. A filter process says itself what it passes on.
 */
function applied(filters: readonly FilterCommand[], projectPath: string): readonly string[] {
  const there = `cd '${projectPath.replaceAll("'", "'\\''")}' &&`;
  const processes = new Set(filters.filter(({ key }) => key === 'process').map(({ filter }) => filter));
  return filters.flatMap(({ filter, key, command }) => {
    if (key === 'clean' || command === '') return [];
    return [`${filter}.${key}=${there} ${command}`, ...(processes.has(filter) ? [] : [`${filter}.required=true`])];
  });
}

/** Git hashes what it has written, without filters: they may change a file in one direction only, or keep its content elsewhere. */
async function verify(git: Git, path: string, part: Part, filters: readonly FilterCommand[], written: CommandResult): Promise<void> {
  const call = { index: part.index, workTree: part.files };
  const unfiltered = filters.flatMap(({ filter }) => [`${filter}.clean=`, `${filter}.process=`, `${filter}.required=false`]);
  // Not every file system keeps the executable bit.
  const options = { ...call, settings: [...settings, ...unfiltered, 'core.fileMode=false'] };
  await git.write(['update-index', '-q', '--ignore-missing', '--refresh'], options);
  const differing = await git.read(
    ['diff-files', '-z', '--name-status', '--no-renames', '--ignore-submodules=all', '--', literally(path)],
    options,
  );
  const changed: GitPath[] = [];
  const fields = splitNul(differing.stdout);
  for (let at = 0; at + 1 < fields.length; at += 2) {
    // It is missing, or no file: git has said why, and went on with the others.
    if (fields[at] !== 'M') throw gitFailure(['checkout-index'], written);
    changed.push(fields[at + 1] ?? '');
  }
  for (const names of batchesOf(changed, attributeBatchSize)) {
    const { stdout } = await git.read(['check-attr', '-z', '--cached', '--stdin', ...converting], { ...options, input: joinNul(names) });
    // Path, attribute, value; a value may be empty.
    const answers = stdout.toString('latin1').split('\0');
    const converted = new Set(answers.filter((_, at) => at % 3 === 0 && !['unspecified', 'unset'].includes(answers[at + 2] ?? '')));
    const broken = names.find((name) => !converted.has(name));
    if (broken === undefined) continue;
    throw new BackupError('digest-mismatch', `${toText(broken)} did not come out as it was committed`, {
      hint: 'the repository is damaged, see: git fsck --full; what was pushed may be whole',
    });
  }
}

async function isFull({ files }: Part, error: unknown): Promise<boolean> {
  if (!(error instanceof BackupError && error.code === 'git-failed')) return false;
  // Git does not always say why it could not write.
  const { bavail, bsize } = await statfs(files);
  return bavail * bsize < fullDiskBytes;
}
