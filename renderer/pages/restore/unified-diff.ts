/** A line of a diff for reading. */
export interface DiffLine {
  readonly kind: 'added' | 'removed' | 'same' | 'note';
  readonly text: string;
  /** Its number in the file before and after; `null` where it is not in that. */
  readonly before: number | null;
  readonly after: number | null;
}

/** A stretch of changes with what stands around it. */
export interface DiffHunk {
  /** What git says of the place: the function or heading that it is in. */
  readonly title: string;
  readonly lines: readonly DiffLine[];
}

/** What a commit changed of one file. */
export interface FileDiff {
  readonly path: string;
  readonly kind: 'added' | 'deleted' | 'changed';
  readonly isBinary: boolean;
  readonly hunks: readonly DiffHunk[];
}

export interface Diff {
  readonly files: readonly FileDiff[];
  /** What git or we say of the whole: that it was cut, or is too large. */
  readonly notes: readonly string[];
}

interface OpenFile {
  path: string;
  kind: FileDiff['kind'];
  isBinary: boolean;
  hunks: { title: string; lines: DiffLine[] }[];
}

/** How far a diff has been read. */
interface Reader {
  readonly files: OpenFile[];
  readonly notes: string[];
  /** Lines that the open hunk still has of each side. */
  left: { before: number; after: number };
  /** The numbers of the next lines. */
  at: { before: number; after: number };
}

const hunkHead = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/;

/** Reads a unified diff. A hunk ends by the numbers of its head, so that no line of a file is taken for a line of the diff. */
export function parseDiff(text: string): Diff {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const reader: Reader = { files: [], notes: [], left: { before: 0, after: 0 }, at: { before: 0, after: 0 } };
  for (const line of lines) {
    if (!readContent(reader, line)) readStructure(reader, line);
  }
  return { files: reader.files, notes: reader.notes };
}

/** Reads a line of a file, where the open hunk still has some. */
function readContent(reader: Reader, line: string): boolean {
  const hunk = reader.files.at(-1)?.hunks.at(-1);
  const { at, left } = reader;
  if (hunk === undefined || (left.before <= 0 && left.after <= 0) || !/^[ +-]/.test(line)) return false;
  const [before, after] = [line.startsWith('+') ? 0 : 1, line.startsWith('-') ? 0 : 1];
  const kind = before === after ? 'same' : 'removed';
  hunk.lines.push({
    kind: before === 0 ? 'added' : kind,
    text: line.slice(1),
    before: before === 0 ? null : at.before,
    after: after === 0 ? null : at.after,
  });
  reader.left = { before: left.before - before, after: left.after - after };
  reader.at = { before: at.before + before, after: at.after + after };
  return true;
}

function readStructure(reader: Reader, line: string): void {
  const file = reader.files.at(-1);
  const head = hunkHead.exec(line);
  if (head !== null && file !== undefined) {
    reader.at = { before: Number(head[1]), after: Number(head[3]) };
    reader.left = { before: Number(head[2] ?? 1), after: Number(head[4] ?? 1) };
    file.hunks.push({ title: head[5] ?? '', lines: [] });
    return;
  }
  if (line.startsWith('diff --git ')) reader.files.push({ path: pathOfHead(line), kind: 'changed', isBinary: false, hunks: [] });
  else if (line.startsWith('\\ No newline')) noteEnd(file);
  else if (line.startsWith('\\ ')) reader.notes.push(line.slice(2));
  else if (file !== undefined) readHead(file, line);
}

function noteEnd(file: OpenFile | undefined): void {
  file?.hunks.at(-1)?.lines.push({ kind: 'note', text: 'no line break at the end', before: null, after: null });
}

function readHead(file: OpenFile, line: string): void {
  if (line.startsWith('new file')) file.kind = 'added';
  else if (line.startsWith('deleted file')) file.kind = 'deleted';
  else if (line.startsWith('Binary files ')) file.isBinary = true;
  else if (line.startsWith('--- a/') || line.startsWith('+++ b/')) file.path = line.slice(6).replace(/\t$/, '');
}

/** Without renames both names are the same one; what follows in the head says it again where it is in doubt. */
function pathOfHead(line: string): string {
  const names = line.slice('diff --git '.length);
  const name = names.slice((names.length + 1) / 2);
  return (name.startsWith('"') ? withoutQuotes(name) : name).replace(/^b\//, '');
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** A path as git writes it where it has quotation marks, backslashes or control characters in it. */
function withoutQuotes(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, letter: string) =>
      octal === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(octal, 8)),
    );
}
