import { createReadStream } from 'node:fs';
import { link, lstat, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { digestBlocks } from '../pipeline/digest.ts';
import { privateFile, privateFolder, syncFile, syncFolder, writeFileAtomically, writeWhole } from '../platform/atomic-file.ts';
import { errnoOf, translateErrno, unlessMissing } from '../platform/errno.ts';
import type { DiskSpace, Ids } from '../ports.ts';
import type { Content, Destination, GetOptions, PutOptions, ReadOptions, StoredObject } from './destination.ts';

const markerName = 'nightjar-destination.json';
const trashName = '.nightjar-trash';
const partPattern = /^\.nightjar-part-[a-z0-9]+\.tmp$/;

/** What file systems without links answer; Windows says EISDIR for "invalid function". */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EISDIR']);

export interface FolderPorts {
  readonly ids: Ids;
  readonly disk: DiskSpace;
}

/**
 * A folder or mounted volume. `id` is the identity that its marker file must have; `null` accepts any folder, for a one-off
 * backup or a restore without settings.
 */
export function folderDestination(name: string, root: string, id: string | null, ports: FolderPorts): Destination {
  const place = `the destination ${name} (${root})`;
  const meaning = { absent: 'destination-absent', refused: 'destination-refused', place } as const;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await checkRoot(name, root, id);
      return await work();
    } catch (error) {
      throw translateErrno(error, meaning);
    }
  };
  const pathOf = (objectName: string) => join(root, ...objectName.split('/'));
  const partOf = (objectName: string) => join(dirname(pathOf(objectName)), `.nightjar-${ports.ids.make('part')}.tmp`);

  return {
    kind: 'folder',
    name,
    check: () => guarded(async () => {}),

    put: (objectName, content, options = {}) =>
      guarded(async () => {
        options.signal?.throwIfAborted();
        const path = pathOf(objectName);
        await makeFolder(dirname(path), root);
        if (!options.replace && (await unlessMissing(lstat(path)))) throw taken(objectName, name);
        const part = partOf(objectName);
        try {
          await writePart(part, content, options);
          options.signal?.throwIfAborted();
          await (options.replace ? rename(part, path) : publish(part, path, objectName, name));
        } finally {
          await rm(part, { force: true });
        }
        await syncFolder(dirname(path));
      }),

    get: (objectName, options = {}) => readObject(objectName, name, pathOf(objectName), options, guarded),

    stat: (objectName) =>
      guarded(async () => {
        const stats = await unlessMissing(stat(pathOf(objectName)));
        return stats?.isFile() ? { name: objectName, bytes: stats.size, modifiedAtMs: stats.mtimeMs } : null;
      }),

    digest: (objectName, options: ReadOptions = {}) =>
      digestBlocks(readObject(objectName, name, pathOf(objectName), { signal: options.signal }, guarded), options.onBytes),

    list: (job) => guarded(() => listObjects(root, job)),

    trash: (objectName, nowMs) =>
      guarded(async () => {
        const path = pathOf(objectName);
        const folder = join(root, trashName, formatTrashFolder(nowMs), dirname(objectName));
        await mkdir(folder, { recursive: true, mode: privateFolder });
        const kept = join(folder, objectName.slice(objectName.lastIndexOf('/') + 1));
        const target = (await unlessMissing(lstat(kept))) ? `${kept}.${ports.ids.make('part')}` : kept;
        if (!(await unlessMissing(rename(path, target).then(() => true)))) return;
        await syncFolder(dirname(path));
        // A job's folder goes with its last object; one that still holds something stays.
        await rmdir(dirname(path)).catch(() => {});
      }),

    emptyTrash: (beforeMs) => guarded(() => emptyTrash(join(root, trashName), beforeMs)),

    sweep: (beforeMs) => guarded(() => sweepParts(root, beforeMs)),

    freeSpace: () => guarded(() => ports.disk.of(root)),
    volume: () => guarded(() => ports.disk.of(root)),
  };
}

/** Marks a folder as a destination and resolves to its id; a folder that is one already keeps its id. Throws like a destination. */
export async function markFolder(name: string, root: string, ids: Ids): Promise<string> {
  const place = `the folder ${root}`;
  try {
    await checkRoot(name, root, null);
    const known = await readMarker(root);
    if (known !== null) return known;
    const id = ids.make('dest');
    const marker = { format: 'nightjar-destination', version: 1, id };
    await writeFileAtomically(join(root, markerName), `${JSON.stringify(marker, null, 2)}\n`, ids.make('part'));
    return id;
  } catch (error) {
    throw translateErrno(error, { absent: 'destination-absent', refused: 'destination-refused', place });
  }
}

async function checkRoot(name: string, root: string, id: string | null): Promise<void> {
  const stats = await unlessMissing(stat(root));
  if (!stats?.isDirectory()) {
    throw new BackupError('destination-absent', `the destination ${name} is not there: no folder ${root}`, {
      retryable: true,
      hint: 'plug in or mount the disk; a new folder has to be made by hand, so that a backup never goes to the wrong place',
    });
  }
  if (id === null) return;
  const found = await readMarker(root);
  if (found === id) return;
  throw new BackupError(
    found === null ? 'destination-absent' : 'destination-foreign',
    found === null
      ? `the destination ${name} is not there: ${root} is a folder without Nightjar's mark (${markerName})`
      : `${root} is another destination than the one that was set up as ${name}`,
    {
      retryable: true,
      hint: 'mount the right disk there; if the folder is right, remove the destination and add it again (its snapshots are found)',
    },
  );
}

/** The id in a folder's marker; `null` without a marker or with one that cannot be read. */
async function readMarker(root: string): Promise<string | null> {
  const text = await unlessMissing(readFile(join(root, markerName), 'utf8'));
  if (text === undefined) return null;
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

async function makeFolder(folder: string, root: string): Promise<void> {
  if (await unlessMissing(stat(folder))) return;
  await mkdir(folder, { recursive: true, mode: privateFolder });
  await syncFolder(root);
}

/**
 * Writes the content under a name of our own and flushes it. A staged file on the same volume is linked, not copied, but only once:
 * two destinations on one disk must not share their bytes.
 */
async function writePart(part: string, content: Content, options: PutOptions): Promise<void> {
  if (content.kind === 'text') {
    const handle = await open(part, 'wx', privateFile);
    try {
      await handle.writeFile(content.text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return;
  }
  if (!(await tookOver(part, content.path))) await copyInto(part, content.path, options);
  await syncFile(part);
  options.onBytes?.(content.digests.bytes);
}

async function tookOver(part: string, staged: string): Promise<boolean> {
  if ((await stat(staged)).nlink > 1) return false;
  try {
    await link(staged, part);
    return true;
  } catch (error) {
    // EXDEV: another volume; EPERM, ENOTSUP and the like: a file system without links. The bytes go over either way.
    if (errnoOf(error) === undefined || errnoOf(error) === 'ENOENT') throw error;
    return false;
  }
}

async function copyInto(part: string, from: string, options: PutOptions): Promise<void> {
  const target = await open(part, 'wx', privateFile);
  try {
    let done = 0;
    for await (const block of createReadStream(from, { highWaterMark: 1024 * 1024 })) {
      options.signal?.throwIfAborted();
      await writeWhole(target, block as Buffer);
      done += (block as Buffer).length;
      options.onBytes?.(done);
    }
  } finally {
    await target.close();
  }
}

/** Gives a finished part its name without ever replacing a file: by a link, which is atomic, where the file system has them. */
async function publish(part: string, path: string, objectName: string, destination: string): Promise<void> {
  try {
    await link(part, path);
    await unlink(part);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') throw taken(objectName, destination);
    if (errno === undefined || !withoutLinks.has(errno)) throw error;
    // exFAT has no links. One engine writes here at a time, and the name was free a moment ago.
    if (await unlessMissing(lstat(path))) throw taken(objectName, destination);
    await rename(part, path);
  }
}

function taken(objectName: string, destination: string): BackupError {
  return new BackupError('object-exists', `${objectName} exists already at ${destination}`);
}

async function* readObject(
  objectName: string,
  destination: string,
  path: string,
  options: GetOptions,
  guarded: <T>(work: () => Promise<T>) => Promise<T>,
): AsyncGenerator<Buffer> {
  const { offset = 0, length, signal } = options;
  const handle = await guarded(() => unlessMissing(open(path, 'r')));
  if (!handle) throw new BackupError('object-missing', `${objectName} is not at ${destination}`);
  if (length === 0) return handle.close();
  const end = length === undefined ? {} : { end: offset + length - 1 };
  const stream = handle.createReadStream({ start: offset, ...end, highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) });
  try {
    for await (const block of stream) yield block as Buffer;
  } catch (error) {
    signal?.throwIfAborted();
    throw translateErrno(error, { absent: 'destination-absent', refused: 'destination-refused', place: `the destination ${destination}` });
  }
}

async function listObjects(root: string, job: string | undefined): Promise<StoredObject[]> {
  const folders = job === undefined ? await subfolders(root) : [job];
  const objects: StoredObject[] = [];
  for (const folder of folders) {
    const entries = (await unlessMissing(readdir(join(root, folder), { withFileTypes: true }))) ?? [];
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      const stats = await unlessMissing(stat(join(root, folder, entry.name)));
      if (stats) objects.push({ name: `${folder}/${entry.name}`, bytes: stats.size, modifiedAtMs: stats.mtimeMs });
    }
  }
  return objects;
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

async function emptyTrash(trash: string, beforeMs: number): Promise<string[]> {
  const removed: string[] = [];
  for (const name of (await unlessMissing(readdir(trash))) ?? []) {
    const trashedAtMs = parseTrashFolder(name);
    if (trashedAtMs === null || trashedAtMs >= beforeMs) continue;
    const folder = join(trash, name);
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) removed.push(relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
    }
    await rm(folder, { recursive: true });
  }
  return removed;
}

/** `2026-11-22T031700.000Z`: the instant as a name that every file system takes. */
function formatTrashFolder(atMs: number): string {
  return new Date(atMs).toISOString().replaceAll(':', '');
}

function parseTrashFolder(name: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2})(\d{2})(\d{2}\.\d{3}Z)$/.exec(name);
  const atMs = match ? Date.parse(match.slice(1).join(':')) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

async function sweepParts(root: string, beforeMs: number): Promise<string[]> {
  const removed: string[] = [];
  for (const folder of await subfolders(root)) {
    for (const entry of await readdir(join(root, folder))) {
      const path = join(root, folder, entry);
      const stats = partPattern.test(entry) ? await unlessMissing(lstat(path)) : undefined;
      if (!stats?.isFile() || stats.mtimeMs >= beforeMs) continue;
      await rm(path, { force: true });
      removed.push(`${folder}/${entry}`);
    }
  }
  return removed;
}
