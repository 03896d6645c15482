import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import type { PathSuggestion } from '../../domain/found-sources.ts';
import { withinLimit } from '../platform/within-limit.ts';
import type { Ports } from '../ports.ts';

const maxSuggestions = 50;
/** Whoever types does not wait for a disk that does not answer. */
const lookWithinMs = 3000;

/**
 * How a path that is being typed may go on: what is in its last folder and begins with its last name, whatever the case; folders end with
 * the separator. Hidden entries only come where their dot was typed. Nothing for what is no absolute path, and for what cannot be read.
 */
export async function completePath(ports: Ports, text: string, want: 'file' | 'folder', signal: AbortSignal): Promise<PathSuggestion[]> {
  const path = inFull(text, ports.userHome);
  const [folder, begin] = splitLast(path);
  if (!isAbsolute(path) || folder === '') return [];
  return withinLimit(ports.clock, lookWithinMs, signal, async () => {
    const entries = await readdir(folder, { withFileTypes: true });
    const fitting = entries
      .filter(({ name }) => name.toLowerCase().startsWith(begin.toLowerCase()) && (begin.startsWith('.') || !name.startsWith('.')))
      .toSorted((a, b) => a.name.localeCompare(b.name));
    return suggest(folder, fitting, want);
  }).catch(() => {
    signal.throwIfAborted();
    return [];
  });
}

/** `~` is the person's own folder. */
function inFull(text: string, userHome: string): string {
  if (text === '' || text === '~') return join(userHome, sep);
  // Not joined: a dot at the end is the beginning of a name.
  return /^~[\\/]/.test(text) ? join(userHome, sep) + text.slice(2) : text;
}

/** A path up to and with its last separator, and the name after it. */
function splitLast(path: string): [folder: string, name: string] {
  const end = Math.max(path.lastIndexOf('/'), sep === '\\' ? path.lastIndexOf('\\') : -1) + 1;
  return [path.slice(0, end), path.slice(end)];
}

async function suggest(folder: string, entries: readonly Dirent[], want: 'file' | 'folder'): Promise<PathSuggestion[]> {
  const suggestions: PathSuggestion[] = [];
  for (const entry of entries) {
    if (suggestions.length === maxSuggestions) break;
    const isFolder = await isFolderAt(join(folder, entry.name), entry);
    if (want === 'file' || isFolder) suggestions.push({ path: `${folder}${entry.name}${isFolder ? sep : ''}`, isFolder });
  }
  return suggestions;
}

/** Through links: a person may type one. */
async function isFolderAt(path: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
