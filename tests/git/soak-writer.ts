import { constants, type Dirent } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Random, startRandom } from '../support/sample-content.ts';

/** What a writer is told, as JSON on its command line. */
export interface WriterOrder {
  readonly store: string;
  readonly seed: number;
  readonly operations: number;
  readonly overMs: number;
}

/** How many operations of each kind a writer has done. */
export type WriterReport = Readonly<Record<string, number>>;

interface Entry {
  /** Its path in the store. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
}

interface Place {
  readonly random: Random;
  readonly at: (path: string) => string;
  readonly entries: readonly Entry[];
}

const stems = [
  ...['note', 'a note with spaces', ' leading and trailing ', 'Entwürfe', '日記', 'moth 🦋', 'e\u0301 in two characters', 'CASE', 'case'],
  ...['-dash', '--all', ':(glob)', '#hash', 'x*y', 'q?', '[br]', '{b,r}', 'quo"te', "apo'strophe", 'new\nline', 'tab\t', 'back\\slash'],
  ...['.hidden', '..dots', 'draft~', '!bang', '%41', '$HOME', '`id`', 'a;b', 'very long '.repeat(20), 'HEAD', '@{0}', '.gitkeep'],
];

/** Where links lead: to nothing, or to a place in a store. */
const linkTargets = ['first.md', 'nowhere', '.', '/nightjar/soak/nowhere'];

/** A name of few, so that what was deleted comes back, and two writers meet. */
function nameBy(random: Random): string {
  return `${pick(stems, random)}${random.below(12)}`;
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[random.below(list.length)] as T;
}

function contentBy(random: Random): Buffer {
  const kind = random.below(20);
  if (kind === 0) return Buffer.alloc(0);
  if (kind === 1) return random.picture(100_000 + random.below(400_000));
  const lines = Array.from({ length: 1 + random.below(60) }, (_, line) => `line ${line} of ${random.below(1_000_000)}\r\n`);
  return Buffer.from(kind === 2 ? `${lines.join('')}no end of line` : lines.join('').replaceAll('\r', kind === 3 ? '\r' : ''));
}

/** An entry that is there, of one of these kinds. */
function some({ entries, random }: Place, ...kinds: readonly Entry['kind'][]): string {
  const found = entries.filter(({ kind }) => kinds.includes(kind));
  if (found.length === 0) throw new Error(`there is no ${kinds.join(' or ')}`);
  return pick(found, random).path;
}

/**
 * Does something with a file that is there, and with nothing else: a link is never followed, whatever the other writer puts in its place
 * meanwhile, so that nothing outside of the store is ever touched.
 */
async function withFile(place: Place, flags: number, work: (file: FileHandle) => Promise<unknown>): Promise<void> {
  await using file = await open(place.at(some(place, 'file')), flags | constants.O_NOFOLLOW);
  await work(file);
}

/** A place in a folder that is there, or in new ones. */
function newPath({ entries, random }: Place): string {
  const folders = ['', ...entries.filter(({ kind, path }) => kind === 'folder' && path.split('/').length < 4).map(({ path }) => path)];
  const more = random.below(5) === 0 ? [nameBy(random), nameBy(random)] : [];
  return [pick(folders, random), ...more.slice(0, random.below(3)), nameBy(random)].filter((part) => part !== '').join('/');
}

async function writeNew(place: Place): Promise<void> {
  const file = place.at(newPath(place));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contentBy(place.random), { flag: 'wx' });
}

/** The operations that a store sees. Each throws where the other writer was faster, or where its target is taken. */
const operations: readonly (readonly [weight: number, name: string, act: (place: Place) => Promise<unknown>])[] = [
  [26, 'new file', writeNew],
  [14, 'overwrite', overwrite],
  [12, 'replace', replaceFile],
  [12, 'append', append],
  [11, 'delete file', (place) => rm(place.at(some(place, 'file', 'link')))],
  [11, 'rename file', (place) => moveTo(place, some(place, 'file', 'link'))],
  [4, 'rename folder', (place) => moveTo(place, some(place, 'folder'))],
  [2, 'delete folder', (place) => rm(place.at(some(place, 'folder')), { recursive: true })],
  [3, 'link', (place) => symlink(pick(linkTargets, place.random), place.at(newPath(place)))],
  [3, 'mode', changeMode],
  [1, 'file to folder', fileToFolder],
  [1, 'folder to file', folderToFile],
];

function overwrite(place: Place): Promise<void> {
  return withFile(place, constants.O_WRONLY, (file) => file.writeFile(contentBy(place.random)));
}

function append(place: Place): Promise<void> {
  return withFile(place, constants.O_WRONLY | constants.O_APPEND, (file) => file.writeFile(contentBy(place.random).subarray(0, 200)));
}

function changeMode(place: Place): Promise<void> {
  return withFile(place, constants.O_RDONLY, (file) => file.chmod(pick([0o755, 0o644, 0o700, 0o600], place.random)));
}

/** As most programs save: everything new beside the old one, then in its place at once. */
async function replaceFile(place: Place): Promise<void> {
  const file = place.at(some(place, 'file', 'link'));
  const part = `${file.slice(0, file.lastIndexOf('/'))}/.part-${place.random.below(1000)}~`;
  await writeFile(part, contentBy(place.random), { flag: 'wx' });
  await rename(part, file);
}

async function moveTo(place: Place, from: string): Promise<void> {
  const to = place.at(newPath(place));
  await mkdir(dirname(to), { recursive: true });
  await rename(place.at(from), to);
}

async function fileToFolder(place: Place): Promise<void> {
  const path = place.at(some(place, 'file', 'link'));
  await rm(path);
  await mkdir(path);
  await writeFile(join(path, nameBy(place.random)), contentBy(place.random));
}

async function folderToFile(place: Place): Promise<void> {
  const path = place.at(some(place, 'folder'));
  await rm(path, { recursive: true });
  await writeFile(path, contentBy(place.random), { flag: 'wx' });
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'file';
}

async function entriesOf(store: string): Promise<Entry[]> {
  const found = await readdir(store, { recursive: true, withFileTypes: true });
  return found.map((entry) => ({ path: join(entry.parentPath, entry.name).slice(store.length + 1), kind: kindOf(entry) }));
}

function chooseOperation(random: Random) {
  let at = random.below(operations.reduce((sum, [weight]) => sum + weight, 0));
  for (const operation of operations) {
    at -= operation[0];
    if (at < 0) return operation;
  }
  throw new Error('no operation was chosen');
}

/** Does one operation; where one cannot be done it does another. */
async function operate({ store }: WriterOrder, random: Random): Promise<string> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const [, name, act] = chooseOperation(random);
    try {
      await act({ random, at: (path) => join(store, path), entries: await entriesOf(store) });
      return name;
    } catch {
      // The other writer has deleted or made it meanwhile.
    }
  }
  throw new Error('nothing can be done in the store any more');
}

/** When the operations are due: all over the time, every third of them right after the one before it. */
function dueTimes({ operations: count, overMs }: WriterOrder, random: Random): number[] {
  const times = Array.from({ length: count }, () => random.below(overMs)).toSorted((a, b) => a - b);
  return times.map((ms, at) => (random.below(3) === 0 ? (times[at - 1] ?? ms) : ms));
}

async function write(order: WriterOrder): Promise<WriterReport> {
  const random = startRandom(order.seed);
  const startedMs = performance.now();
  const report: Record<string, number> = {};
  for (const dueMs of dueTimes(order, random)) {
    await wait(Math.max(0, startedMs + dueMs - performance.now()));
    const name = await operate(order, random);
    report[name] = (report[name] ?? 0) + 1;
  }
  return report;
}

process.on('disconnect', () => process.exit(0));
const report = await write(JSON.parse(process.argv[2] ?? '') as WriterOrder);
process.send?.(report, undefined, {}, () => process.disconnect());
