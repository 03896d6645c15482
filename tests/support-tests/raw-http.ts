import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { DriveServer } from '../support/drive-server.ts';

export const block = 256 * 1024;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly bytes: Buffer;
  readonly json: Json;
}

/** The fields that tests read from answers, each of which only some answers have; a test that reads one expects it to be there. */
export interface Json {
  readonly id: string;
  readonly ids: readonly string[];
  readonly files: readonly { readonly id: string; readonly name: string }[];
  readonly nextPageToken: string;
  readonly incompleteSearch: boolean;
  readonly storageQuota: object;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly error: {
    readonly errors: readonly { readonly reason: string }[];
    readonly details: readonly { readonly reason: string }[];
  };
}

export interface Ask {
  readonly method?: string;
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly json?: unknown;
}

/** One request on a connection of its own, with nothing in it that the test did not ask for. */
export async function send(url: string, ask: Ask = {}): Promise<Reply> {
  const request = open(url, ask);
  const body = ask.json === undefined ? ask.body : JSON.stringify(ask.json);
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  request.end(body);
  const [response] = await answered;
  const blocks: Buffer[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) blocks.push(piece);
  const bytes = Buffer.concat(blocks);
  const text = bytes.toString('utf8');
  const isJson = response.headers['content-type']?.startsWith('application/json');
  return { status: response.statusCode ?? 0, headers: response.headers, bytes, text, json: (isJson ? JSON.parse(text) : null) as Json };
}

/** A request whose body the test writes itself. */
export function open(url: string, { method = 'GET', token, headers = {}, body, json }: Ask): ClientRequest {
  const sent = json === undefined ? body : JSON.stringify(json);
  return httpRequest(url, {
    method,
    agent: false,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(json === undefined ? {} : { 'content-type': 'application/json; charset=UTF-8' }),
      ...(sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) }),
      ...headers,
    },
  });
}

/** What of a search or a file's fields goes into a path. */
export function withQuery(path: string, params: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(params)}`;
}

/** Calls the API with a token. */
export function caller(server: DriveServer, token: string) {
  return (method: string, path: string, ask: Omit<Ask, 'method'> = {}): Promise<Reply> =>
    send(server.url + path, { token, ...ask, method });
}

/** Opens a session; resolves to its address. */
export async function startSession(
  server: { readonly url: string },
  token: string,
  json: unknown,
  ask: Ask & { readonly path?: string } = {},
): Promise<string> {
  const path = ask.path ?? '/upload/drive/v3/files?uploadType=resumable&fields=id,name,size,md5Checksum,sha256Checksum';
  const reply = await send(server.url + path, { method: 'POST', token, json, ...ask });
  if (reply.status !== 200) throw new Error(`${reply.status}: ${reply.text}`);
  return reply.headers.location ?? '';
}

/** Sends bytes `from` up to, and without, `to` of a content. */
export function putChunk(
  address: string,
  content: Buffer,
  from: number,
  to: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  return send(address, {
    method: 'PUT',
    body: content.subarray(from, to),
    headers: { 'content-range': `bytes ${from}-${to - 1}/${content.length}`, ...headers },
  });
}

/** Asks a session how far it is. */
export function askSession(address: string, total: number | '*'): Promise<Reply> {
  return send(address, { method: 'PUT', body: '', headers: { 'content-range': `bytes */${total}` } });
}

/** The reason and the status of an error of the API. */
export function reasonOf({ status, json }: Reply): string {
  return `${status} ${json?.error?.errors?.[0]?.reason ?? json?.error}`;
}

/** Calls the API with a token of this scope. */
export function callWith(server: DriveServer, scope = 'drive.file', clientId = server.clientId) {
  return caller(server, server.issueTokens(scope, { clientId }).accessToken);
}

/** The names that a search finds, or how it was refused. */
export async function search(
  call: ReturnType<typeof caller>,
  q: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string[] | string> {
  const reply = await call('GET', withQuery('/drive/v3/files', { q, orderBy: 'name', ...more }));
  return reply.status === 200 ? reply.json.files.map(({ name }) => name) : reasonOf(reply);
}
