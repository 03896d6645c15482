import { localTime } from '../../../electron/domain/zoned-time.ts';
import { nameOfPath } from '../../path-text.ts';

/** The folder of a path, without the separator at its end; the root keeps its own. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return end <= 0 ? path.slice(0, end + 1) : path.slice(0, end);
}

/** A path in a folder. */
export function inFolder(folder: string, name: string): string {
  const separator = folder.includes('\\') ? '\\' : '/';
  return folder.endsWith(separator) ? folder + name : folder + separator + name;
}

/** `brain-2026-11-25-0317.db`: a name that tells the copy from the database, and one copy from another. */
export function copyNameOf(fileName: string, createdAtMs: number, zone: string): string {
  const { day, time } = localTime(createdAtMs, zone);
  const [stem, ending] = cutEnding(fileName);
  return `${stem}-${day}-${time.slice(0, 4)}${ending}`;
}

/** The same, for a version of a file or folder of a git store. */
export function versionNameOf(path: string, commit: string): string {
  const [stem, ending] = cutEnding(nameOfPath(path));
  return `${stem}-${commit.slice(0, 8)}${ending}`;
}

function cutEnding(name: string): [stem: string, ending: string] {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)];
}
