import { join } from 'node:path';
import type { StoredFile } from '../drive-server.ts';
import { type Access, authenticate, bearerToken, checkParams, findWritable, parseJson, readJson } from './access.ts';
import { ContentFile } from './content-file.ts';
import { parseFieldMask } from './field-mask.ts';
import { planCreate, planUpdate, readMetadata } from './file-metadata.ts';
import { fileShape, renderFile } from './file-resource.ts';
import { folderType } from './file-tree.ts';
import { refuse, refuseKnown, refuseUpload } from './google-error.ts';
import type { Answer, HttpExchange } from './http-exchange.ts';
import type { ServerParts } from './server-parts.ts';
import { letters, type StoredSession } from './server-state.ts';

/** What one request may bring besides a session; the documentation has 5 MB. */
const singleMaxBytes = 5 * 1024 * 1024;
export const writeParams =
  'uploadType enforceSingleParent ignoreDefaultVisibility keepRevisionForever ocrLanguage supportsAllDrives supportsTeamDrives ' +
  'useContentAsIndexableText includePermissionsForView includeLabels addParents removeParents';

interface Part {
  readonly type: string | null;
  readonly bytes: Buffer;
}

/** Content, and for `multipart` its metadata, in one request. */
export async function uploadAtOnce(parts: ServerParts, exchange: HttpExchange, fileId: string | null): Promise<Answer> {
  const access = authenticate(parts, exchange, 'write');
  checkParams(exchange, writeParams);
  const fields = checkedFields(exchange);
  const body = await exchange.readBody(singleMaxBytes + 64 * 1024);
  const type = exchange.header('content-type');
  const isMedia = exchange.params.get('uploadType') === 'media';
  const [metadataPart, media] = isMedia ? [null, { type, bytes: body }] : readRelated(body, type);
  if (media.bytes.length > singleMaxBytes)
    throw refuse(413, 'uploadTooLarge', { message: 'More than 5 MB in one request; a resumable upload takes it.' });
  const metadata = readMetadata(
    metadataPart ? parseJson(metadataPart.bytes, metadataPart.type) : {},
    fileId === null ? 'create' : 'update',
  );
  const mediaType = media.type ?? 'application/octet-stream';
  const { state, tree } = parts;
  if (fileId !== null && findWritable(tree, access, fileId).mimeType === folderType) throw refuseFolder();
  const file =
    fileId === null
      ? planCreate(state, tree, access, metadata, mediaType)
      : planUpdate(state, tree, access, findWritable(tree, access, fileId), { mimeType: mediaType, ...metadata }, readMove(exchange));
  if (!tree.hasRoomFor(media.bytes.length)) throw refuseKnown(403, 'storageQuotaExceeded');
  const stored = storeContent(parts, file, media.bytes, exchange.act('flip-byte') !== undefined);
  const late = exchange.act('late-listing');
  if (late && fileId === null) parts.hidden.set(stored.id, late.listings ?? null);
  return { status: 200, json: renderFile(tree, stored, access, fields) };
}

/** Makes a file with content that is all there. */
export function storeContent({ state, tree }: ServerParts, file: StoredFile, bytes: Uint8Array, flip = false): StoredFile {
  const content = new ContentFile(join(state.folder, 'content', `.${file.id}.part`));
  content.append(bytes);
  if (flip) content.flipByte();
  const stored = { ...file, content: content.finish((name) => state.contentPath(name), `${file.id}-${file.version}`) };
  tree.put(stored);
  state.save();
  return stored;
}

/** Starts an upload session and tells its address. */
export async function startUpload(parts: ServerParts, exchange: HttpExchange, fileId: string | null): Promise<Answer> {
  const access = authenticate(parts, exchange, 'write');
  checkParams(exchange, writeParams);
  const fields = checkedFields(exchange);
  const { state, tree, sessions } = parts;
  const metadata = readMetadata(await readJson(exchange), fileId === null ? 'create' : 'update');
  const mimeType = exchange.header('x-upload-content-type');
  const totalBytes = readTotal(exchange.header('x-upload-content-length'));
  const file = fileId === null ? planCreate(state, tree, access, metadata, mimeType ?? 'application/octet-stream') : null;
  const target = file ?? checkTarget(parts, access, fileId ?? '');
  if (!tree.hasRoomFor(totalBytes ?? 0)) throw refuseKnown(403, 'storageQuotaExceeded');
  const uploadId = state.remember(`AK${letters(120)}`);
  const late = exchange.act('late-listing');
  sessions.add({
    uploadId,
    clientId: access.clientId,
    fileId: target.id,
    create: file,
    metadata: { ...metadata },
    mimeType,
    fields,
    totalBytes,
    flipsByte: exchange.act('flip-byte') !== undefined,
    ...(late && file ? { hiddenListings: late.listings ?? null } : {}),
  });
  const address = new URL(exchange.url.pathname, parts.url);
  address.searchParams.set('uploadType', 'resumable');
  address.searchParams.set('upload_id', uploadId);
  return { status: 200, headers: { location: address.href }, text: '' };
}

/** A request to the address of a session: PUT brings bytes or asks, DELETE cancels. */
export async function continueUpload(parts: ServerParts, exchange: HttpExchange): Promise<Answer> {
  const { oauth, sessions } = parts;
  // The address alone is enough; but a token that comes with it has to be good.
  if (exchange.header('authorization') !== null && !oauth.findAccessToken(bearerToken(exchange) ?? '')) throw refuseKnown(401, 'authError');
  const session = findSession(parts, exchange);
  if (exchange.request.method === 'DELETE') {
    if (session.state === 'gone') throw refuseUpload(session.goneStatus, 'there is no such upload session');
    if (session.state === 'open') sessions.end(session, 410);
    return { status: 499, statusText: 'Client Closed Request', text: '' };
  }
  const answer = await sessions.put(exchange, session);
  return exchange.act('duplicate-delivery') ? sessions.answer(session) : answer;
}

/** The session that an address stands for. */
export function findSession({ sessions }: ServerParts, exchange: HttpExchange): StoredSession {
  const session = sessions.find(exchange.params.get('upload_id'));
  if (!session) throw refuseUpload(404, 'there is no such upload session');
  return session;
}

export function readMove(exchange: HttpExchange): { readonly add: readonly string[]; readonly remove: readonly string[] } {
  const read = (name: string) => (exchange.params.get(name) ?? '').split(',').filter((id) => id !== '');
  return { add: read('addParents'), remove: read('removeParents') };
}

function checkTarget({ tree }: ServerParts, access: Access, fileId: string): StoredFile {
  const file = findWritable(tree, access, fileId);
  if (file.mimeType === folderType) throw refuseFolder();
  return file;
}

function refuseFolder() {
  return refuse(403, 'fileNotDownloadable', { message: 'A folder has no content.' });
}

/** The mask of a request, refused before anything happens where it is malformed. */
export function checkedFields(exchange: HttpExchange): string | null {
  const fields = exchange.params.get('fields');
  if (fields !== null) parseFieldMask(fields, fileShape);
  return fields;
}

function readTotal(text: string | null): number | null {
  if (text === null) return null;
  if (!/^\d+$/.test(text)) throw refuseUpload(400, `malformed X-Upload-Content-Length: ${text}`);
  return Number(text);
}

/** The two parts of multipart/related: the metadata and the media. */
function readRelated(body: Buffer, type: string | null): [Part, Part] {
  const boundary = /^multipart\/related;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type ?? '');
  const name = boundary?.[1] ?? boundary?.[2];
  if (name === undefined) throw malformed(`Content-Type has to be multipart/related with a boundary, not ${type ?? 'missing'}`);
  const pieces = splitAt(Buffer.concat([Buffer.from('\r\n'), body]), Buffer.from(`\r\n--${name}`));
  const closing = pieces.pop();
  if (!closing?.subarray(0, 2).equals(Buffer.from('--'))) throw malformed('the closing boundary is missing');
  const [metadata, media, ...more] = pieces.slice(1).map(readPart);
  if (!metadata || !media || more.length > 0) throw malformed('there have to be two parts, the metadata and the media');
  return [metadata, media];
}

function readPart(piece: Buffer): Part {
  const end = piece.indexOf('\r\n\r\n');
  if (end < 0) throw malformed('a part has no empty line after its headers');
  const headers = new Map(
    piece
      .subarray(0, end)
      .toString('latin1')
      .split('\r\n')
      .map((line) => [line.split(':', 1)[0]?.trim().toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()] as const),
  );
  const bytes = piece.subarray(end + 4);
  const isBase64 = headers.get('content-transfer-encoding')?.toLowerCase() === 'base64';
  return { type: headers.get('content-type') ?? null, bytes: isBase64 ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes };
}

function splitAt(bytes: Buffer, separator: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(separator); at >= 0; at = bytes.indexOf(separator, from)) {
    pieces.push(bytes.subarray(from, at));
    from = at + separator.length;
  }
  return [...pieces, bytes.subarray(from)];
}

function malformed(why: string) {
  return refuse(400, 'badRequest', { message: `Malformed multipart body: ${why}.` });
}
