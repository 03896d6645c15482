import { BackupError } from '../../../domain/errors.ts';
import type { DriveConfig } from '../../../domain/model.ts';
import type { RemoteMemory } from '../../catalog/remote-memory.ts';
import type { DriveApi } from './drive-api.ts';
import { type DriveFile, folderType, quoted } from './drive-file.ts';
import { otherAccount } from './sign-in-errors.ts';

/** Our own properties of files and folders; only the OAuth client that set them sees them. */
export const propertyName = 'nightjar';
/** When an object went to the trash, in milliseconds since the epoch. */
export const trashedProperty = 'nightjarTrashedAtMs';
/** The folder of the destination that an object belongs to. */
export const rootProperty = 'nightjarRoot';

/**
 * Finds the folder `A/B/C`, from the account's root down, or makes what is missing of it. Of several of one name the one with our mark
 * counts; throws `destination-ambiguous` where that does not decide it.
 */
export async function resolveFolder(api: DriveApi, path: string, name: string, signal?: AbortSignal): Promise<DriveFile> {
  const parts = path.split('/');
  let folder: DriveFile | null = null;
  for (const [level, part] of parts.entries()) {
    const kind = level === parts.length - 1 ? 'destination' : 'parent';
    folder = await stepInto(api, folder?.id ?? 'root', part, kind, name, signal);
  }
  return folder as DriveFile;
}

async function stepInto(
  api: DriveApi,
  parent: string,
  part: string,
  kind: 'destination' | 'parent',
  name: string,
  signal?: AbortSignal,
): Promise<DriveFile> {
  const found = await foldersNamed(api, parent, part, signal);
  const ours = found.filter(({ appProperties }) => appProperties?.[propertyName] === kind);
  const candidates = ours.length > 0 ? ours : found;
  if (candidates.length > 1) throw ambiguous(`the folder "${part}"`, candidates, name);
  const [only] = candidates;
  const appProperties = { [propertyName]: kind };
  if (only === undefined) return api.createFolder({ id: await api.newId(signal), name: part, parent, appProperties }, signal);
  if (kind === 'parent' || ours.length > 0) return only;
  return (await api.change(only.id, { appProperties }, signal)) ?? only;
}

/** Throws `sign-in-account` where the sign-in is of another account than the one that the destination belongs to. */
export function checkAccount(config: DriveConfig, found: { readonly id: string; readonly email: string }): void {
  const { account } = config;
  if (account !== null && account.id !== found.id) throw otherAccount(config, account.email, found.email);
}

/** Throws `destination-absent` where the destination's folder is not there any more: absent is not empty, and nothing is made in its place. */
export async function checkFolder(api: DriveApi, folderId: string, config: DriveConfig, signal?: AbortSignal): Promise<void> {
  const { account, folder, name } = config;
  signal?.throwIfAborted();
  const found = await api.file(folderId, signal);
  if (found !== null && found.trashed !== true && found.mimeType === folderType) return;
  // In another account the folder is not there either; it would be the wrong one to look after.
  if (account !== null) checkAccount(config, (await api.about(signal)).account);
  throw new BackupError('destination-absent', `the folder "${folder}" of ${name} is ${found ? 'in the trash' : 'not in Drive any more'}`, {
    retryable: true,
    hint: found
      ? 'take it out of the trash in Drive; nothing is made anew in its place'
      : `it was deleted, or another OAuth client made it; for a new one: nightjar destination remove ${name}, then add it again`,
  });
}

/** The folder of a job below the destination's own; `null` where there is none and none is to be made. */
export interface JobFolders {
  find(job: string, signal?: AbortSignal): Promise<string | null>;
  make(job: string, signal?: AbortSignal): Promise<string>;
  /** The folders of all jobs: their ids and names. */
  all(signal?: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

/** Job folders are made once, under an id that is remembered before they exist, and found by that id. */
export function jobFolders(api: DriveApi, memory: RemoteMemory, rootId: string, name: string): JobFolders {
  const find: JobFolders['find'] = async (job, signal) => {
    const rememberedId = memory.fileId(job);
    const remembered = rememberedId === null ? null : await api.file(rememberedId, signal);
    if (remembered && isFolderIn(remembered, rootId)) return remembered.id;
    const found = await foldersNamed(api, rootId, job, signal);
    if (found.length > 1) throw ambiguous(`the folder "${job}"`, found, name);
    const [only] = found;
    if (only === undefined) return null;
    memory.rememberFile(job, only.id);
    return only.id;
  };
  return {
    find,
    make: async (job, signal) => {
      const found = await find(job, signal);
      if (found !== null) return found;
      const id = await api.newId(signal);
      memory.rememberFile(job, id);
      const appProperties = { [propertyName]: 'job', [rootProperty]: rootId };
      return (await api.createFolder({ id, name: job, parent: rootId, appProperties }, signal)).id;
    },
    all: async (signal) => {
      const folders = await api.search(`${quoted(rootId)} in parents and mimeType = '${folderType}' and trashed = false`, signal);
      return new Map(folders.filter((folder) => !folder.name.startsWith('.')).map((folder) => [folder.id, folder.name]));
    },
  };
}

/** True for a folder that lies in `parent` and not in the trash. */
export function isFolderIn({ mimeType, parents, trashed }: DriveFile, parent: string): boolean {
  return mimeType === folderType && trashed !== true && parents?.[0] === parent;
}

/** The error for a name that several files have: it is reported, never guessed. */
export function ambiguous(what: string, found: readonly DriveFile[], name: string): BackupError {
  return new BackupError('destination-ambiguous', `${what} is there ${found.length} times in the Drive of ${name}`, {
    hint: `rename or remove all but one of them in Drive: ${found.map(({ id }) => id).join(', ')}`,
  });
}

function foldersNamed(api: DriveApi, parent: string, folder: string, signal?: AbortSignal): Promise<DriveFile[]> {
  const query = `name = ${quoted(folder)} and ${quoted(parent)} in parents and mimeType = '${folderType}' and trashed = false`;
  return api.search(query, signal);
}
