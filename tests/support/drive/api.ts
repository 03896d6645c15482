import { statSync } from 'node:fs';
import type { StoredFile } from '../drive-server.ts';
import { authenticate, checkParams, findWritable, readJson } from './access.ts';
import { applyFieldMask, parseFieldMask } from './field-mask.ts';
import { findVisible, planCreate, planUpdate, readMetadata } from './file-metadata.ts';
import { aboutShape, defaultListFields, fileListShape, fullResource, idsShape, renderFile } from './file-resource.ts';
import { folderType } from './file-tree.ts';
import { invalidParameter, notFound, refuse } from './google-error.ts';
import type { Answer, HttpExchange } from './http-exchange.ts';
import { parseQuery } from './query.ts';
import type { ServerParts } from './server-parts.ts';
import { letters } from './server-state.ts';
import { checkedFields, readMove, storeContent, writeParams } from './uploads.ts';

export function getAbout(parts: ServerParts, exchange: HttpExchange): Answer {
  authenticate(parts, exchange, 'see');
  checkParams(exchange, '');
  const fields = exchange.params.get('fields');
  if (fields === null) throw invalidParameter('fields', "The 'fields' parameter is required for this method.", 'required');
  const { total, inTrash } = parts.tree.usage();
  const { account, quotaBytes } = parts.state.data;
  const about = {
    kind: 'drive#about',
    user: {
      kind: 'drive#user',
      displayName: account.displayName,
      me: true,
      permissionId: account.permissionId,
      emailAddress: account.email,
    },
    storageQuota: {
      ...(quotaBytes === null ? {} : { limit: String(quotaBytes) }),
      usage: String(total),
      usageInDrive: String(total),
      usageInDriveTrash: String(inTrash),
    },
    maxUploadSize: '5242880000000',
    appInstalled: true,
  };
  return { status: 200, json: applyFieldMask(about, parseFieldMask(fields, aboutShape)) };
}

export function generateIds(parts: ServerParts, exchange: HttpExchange): Answer {
  authenticate(parts, exchange, 'write');
  checkParams(exchange, 'count space type');
  const mask = parseFieldMask(exchange.params.get('fields') ?? '*', idsShape);
  const count = readCount(exchange, 'count', 10);
  const space = exchange.params.get('space') ?? 'drive';
  if (space !== 'drive') throw invalidParameter('space', `Invalid value '${space}'; this server has the space drive alone.`);
  const type = exchange.params.get('type') ?? 'files';
  if (type !== 'files' && type !== 'shortcuts') throw invalidParameter('type', `Invalid value '${type}'.`);
  const ids = Array.from({ length: count }, () => parts.state.newFileId());
  parts.state.save();
  return { status: 200, json: applyFieldMask({ kind: 'drive#generatedIds', space, ids }, mask) };
}

const listParams =
  'q pageSize pageToken orderBy spaces corpora corpus driveId includeItemsFromAllDrives supportsAllDrives supportsTeamDrives ' +
  'includePermissionsForView includeLabels';

/** The rest of a listing, for a page token. */
const pages = new WeakMap<ServerParts, Map<string, { readonly asked: string; readonly ids: readonly string[] }>>();

export function listFiles(parts: ServerParts, exchange: HttpExchange): Answer {
  const access = authenticate(parts, exchange, 'see');
  checkParams(exchange, listParams);
  const { params } = exchange;
  const mask = parseFieldMask(params.get('fields') ?? defaultListFields, fileListShape);
  const pageSize = readCount(exchange, 'pageSize', 100);
  if ((params.get('spaces') ?? 'drive') !== 'drive') throw invalidParameter('spaces', 'This server has the space drive alone.');
  const incomplete = exchange.act('incomplete-search');
  const ids = findIds(parts, exchange, access);
  const files = ids.slice(0, pageSize).flatMap((id) => parts.tree.find(id) ?? []);
  const nextPageToken = ids.length > pageSize ? keepPage(parts, exchange, ids.slice(pageSize)) : null;
  const list = {
    kind: 'drive#fileList',
    ...(nextPageToken === null ? {} : { nextPageToken }),
    incompleteSearch: incomplete !== undefined,
    files: files.slice(0, incomplete ? (incomplete.keep ?? 0) : undefined).map((file) => fullResource(parts.tree, file, access)),
  };
  return { status: 200, json: applyFieldMask(list, mask) };
}

function findIds(parts: ServerParts, exchange: HttpExchange, access: ReturnType<typeof authenticate>): readonly string[] {
  const { state, tree, hidden } = parts;
  const { params } = exchange;
  const query = parseQuery(params.get('q') ?? '', state.data.rootId);
  const compare = readOrder(params.get('orderBy'));
  for (const id of query.parents) {
    const parent = tree.find(id);
    // The real one does not tell which.
    if (!parent || !(access.seesAll || tree.isVisible(parent, access.clientId))) throw notFound('');
  }
  const token = params.get('pageToken');
  const page = token === null ? undefined : pages.get(parts)?.get(token);
  if (token !== null && page?.asked !== whatWasAsked(exchange)) throw invalidParameter('pageToken', 'Invalid Value', 'invalid');
  const isHidden = new Set(hidden.keys());
  countListing(hidden);
  if (page) return page.ids;
  return tree
    .all()
    .filter((file) => !isHidden.has(file.id) && (access.seesAll || tree.isVisible(file, access.clientId)))
    .filter((file) =>
      query.matches({
        ...file,
        parents: file.parent === null ? [] : [file.parent],
        trashed: tree.isTrashed(file),
        appProperties: file.appProperties[access.clientId] ?? {},
      }),
    )
    .toReversed()
    .toSorted(compare)
    .map(({ id }) => id);
}

function countListing(hidden: Map<string, number | null>): void {
  for (const [id, left] of hidden) {
    if (left === null) continue;
    if (left <= 1) hidden.delete(id);
    else hidden.set(id, left - 1);
  }
}

function keepPage(parts: ServerParts, exchange: HttpExchange, ids: readonly string[]): string {
  const token = `~!!~${letters(80)}`;
  const kept = pages.get(parts) ?? new Map();
  pages.set(parts, kept.set(token, { asked: whatWasAsked(exchange), ids }));
  return token;
}

function whatWasAsked({ params }: HttpExchange): string {
  return JSON.stringify([params.get('q'), params.get('orderBy')]);
}

type Compare = (a: StoredFile, b: StoredFile) => number;

const orders: Readonly<Record<string, Compare>> = {
  name: (a, b) => a.name.localeCompare(b.name),
  name_natural: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  createdTime: (a, b) => a.createdAtMs - b.createdAtMs,
  modifiedTime: (a, b) => a.modifiedAtMs - b.modifiedAtMs,
  modifiedByMeTime: (a, b) => a.modifiedAtMs - b.modifiedAtMs,
  recency: (a, b) => a.modifiedAtMs - b.modifiedAtMs,
  folder: (a, b) => Number(b.mimeType === folderType) - Number(a.mimeType === folderType),
  quotaBytesUsed: (a, b) => (a.content?.size ?? 0) - (b.content?.size ?? 0),
};

function readOrder(text: string | null): Compare {
  const keys = (text ?? '').split(',').filter((key) => key !== '');
  const compares = keys.map((key): Compare => {
    const [, name = '', desc] = /^\s*(\w+)( desc)?\s*$/.exec(key) ?? [];
    const compare = Object.hasOwn(orders, name) ? orders[name] : undefined;
    if (!compare) throw invalidParameter('orderBy', `Invalid sort key: ${key}`, 'invalid');
    return desc ? (a, b) => compare(b, a) : compare;
  });
  return (a, b) => compares.map((compare) => compare(a, b)).find((order) => order !== 0) ?? 0;
}

const getParams = 'acknowledgeAbuse supportsAllDrives supportsTeamDrives includePermissionsForView includeLabels';

export function getFile(parts: ServerParts, exchange: HttpExchange, id: string): Answer {
  const access = authenticate(parts, exchange, 'see');
  checkParams(exchange, getParams);
  const alt = exchange.params.get('alt') ?? 'json';
  if (alt !== 'json') throw invalidParameter('alt', `Invalid value '${alt}'.`);
  return { status: 200, json: renderFile(parts.tree, findVisible(parts.tree, access, id), access, exchange.params.get('fields')) };
}

/** The content, or one range of it. */
export function downloadFile(parts: ServerParts, exchange: HttpExchange, id: string): Answer {
  const access = authenticate(parts, exchange, 'download');
  checkParams(exchange, getParams);
  const file = findVisible(parts.tree, access, id);
  if (!file.content) throw refuse(403, 'fileNotDownloadable', { message: 'Only files with binary content can be downloaded.' });
  const path = parts.state.contentPath(file.content.file);
  const { size } = statSync(path);
  const range = readRange(exchange.header('range'), size);
  const headers = { 'content-type': file.mimeType };
  if (range === null) return { status: 200, headers, slice: { path, start: 0, end: size } };
  if (range === 'unsatisfiable')
    return { status: 416, headers: { 'content-range': `bytes */${size}`, 'content-type': 'text/html; charset=utf-8' }, text: '' };
  const [start, end] = range;
  return { status: 206, headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${size}` }, slice: { path, start, end } };
}

/** One range of bytes as RFC 9110 has it; `null` for the whole, which a header that is malformed or has several asks for as well. */
function readRange(header: string | null, size: number): readonly [number, number] | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return null;
  if (from === '') return Number(to) === 0 || size === 0 ? 'unsatisfiable' : [Math.max(0, size - Number(to)), size];
  const start = Number(from);
  const end = to === '' ? size : Math.min(size, Number(to) + 1);
  if (to !== '' && Number(to) < start) return null;
  return start >= size ? 'unsatisfiable' : [start, end];
}

/** A folder, or a file that is empty. */
export async function createFile(parts: ServerParts, exchange: HttpExchange): Promise<Answer> {
  const access = authenticate(parts, exchange, 'write');
  checkParams(exchange, writeParams);
  const fields = checkedFields(exchange);
  const metadata = readMetadata(await readJson(exchange), 'create');
  const late = exchange.act('late-listing');
  return repeated(exchange, () => {
    const planned = planCreate(parts.state, parts.tree, access, metadata, null);
    const isGoogles = planned.mimeType.startsWith('application/vnd.google-apps.');
    const file = isGoogles ? planned : storeContent(parts, planned, Buffer.alloc(0));
    parts.tree.put(file);
    if (late) parts.hidden.set(file.id, late.listings ?? null);
    parts.state.save();
    return { status: 200, json: renderFile(parts.tree, file, access, fields) };
  });
}

export async function updateFile(parts: ServerParts, exchange: HttpExchange, id: string): Promise<Answer> {
  const access = authenticate(parts, exchange, 'write');
  checkParams(exchange, writeParams);
  const fields = checkedFields(exchange);
  const metadata = readMetadata(await readJson(exchange), 'update');
  return repeated(exchange, () => {
    const before = findWritable(parts.tree, access, id);
    const file = planUpdate(parts.state, parts.tree, access, before, metadata, readMove(exchange));
    parts.tree.put(file);
    parts.state.save();
    return { status: 200, json: renderFile(parts.tree, file, access, fields) };
  });
}

export function deleteFile(parts: ServerParts, exchange: HttpExchange, id: string): Answer {
  const access = authenticate(parts, exchange, 'write');
  checkParams(exchange, 'enforceSingleParent supportsAllDrives supportsTeamDrives');
  return repeated(exchange, () => {
    const file = findWritable(parts.tree, access, id);
    if (file.parent === null) throw refuse(403, 'insufficientFilePermissions', { message: 'The root folder cannot be deleted.' });
    parts.tree.remove(file.id);
    parts.state.save();
    return { status: 204 };
  });
}

/** Does it twice where a fault has the request delivered twice. */
function repeated(exchange: HttpExchange, act: () => Answer): Answer {
  const answer = act();
  return exchange.act('duplicate-delivery') ? act() : answer;
}

function readCount(exchange: HttpExchange, name: string, otherwise: number): number {
  const text = exchange.params.get(name);
  if (text === null) return otherwise;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 1000) return count;
  throw invalidParameter(name, `Invalid value '${text}'. Values must be within the range: [1, 1000]`);
}
