/** A path inside the repository as git has it: its bytes, one character each, so that a name in any encoding comes back as it was. */
export type GitPath = string;

/** A path of this program as git has it. */
export function toGitPath(path: string): GitPath {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** A path of git for reading; bytes that are not UTF-8 come out as replacement characters. */
export function toText(path: GitPath): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** The names in a list that git ended with NULs. */
export function splitNul(output: Buffer): GitPath[] {
  return output
    .toString('latin1')
    .split('\0')
    .filter((name) => name !== '');
}

/** Names as a list that git reads with `-z`. */
export function joinNul(names: readonly GitPath[]): Buffer {
  return Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1');
}

/** The path as a name and not as a pattern (gitglossary(7), pathspec); the whole repository for the empty one. */
export function literally(path: string): string {
  return path === '' ? ':/' : `:(literal)${path}`;
}

/** True where the path is one of the places, or below one; the empty place holds everything. */
export function isAtOrBelow(path: string, places: ReadonlySet<string>): boolean {
  if (places.has('') || places.has(path)) return true;
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) if (places.has(path.slice(0, end))) return true;
  return false;
}
