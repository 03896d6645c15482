import type { drive_v3 } from '@googleapis/drive';
import type { ZodType } from 'zod';
import { BackupError } from '../../../domain/errors.ts';
import { parseJson } from './api-errors.ts';
import { type DriveCalls, googleRoot } from './calls.ts';
import { aboutSchema, type DriveFile, driveFileSchema, fileFields, fileListSchema, folderType, generatedIdsSchema } from './drive-file.ts';
import type { HttpRequest } from './http.ts';

/** What a new file is to be. Its id was given out by Drive beforehand, so that a repeated creation is recognised. */
export interface NewFile {
  readonly id: string;
  readonly name: string;
  readonly parent: string;
  readonly appProperties: Readonly<Record<string, string>>;
}

export interface DriveAbout {
  readonly account: { readonly id: string; readonly email: string };
  /** `null` where the account has no bound. */
  readonly limitBytes: number | null;
  readonly usedBytes: number;
  readonly trashBytes: number;
}

/**
 * The calls of Drive that a destination needs, each tried again where that helps. A search is read to its last page, and one that Drive
 * itself calls incomplete is refused. Throws what `apiError` and `AccessTokens` throw.
 */
export interface DriveApi {
  about(signal?: AbortSignal): Promise<DriveAbout>;
  newId(signal?: AbortSignal): Promise<string>;
  /** `null` where Drive knows no such file, or does not show it to this client. */
  file(id: string, signal?: AbortSignal): Promise<DriveFile | null>;
  /** Nothing is in a folder that is not there: Drive answers 404 to a search in one. */
  search(query: string, signal?: AbortSignal): Promise<DriveFile[]>;
  createFolder(folder: NewFile, signal?: AbortSignal): Promise<DriveFile>;
  createSmall(file: NewFile, content: Buffer, signal?: AbortSignal): Promise<DriveFile>;
  replaceSmall(id: string, content: Buffer, signal?: AbortSignal): Promise<DriveFile>;
  /** `null` where there is no such file. */
  change(id: string, change: drive_v3.Schema$File, signal?: AbortSignal): Promise<DriveFile | null>;
  /** Deletes for good; a missing file is no error. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

/** The ordinary calls go through Google's own client, which knows addresses and parameters; sending, retries and errors are ours. */
export async function openDriveApi(calls: DriveCalls, name: string): Promise<DriveApi> {
  const { drive } = await import('@googleapis/drive');
  const { files, about } = drive({ version: 'v3', auth: senderFor(calls) });

  const file: DriveApi['file'] = async (id, signal) =>
    orMissing(async () => read(driveFileSchema, await files.get({ fileId: id, fields: fileFields }, passing(signal)), name));

  /** A creation that was answered with "this id is in use" had succeeded before, and its answer was lost. */
  const created = async (id: string, create: () => Promise<{ data: unknown; status: number }>, signal?: AbortSignal) => {
    const answer = await create();
    const found = answer.status === 409 ? await file(id, signal) : read(driveFileSchema, answer, name);
    if (found !== null) return found;
    throw new BackupError('destination-busy', `Google Drive does not show ${name} a file that it just made`, { retryable: true });
  };
  const small = async (request: Pick<HttpRequest, 'method' | 'url'>, metadata: object, content: Buffer, signal?: AbortSignal) => {
    const { body, headers } = multipart(metadata, content);
    const response = await calls.call({ ...request, body, headers, signal }, [409]);
    return { status: response.status, data: parseJson(response.body) };
  };

  return {
    file,
    about: async (signal) => {
      const fields = 'user(permissionId,emailAddress),storageQuota(limit,usage,usageInDriveTrash)';
      const { user, storageQuota } = read(aboutSchema, await about.get({ fields }, passing(signal)), name);
      return {
        account: { id: user.permissionId, email: user.emailAddress },
        limitBytes: storageQuota.limit ?? null,
        usedBytes: storageQuota.usage ?? 0,
        trashBytes: storageQuota.usageInDriveTrash ?? 0,
      };
    },
    newId: async (signal) => {
      const { ids } = read(generatedIdsSchema, await files.generateIds({ count: 1, space: 'drive', fields: 'ids' }, passing(signal)), name);
      return ids[0] as string;
    },
    search: async (query, signal) => {
      const patience = calls.patience();
      for (;;) {
        const found = await searchOnce(files, query, name, signal);
        if (found !== null) return found;
        await patience.await(incomplete(name), signal);
      }
    },
    createFolder: ({ parent, ...rest }, signal) =>
      created(
        rest.id,
        () => files.create({ fields: fileFields, requestBody: { ...rest, parents: [parent], mimeType: folderType } }, passing(signal)),
        signal,
      ),
    createSmall: ({ parent, ...rest }, content, signal) =>
      created(
        rest.id,
        () => small({ method: 'POST', url: uploadUrl('', 'multipart') }, { ...rest, parents: [parent] }, content, signal),
        signal,
      ),
    replaceSmall: async (id, content, signal) =>
      read(driveFileSchema, await small({ method: 'PATCH', url: uploadUrl(`/${id}`, 'multipart') }, {}, content, signal), name),
    change: (id, change, signal) =>
      orMissing(async () =>
        read(driveFileSchema, await files.update({ fileId: id, fields: fileFields, requestBody: change }, passing(signal)), name),
      ),
    remove: async (id, signal) => void (await orMissing(() => files.delete({ fileId: id }, passing(signal)))),
  };
}

/** Every page of a search; `null` where Drive itself says that it searched only a part. */
async function searchOnce(
  files: drive_v3.Resource$Files,
  query: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<DriveFile[] | null> {
  const found: DriveFile[] = [];
  const fields = `nextPageToken,incompleteSearch,files(${fileFields})`;
  let pageToken: string | undefined;
  do {
    const params = { q: query, pageSize: 1000, fields, spaces: 'drive', ...(pageToken === undefined ? {} : { pageToken }) };
    const answer = await orMissing(() => files.list(params, passing(signal)));
    if (answer === null) return [];
    const page = read(fileListSchema, answer, name);
    if (page.incompleteSearch) return null;
    found.push(...page.files);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return found;
}

/** The address that uploads of new content go to: of a new file, or of the one with this id. */
export function uploadUrl(file: `/${string}` | '', uploadType: 'multipart' | 'resumable'): string {
  return `${googleRoot}/upload/drive/v3/files${file}?uploadType=${uploadType}&fields=${encodeURIComponent(fileFields)}`;
}

/** Google's client hands every request to its `auth` with everything but a sender: this is one. */
function senderFor(calls: DriveCalls): NonNullable<drive_v3.Options['auth']> {
  interface Prepared {
    readonly method?: HttpRequest['method'];
    readonly url: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly paramsSerializer?: (params: Readonly<Record<string, unknown>>) => string;
    readonly data?: object;
    readonly signal?: AbortSignal;
  }
  const sender = {
    request: async ({ method = 'GET', url, params, paramsSerializer, data, signal }: Prepared) => {
      const query = params && paramsSerializer ? `?${paramsSerializer(params)}` : '';
      const body = data === undefined ? {} : { body: JSON.stringify(data), headers: { 'content-type': 'application/json' } };
      const response = await calls.call({ method, url: url + query, ...body, signal }, method === 'POST' ? [409] : []);
      return { status: response.status, data: parseJson(response.body), headers: {} };
    },
  };
  // The client's types want one of Google's own classes; it calls nothing of them but `request`.
  return sender as unknown as NonNullable<drive_v3.Options['auth']>;
}

function passing(signal: AbortSignal | undefined) {
  return signal ? { signal } : {};
}

function read<T>(schema: ZodType<T>, { data }: { data: unknown }, name: string): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BackupError(
    'destination-busy',
    `Google Drive gave ${name} an answer that cannot be read (${issue?.path.join('.')}: ${issue?.code})`,
    {
      hint: "something between here and Google may have answered in its place: check the network, and the destination's --api-root",
    },
  );
}

async function orMissing<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError && error.code === 'object-missing') return null;
    throw error;
  }
}

function incomplete(name: string): BackupError {
  return new BackupError('destination-busy', `Google Drive searched only a part of what ${name} holds`, {
    retryable: true,
    hint: 'run it again later; nothing is decided on a part',
  });
}

/** A `multipart/related` body of metadata and content (Drive API, "Perform a multipart upload"). */
function multipart(metadata: object, content: Buffer): { body: Buffer; headers: Record<string, string> } {
  let boundary = 'nightjar';
  while (content.includes(boundary)) boundary += '-';
  const part = (type: string) => `--${boundary}\r\nContent-Type: ${type}\r\n\r\n`;
  const body = Buffer.concat([
    Buffer.from(`${part('application/json; charset=UTF-8')}${JSON.stringify(metadata)}\r\n${part('application/octet-stream')}`),
    content,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { body, headers: { 'content-type': `multipart/related; boundary=${boundary}` } };
}
