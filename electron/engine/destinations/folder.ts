import { lstat, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { digestBlocks, startFingerprint } from '../pipeline/digest.ts';
import { privateFolder, syncFolder } from '../platform/atomic-file.ts';
import { translateErrno, unlessMissing } from '../platform/errno.ts';
import type { DiskSpace, Ids } from '../ports.ts';
import type { Destination, GetOptions, ReadOptions, StoredObject } from './destination.ts';
import { checkRoot } from './folder-marker.ts';
import { partName, publish, sweepParts, taken, writePart } from './folder-part.ts';
import { emptyTrash, moveToTrash } from './folder-trash.ts';

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
  const read = (objectName: string, options: GetOptions) => readObject(objectName, name, pathOf(objectName), options, guarded);
  const partOf = (objectName: string) => join(dirname(pathOf(objectName)), partName(ports.ids.make('part')));

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
          await syncFolder(dirname(path)).catch(async (error: unknown) => {
            // A name that a power cut could still take away is not given.
            if (!options.replace) await rm(path, { force: true });
            throw error;
          });
        } finally {
          await rm(part, { force: true });
        }
      }),

    get: (objectName, options = {}) => read(objectName, options),

    stat: (objectName) =>
      guarded(async () => {
        const stats = await unlessMissing(stat(pathOf(objectName)));
        return stats?.isFile() ? { name: objectName, bytes: stats.size, modifiedAtMs: stats.mtimeMs } : null;
      }),

    digest: (objectName, { onBytes, signal }: ReadOptions = {}) => digestBlocks(startFingerprint(), read(objectName, { signal }), onBytes),

    list: (job) => guarded(() => listObjects(root, job)),

    remove: (objectName) =>
      guarded(async () => {
        const path = pathOf(objectName);
        if (await unlessMissing(unlink(path).then(() => true))) await leaveFolder(dirname(path));
      }),

    trash: (objectName, nowMs) =>
      guarded(async () => {
        if (await moveToTrash(root, objectName, nowMs, ports.ids)) await leaveFolder(dirname(pathOf(objectName)));
      }),

    emptyTrash: (beforeMs) => guarded(() => emptyTrash(root, beforeMs)),

    sweep: (beforeMs) => guarded(async () => sweepParts(root, await subfolders(root), beforeMs)),

    freeSpace: () => guarded(() => ports.disk.of(root)),
    volume: () => guarded(() => ports.disk.of(root)),
  };
}

async function makeFolder(folder: string, root: string): Promise<void> {
  if (await unlessMissing(stat(folder))) return;
  await mkdir(folder, { recursive: true, mode: privateFolder });
  await syncFolder(root);
}

/** Flushes a folder that an object left. A job's folder goes with its last object; one that still holds something stays. */
async function leaveFolder(folder: string): Promise<void> {
  await syncFolder(folder);
  await rmdir(folder).catch(() => {});
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
