import type { RemoteMemory } from '../../catalog/remote-memory.ts';
import type { StoredObject } from '../destination.ts';
import type { DriveApi } from './drive-api.ts';
import { type DriveFile, folderType, quoted } from './drive-file.ts';
import { ambiguous, type JobFolders, rootProperty, trashedProperty } from './drive-folders.ts';

/** `JOB/FILE` in its two parts. */
export function splitName(objectName: string): { readonly job: string; readonly file: string } {
  const at = objectName.indexOf('/');
  return { job: objectName.slice(0, at), file: objectName.slice(at + 1) };
}

/** The objects of a destination in Drive, where names are not unique and a search may be late: an id that is known goes before both. */
export interface DriveObjects {
  /** `null` where there is no such object. Throws `destination-ambiguous` where several have the name and none is known to be ours. */
  find(objectName: string, signal?: AbortSignal): Promise<DriveFile | null>;
  list(job: string | undefined, signal?: AbortSignal): Promise<StoredObject[]>;
  /** Objects that were put into the trash before an instant, with the names that they had. */
  trashedBefore(atMs: number): Promise<{ readonly id: string; readonly name: string }[]>;
}

export function driveObjects(api: DriveApi, folders: JobFolders, memory: RemoteMemory, rootId: string, name: string): DriveObjects {
  /** Of the files of one name the one that is ours. Where only one has it, that is remembered: each is then found without a search. */
  const known = (objectName: string, files: readonly DriveFile[]): DriveFile => {
    const rememberedId = memory.fileId(objectName);
    const [first] = files as [DriveFile];
    if (rememberedId === null && files.length === 1) memory.rememberFile(objectName, first.id);
    return files.find(({ id }) => id === rememberedId) ?? first;
  };

  return {
    find: async (objectName, signal) => {
      const { file: fileName, job } = splitName(objectName);
      const rememberedId = memory.fileId(objectName) ?? memory.upload(objectName)?.fileId ?? null;
      const remembered = rememberedId === null ? null : await api.file(rememberedId, signal);
      if (remembered && isObject(remembered, memory.fileId(job), fileName)) return remembered;
      const folder = await folders.find(job, signal);
      if (folder === null) return null;
      const found = (await api.search(`name = ${quoted(fileName)} and ${quoted(folder)} in parents and trashed = false`, signal)).filter(
        (file) => isObject(file, folder, fileName),
      );
      if (found.length > 1) throw ambiguous(objectName, found, name);
      const [only] = found;
      if (only === undefined) return null;
      memory.rememberFile(objectName, only.id);
      return only;
    },

    list: async (job, signal) => {
      const wanted = job === undefined ? await folders.all(signal) : await only(folders, job, signal);
      const objects: StoredObject[] = [];
      for (const [folder, jobName] of wanted) {
        const found = await api.search(`${quoted(folder)} in parents and mimeType != '${folderType}' and trashed = false`, signal);
        const byName = Map.groupBy(
          found.filter((file) => !file.name.startsWith('.')),
          (file) => `${jobName}/${file.name}`,
        );
        for (const [objectName, files] of byName) objects.push(toStored(known(objectName, files), objectName));
      }
      return objects;
    },

    trashedBefore: async (atMs) => {
      const jobs = await folders.all();
      const files = await api.search(`trashed = true and appProperties has { key='${rootProperty}' and value=${quoted(rootId)} }`);
      return files.flatMap((file) => {
        const job = jobs.get(file.parents?.[0] ?? '');
        return wasTrashedBefore(file, atMs) && job !== undefined ? [{ id: file.id, name: `${job}/${file.name}` }] : [];
      });
    },
  };
}

/** What a search or an id says of an object. */
export function toStored(file: DriveFile, objectName: string): StoredObject {
  return { name: objectName, bytes: file.size ?? 0, modifiedAtMs: Date.parse(file.modifiedTime ?? '') || 0 };
}

/** True for a file that is in the trash, where we put it before an instant. */
export function wasTrashedBefore({ appProperties, trashed }: DriveFile, atMs: number): boolean {
  return trashed === true && Number(appProperties?.[trashedProperty] ?? Number.NaN) < atMs;
}

/** True for a file of this name that lies in `folder` and not in the trash. */
export function isObject({ mimeType, name, parents, trashed }: DriveFile, folder: string | null, fileName: string): boolean {
  return mimeType !== folderType && trashed !== true && name === fileName && parents?.[0] === folder;
}

async function only(folders: JobFolders, job: string, signal?: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const folder = await folders.find(job, signal);
  return new Map(folder === null ? [] : [[folder, job]]);
}
