import type { Version } from '../../../electron/domain/git-version.ts';

/** One entry of a folder of a store. */
export interface TreeEntry {
  readonly path: string;
  readonly name: string;
  readonly isFolder: boolean;
}

/** True where the path is a folder of some file, or all of it. */
export function isFolderOf(files: readonly string[], path: string): boolean {
  return path === '' || files.some((file) => file.startsWith(`${path}/`));
}

/** The folder that holds a path of a repository; '' at its root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What is directly in a folder: folders first, then files, each by name. */
export function entriesIn(files: readonly string[], folder: string): readonly TreeEntry[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const entries = new Map<string, TreeEntry>();
  for (const file of files) {
    if (!file.startsWith(prefix)) continue;
    const rest = file.slice(prefix.length);
    const end = rest.indexOf('/');
    const name = end === -1 ? rest : rest.slice(0, end);
    entries.set(name, { path: prefix + name, name, isFolder: end !== -1 });
  }
  return [...entries.values()].toSorted((a, b) => Number(b.isFolder) - Number(a.isFolder) || a.name.localeCompare(b.name));
}

/** The paths of a store that its versions speak of and that it does not have any more, those that went last first. */
export function deletedFiles(versions: readonly Version[], files: readonly string[], stores: readonly string[]): readonly string[] {
  const present = new Set(files);
  const isInStore = (path: string) => stores.some((store) => store === '' || path === store || path.startsWith(`${store}/`));
  const gone = versions.flatMap(({ paths }) => paths).filter((path) => !present.has(path) && isInStore(path));
  return [...new Set(gone)];
}
