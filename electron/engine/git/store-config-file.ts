import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { parseStoreConfig, type StoreConfig, toMessageTemplate } from '../../domain/store-config.ts';
import { errnoOf, unlessMissing } from '../platform/errno.ts';

/** What another program's configuration says, as a git job needs it. */
export interface ResolvedStoreConfig {
  /** Absolute, as it is named. */
  readonly projectPath: string;
  /** From the project on, with forward slashes and with links followed, as git has it. */
  readonly storePath: string;
  /** Absolute, as it is named. */
  readonly databasePath: string;
  readonly git: Pick<StoreConfig['backup']['git'], 'enabled' | 'remote' | 'branch' | 'push'>;
  /** The template of commit messages, with `{item}` and `{reason}`. */
  readonly message: string;
}

/**
 * Reads such a file. Its paths begin at its own folder; they need not exist, but what exists of them is checked with links followed
 * (S2-03, S2-04). Throws `usage-invalid` where there is no file, and `settings-invalid` for what cannot be read, has another shape, or
 * has a store that is not below the project or a database in the store; every such path is named.
 */
export async function readStoreConfig(path: string): Promise<ResolvedStoreConfig> {
  const file = resolve(path);
  const config = parseStoreConfig(await readText(file), file);
  const [project, store, database] = await Promise.all([
    placeOf('projectPath', file, config),
    placeOf('storePath', file, config),
    placeOf('databasePath', file, config),
  ]);
  const violations = [
    ...[project, store, database].flatMap(({ problem }) => problem ?? []),
    ...violationsOf(store, 'must lie below', project, isBelow),
    ...violationsOf(database, 'must lie outside', store, isOutside),
  ];
  if (violations.length > 0 || project.real === null || store.real === null) {
    throw new BackupError('settings-invalid', `the paths in "${file}" cannot be used: ${violations.join('; ')}`, {
      hint: `correct them there; relative ones begin at ${dirname(file)}`,
    });
  }
  const { commitMessageTemplate, ...git } = config.backup.git;
  return {
    projectPath: project.named,
    storePath: relative(project.real, store.real).split(sep).join('/'),
    databasePath: database.named,
    git,
    message: toMessageTemplate(commitMessageTemplate),
  };
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    // Read leniently, a path would name another file.
    throw new BackupError('settings-invalid', `the configuration "${file}" is not UTF-8 text`, { cause, hint: 'save it as UTF-8' });
  }
}

function unreadable(file: string, cause: unknown): unknown {
  const errno = errnoOf(cause);
  switch (errno) {
    case undefined:
      return cause;
    case 'ENOENT':
    case 'ENOTDIR':
      return new BackupError('usage-invalid', `there is no file "${file}"`, {
        cause,
        hint: 'name the JSON file that the other program is configured with',
      });
    case 'EISDIR':
      return new BackupError('settings-invalid', `"${file}" is a folder, not a configuration`, { cause, hint: 'name the JSON file in it' });
    default:
      return new BackupError('settings-invalid', `the configuration "${file}" cannot be read (${errno})`, {
        cause,
        hint: 'check its permissions and those of its folder',
      });
  }
}

/** One path of the configuration. */
interface Place {
  readonly field: string;
  readonly named: string;
  /** With links followed; `null` where they cannot be, and then `problem` says why. */
  readonly real: string | null;
  readonly problem?: string;
}

async function placeOf(field: 'projectPath' | 'storePath' | 'databasePath', file: string, config: StoreConfig): Promise<Place> {
  const named = resolve(dirname(file), config[field]);
  const missing: string[] = [];
  for (let path = named; ; path = dirname(path)) {
    try {
      const real = await unlessMissing(realpath(path));
      if (real !== undefined) return { field, named, real: join(real, ...missing) };
      // A link to nowhere would otherwise pass for a name that is still free.
      if ((await unlessMissing(lstat(path)))?.isSymbolicLink()) return stuck(field, named, path, 'leads nowhere');
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      return stuck(field, named, path, `cannot be followed (${errno})`);
    }
    // On Windows even the root of a path may be missing: a drive that is not there.
    if (dirname(path) === path) return { field, named, real: named };
    missing.unshift(basename(path));
  }
}

function stuck(field: string, named: string, path: string, why: string): Place {
  return { field, named, real: null, problem: `${field} "${named}" ${path === named ? '' : `goes through "${path}", which `}${why}` };
}

function violationsOf(place: Place, demand: string, other: Place, holds: (path: string, other: string) => boolean): string[] {
  const sentence = `${place.field} "${place.named}" ${demand} ${other.field} "${other.named}"`;
  if (!holds(place.named, other.named)) return [sentence];
  if (place.real === null || other.real === null || holds(place.real, other.real)) return [];
  return [`${sentence} also with links followed, which lead to "${place.real}" and "${other.real}"`];
}

function isBelow(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below !== '' && below.split(sep)[0] !== '..' && !isAbsolute(below);
}

function isOutside(path: string, folder: string): boolean {
  return relative(folder, path) !== '' && !isBelow(path, folder);
}
