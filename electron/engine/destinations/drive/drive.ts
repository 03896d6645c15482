import { BackupError } from '../../../domain/errors.ts';
import type { DriveConfig } from '../../../domain/model.ts';
import type { RemoteMemory } from '../../catalog/remote-memory.ts';
import { digestBlocks, type Fingerprint, startFingerprint } from '../../pipeline/digest.ts';
import type { Clock, Ids, SecretStore } from '../../ports.ts';
import type { Content, Destination, FreeSpace, GetOptions, PutOptions, ReadOptions, StoredObject } from '../destination.ts';
import type { DriveCalls } from './calls.ts';
import { type DriveApi, openDriveApi } from './drive-api.ts';
import type { DriveFile } from './drive-file.ts';
import { checkAccount, checkFolder, type JobFolders, jobFolders, trashedProperty } from './drive-folders.ts';
import { type DriveObjects, driveObjects, splitName, toStored, wasTrashedBefore } from './drive-objects.ts';
import { putObject } from './drive-put.ts';
import { readRanges } from './ranges.ts';
import { forgetUpload } from './session-keeper.ts';
import { signInProblem } from './sign-in-errors.ts';
import { sessionLifeMs } from './upload-session.ts';

export interface DriveParts {
  readonly config: DriveConfig;
  readonly calls: DriveCalls;
  readonly memory: RemoteMemory;
  readonly secrets: SecretStore;
  readonly ports: { readonly clock: Clock; readonly ids: Ids };
}

/**
 * A folder in Google Drive. Beyond the contract: a put that died is gone on with by the next put of the same content under the same name,
 * and ends as one file.
 */
export function driveDestination(parts: DriveParts): Destination {
  return new DriveDestination(parts);
}

/** At most so many objects leave the trash for good in one go. */
const maxEmptied = 200;

interface OpenDrive {
  readonly api: DriveApi;
  readonly folders: JobFolders;
  readonly objects: DriveObjects;
  readonly rootId: string;
}

class DriveDestination implements Destination {
  readonly kind = 'drive';
  readonly name: string;
  readonly #parts: DriveParts;
  #opened: Promise<OpenDrive> | undefined;

  constructor(parts: DriveParts) {
    this.name = parts.config.name;
    this.#parts = parts;
  }

  async check(signal?: AbortSignal): Promise<void> {
    await this.#there(signal);
  }

  async put(objectName: string, content: Content, options: PutOptions = {}): Promise<void> {
    const { api, folders, objects, rootId } = await this.#there(options.signal);
    const folder = await folders.make(splitName(objectName).job, options.signal);
    const place = { objectName, folder, rootId, present: await objects.find(objectName, options.signal) };
    await putObject({ ...this.#parts, api }, place, content, options);
  }

  async *get(objectName: string, { length, offset = 0, signal }: GetOptions = {}): AsyncGenerator<Buffer> {
    const { calls, config } = this.#parts;
    const { id, size = 0 } = await this.#present(objectName, signal);
    const end = Math.min(size, length === undefined ? size : offset + length);
    yield* readRanges(calls, id, { offset, end, size, rangeBytes: config.chunkBytes }, calls.patience(), signal);
  }

  async stat(objectName: string, signal?: AbortSignal): Promise<StoredObject | null> {
    const file = await this.#find(objectName, signal);
    return file && toStored(file, objectName);
  }

  async digest(objectName: string, { onBytes, signal }: ReadOptions = {}): Promise<Fingerprint & { readonly md5?: string }> {
    const { md5Checksum, sha256Checksum, size = 0 } = await this.#present(objectName, signal);
    // Both come with every binary file; where Drive has not computed them yet, the bytes themselves tell.
    if (md5Checksum === undefined || sha256Checksum === undefined)
      return digestBlocks(startFingerprint(), this.get(objectName, { signal }), onBytes);
    onBytes?.(size);
    return { bytes: size, sha256: sha256Checksum, md5: md5Checksum };
  }

  async list(job?: string, signal?: AbortSignal): Promise<StoredObject[]> {
    return (await this.#there(signal)).objects.list(job, signal);
  }

  async remove(objectName: string): Promise<void> {
    await this.#release(objectName, (api, id) => api.remove(id));
  }

  async trash(objectName: string, nowMs: number): Promise<void> {
    await this.#release(objectName, (api, id) => api.change(id, { trashed: true, appProperties: { [trashedProperty]: String(nowMs) } }));
  }

  async emptyTrash(beforeMs: number): Promise<string[]> {
    const { api, objects } = await this.#there();
    const removed: string[] = [];
    for (const { id, name } of (await objects.trashedBefore(beforeMs)).slice(0, maxEmptied)) {
      // A search may be late: what somebody has taken out of the trash since then stays.
      const file = await api.file(id);
      if (file === null || !wasTrashedBefore(file, beforeMs)) continue;
      await api.remove(id);
      removed.push(name);
    }
    return removed;
  }

  /** A put that dies leaves nothing that anybody sees: only its session, which ends by itself. */
  async sweep(beforeMs: number): Promise<string[]> {
    const { memory, ports, secrets } = this.#parts;
    await this.#there();
    const over = memory.uploadsBefore(Math.min(beforeMs, ports.clock.now() - sessionLifeMs));
    for (const objectName of over) await forgetUpload(memory, secrets, objectName);
    return [];
  }

  async freeSpace(): Promise<FreeSpace | null> {
    const { config } = this.#parts;
    const { account, limitBytes, trashBytes, usedBytes } = await (await this.#there()).api.about();
    checkAccount(config, account);
    if (limitBytes === null) return null;
    return { freeBytes: Math.max(0, limitBytes - usedBytes), totalBytes: limitBytes, trashBytes };
  }

  async volume(): Promise<null> {
    await this.#there();
    return null;
  }

  /** What is not found says something only while the destination itself is there. */
  async #find(objectName: string, signal?: AbortSignal): Promise<DriveFile | null> {
    signal?.throwIfAborted();
    const file = await (await this.#open()).objects.find(objectName, signal);
    if (file === null) await this.#there(signal);
    return file;
  }

  async #present(objectName: string, signal?: AbortSignal): Promise<DriveFile> {
    const file = await this.#find(objectName, signal);
    if (file !== null) return file;
    throw new BackupError('object-missing', `${objectName} is not at ${this.name}`);
  }

  /** Lets an object go, by `act` on its id, and whatever was under way under its name. */
  async #release(objectName: string, act: (api: DriveApi, id: string) => Promise<unknown>): Promise<void> {
    const { memory, secrets } = this.#parts;
    const file = await this.#find(objectName);
    await forgetUpload(memory, secrets, objectName);
    if (file === null) return;
    await act((await this.#open()).api, file.id);
    memory.forgetFile(objectName);
  }

  /** Throws where the destination's folder is not there, or nobody has signed in. */
  async #there(signal?: AbortSignal): Promise<OpenDrive> {
    signal?.throwIfAborted();
    const opened = await this.#open();
    await checkFolder(opened.api, opened.rootId, this.#parts.config, signal);
    return opened;
  }

  #open(): Promise<OpenDrive> {
    this.#opened ??= openDrive(this.#parts);
    return this.#opened;
  }
}

async function openDrive({ calls, config, memory }: DriveParts): Promise<OpenDrive> {
  const { folderId, name } = config;
  if (folderId === null) throw signInProblem('sign-in-missing', config);
  const api = await openDriveApi(calls, name);
  const folders = jobFolders(api, memory, folderId, name);
  return { api, folders, objects: driveObjects(api, folders, memory, folderId, name), rootId: folderId };
}
