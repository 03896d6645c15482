import { BackupError } from '../../../domain/errors.ts';
import { type DriveConfig, driveChunkUnitBytes } from '../../../domain/model.ts';
import type { PendingUpload, RemoteMemory } from '../../catalog/remote-memory.ts';
import { digestBlocks, startDigests } from '../../pipeline/digest.ts';
import type { SecretStore } from '../../ports.ts';
import type { Content, PutOptions } from '../destination.ts';
import { type DriveApi, type NewFile, uploadUrl } from './drive-api.ts';
import type { DriveFile } from './drive-file.ts';
import { propertyName, rootProperty } from './drive-folders.ts';
import { isObject, splitName } from './drive-objects.ts';
import { type Upload, type UploadTools, uploadResumably } from './resumable-upload.ts';
import { forgetUpload, keepSession } from './session-keeper.ts';

export interface PutTools extends UploadTools {
  readonly api: DriveApi;
  readonly memory: RemoteMemory;
  readonly secrets: SecretStore;
  readonly config: DriveConfig;
}

/** Where an object goes. */
export interface Place {
  readonly objectName: string;
  readonly folder: string;
  readonly rootId: string;
  /** The file that has the name now. */
  readonly present: DriveFile | null;
}

/**
 * Stores an object, or goes on where a former attempt at the same content ended: its id was noted before anything was sent, so that there
 * is one file in the end. Throws `object-exists` where another content has the name.
 */
export async function putObject(tools: PutTools, place: Place, content: Content, options: PutOptions): Promise<void> {
  const { memory, secrets } = tools;
  const { objectName, present } = place;
  const digests = await digestsOf(content);
  const former = memory.upload(objectName);
  const isSame = former !== null && former.bytes === digests.bytes && former.sha256 === digests.sha256;
  if (present !== null && !(isSame && present.id === former.fileId) && !options.replace) {
    throw new BackupError('object-exists', `${objectName} exists already at ${tools.config.name}`);
  }
  if (former !== null && !isSame) await forgetUpload(memory, secrets, objectName);
  const fileId = isSame ? former.fileId : (present?.id ?? (await tools.api.newId(options.signal)));
  if (!isSame) memory.saveUpload(objectName, begun(fileId, digests, tools.ports.clock.now()));
  // A former attempt may have got to the end without living to see it.
  const isStored = isSame && present?.id === fileId && present.sha256Checksum === digests.sha256;
  const stored = isStored ? present : await send(tools, place, fileId, content, options);
  checkPlace(stored, place, digests.bytes, tools.config.name);
  // Nobody proves a small object later on, as a run does with a snapshot: a manifest is the proof itself.
  if (content.kind === 'text') await proveSmall(tools, stored, content.text, digests.sha256, objectName);
  await keepSession(memory, secrets, objectName, fileId).forget();
  memory.completeUpload(objectName, fileId);
}

function begun(fileId: string, { bytes, sha256 }: { bytes: number; sha256: string }, nowMs: number): PendingUpload {
  return { fileId, bytes, sha256, startedAtMs: nowMs, offered: { bytes: 0, sha256: '' } };
}

/** A text, or a file without bytes, goes in one request: there is nothing to resume. */
function send(tools: PutTools, place: Place, fileId: string, content: Content, options: PutOptions): Promise<DriveFile> {
  const { api } = tools;
  const { file: name } = splitName(place.objectName);
  const file: NewFile = {
    id: fileId,
    name,
    parent: place.folder,
    appProperties: { [propertyName]: 'object', [rootProperty]: place.rootId },
  };
  if (content.kind === 'file' && content.digests.bytes > 0) {
    return uploadResumably(resumable(tools, place, file, content, options), tools);
  }
  const bytes = content.kind === 'text' ? Buffer.from(content.text) : Buffer.alloc(0);
  options.onBytes?.(bytes.length);
  return place.present ? api.replaceSmall(fileId, bytes, options.signal) : api.createSmall(file, bytes, options.signal);
}

function resumable(
  tools: PutTools,
  { objectName, present }: Place,
  { parent, ...file }: NewFile,
  content: Content & { readonly kind: 'file' },
  { onBytes, signal }: PutOptions,
): Upload {
  const metadata = present ? {} : { ...file, parents: [parent] };
  return {
    path: content.path,
    digests: content.digests,
    chunkBytes: chunkFor(tools.config),
    begin: present
      ? { method: 'PATCH', url: uploadUrl(`/${file.id}`, 'resumable'), metadata }
      : { method: 'POST', url: uploadUrl('', 'resumable'), metadata },
    existing: () => tools.api.file(file.id, signal),
    keeper: keepSession(tools.memory, tools.secrets, objectName, file.id),
    signal,
    onBytes,
  };
}

/** Under a bandwidth limit a chunk is what the line takes in two seconds: the limit is kept by waiting between chunks. */
export function chunkFor({ bandwidth, chunkBytes }: Pick<DriveConfig, 'bandwidth' | 'chunkBytes'>): number {
  if (bandwidth === null) return chunkBytes;
  const units = Math.max(1, Math.floor((bandwidth * 2) / driveChunkUnitBytes));
  return Math.min(chunkBytes, units * driveChunkUnitBytes);
}

async function digestsOf(content: Content): Promise<{ bytes: number; sha256: string }> {
  if (content.kind === 'file') return content.digests;
  return digestBlocks(startDigests(), toBlocks(Buffer.from(content.text)));
}

async function* toBlocks(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** Throws `digest-mismatch` where Drive has other bytes than the text, also after they were sent once more. */
async function proveSmall({ api, config }: PutTools, stored: DriveFile, text: string, sha256: string, objectName: string): Promise<void> {
  // Drive computes its checksum a moment later at times.
  const isProven = async (file: DriveFile) => (file.sha256Checksum ?? (await api.file(file.id))?.sha256Checksum) === sha256;
  if (await isProven(stored)) return;
  if (await isProven(await api.replaceSmall(stored.id, Buffer.from(text)))) return;
  throw new BackupError('digest-mismatch', `${config.name} has other bytes of ${objectName} than were sent, twice`, {
    hint: 'run it again',
  });
}

/** What Drive says it has now must be what was asked for: its place, its name, its size, and not in the trash (S1-67). */
function checkPlace(stored: DriveFile, { objectName, folder }: Place, bytes: number, name: string): void {
  if (isObject(stored, folder, splitName(objectName).file) && (stored.size ?? 0) === bytes) return;
  throw new BackupError(
    'digest-mismatch',
    `${objectName} at ${name} is not what was sent: Drive has ${stored.size ?? 0} of ${bytes} bytes`,
    {
      hint: 'run it again',
    },
  );
}
