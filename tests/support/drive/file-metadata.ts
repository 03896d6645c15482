import type { StoredFile } from '../drive-server.ts';
import { type FileTree, folderType } from './file-tree.ts';
import { invalidParameter, notFound, refuse } from './google-error.ts';
import type { ServerState } from './server-state.ts';

/** The metadata of a request, of which the types were checked. */
export interface Metadata {
  readonly id?: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly description?: string;
  readonly originalFilename?: string;
  readonly parents?: readonly string[];
  readonly trashed?: boolean;
  readonly createdTime?: string;
  readonly modifiedTime?: string;
  readonly appProperties?: Readonly<Record<string, string | null>>;
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** Who asks: the client, and whether its scope is for all files or for those it made. */
export interface Viewer {
  readonly clientId: string;
  readonly seesAll: boolean;
}

const isText = (value: unknown) => typeof value === 'string';
const isFlag = (value: unknown) => typeof value === 'boolean';
const isTime = (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isProperties = (value: unknown) => isObject(value) && Object.values(Object(value)).every((text) => text === null || isText(text));
const isIds = (value: unknown) => Array.isArray(value) && value.every(isText);

const writable: Readonly<Record<string, (value: unknown) => boolean>> = {
  kind: isText,
  id: isText,
  name: isText,
  mimeType: isText,
  description: isText,
  originalFilename: isText,
  parents: isIds,
  trashed: isFlag,
  createdTime: isTime,
  modifiedTime: isTime,
  appProperties: isProperties,
  properties: isProperties,
  starred: isFlag,
  viewedByMeTime: isTime,
  writersCanShare: isFlag,
  copyRequiresWriterPermission: isFlag,
  folderColorRgb: isText,
  contentHints: isObject,
  contentRestrictions: Array.isArray,
  shortcutDetails: isObject,
  inheritedPermissionsDisabled: isFlag,
};
const readOnly = new Set(
  (
    'size md5Checksum sha1Checksum sha256Checksum version trashedTime explicitlyTrashed headRevisionId quotaBytesUsed owners ownedByMe ' +
    'spaces shared capabilities permissions permissionIds webViewLink webContentLink iconLink thumbnailLink lastModifyingUser ' +
    'fileExtension fullFileExtension isAppAuthorized'
  ).split(' '),
);
const createOnly = new Set(['id', 'createdTime']);

/** Checks the body of a create or an update. */
export function readMetadata(body: unknown, use: 'create' | 'update'): Metadata {
  if (!isObject(body)) throw refuse(400, 'parseError', { message: 'Parse Error: the body is not a JSON object' });
  for (const [field, value] of Object.entries(body as object)) {
    if (field === 'parents' && use === 'update')
      throw notWritable(
        'The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.',
      );
    if (readOnly.has(field) || (use === 'update' && createOnly.has(field)) || (use === 'create' && field === 'trashed'))
      throw notWritable(`The resource body includes fields which are not directly writable: ${field}`);
    const fits = writable[field];
    if (!fits) throw refuse(400, 'badRequest', { message: `Invalid JSON payload received. Unknown name "${field}": Cannot find field.` });
    if (!fits(value)) throw refuse(400, 'invalid', { message: `Invalid value for the field ${field}` });
  }
  return body as Metadata;
}

/** The file that a create makes, but for its content. Refuses an id that was not generated or is taken, and a parent that is not there. */
export function planCreate(state: ServerState, tree: FileTree, viewer: Viewer, given: Metadata, uploadType: string | null): StoredFile {
  const parents = given.parents ?? [];
  if (parents.length > 1)
    throw refuse(400, 'multipleParentsNotSupported', { message: 'A file cannot be created in more than one folder.' });
  const parent = findFolder(tree, viewer, parents[0] ?? 'root');
  const id = given.id === undefined ? state.newFileId() : checkId(state, given.id);
  const mimeType = given.mimeType ?? uploadType ?? 'application/octet-stream';
  if (mimeType === folderType && uploadType !== null) throw refuse(400, 'badRequest', { message: 'A folder has no content.' });
  const now = state.now();
  return {
    id,
    name: given.name ?? 'Untitled',
    mimeType,
    parent: parent.id,
    clientId: viewer.clientId,
    appProperties: mergeAppProperties({}, viewer.clientId, given.appProperties),
    properties: mergeProperties({}, given.properties),
    ...pickText(given),
    explicitlyTrashed: false,
    createdAtMs: given.createdTime === undefined ? now : Date.parse(given.createdTime),
    modifiedAtMs: given.modifiedTime === undefined ? now : Date.parse(given.modifiedTime),
    version: 1,
  };
}

/** What an update makes of a file. */
export function planUpdate(
  state: ServerState,
  tree: FileTree,
  viewer: Viewer,
  file: StoredFile,
  given: Metadata,
  move: { readonly add: readonly string[]; readonly remove: readonly string[] },
): StoredFile {
  if (file.parent === null) throw refuse(403, 'insufficientFilePermissions', { message: 'The root folder cannot be changed.' });
  const now = state.now();
  const explicitlyTrashed = given.trashed ?? file.explicitlyTrashed;
  const { trashedAtMs, ...rest } = file;
  return {
    ...rest,
    name: given.name ?? file.name,
    mimeType: given.mimeType ?? file.mimeType,
    ...pickText(given),
    parent: planParent(tree, viewer, file, move),
    appProperties: mergeAppProperties(file.appProperties, viewer.clientId, given.appProperties),
    properties: mergeProperties(file.properties, given.properties),
    explicitlyTrashed,
    ...(explicitlyTrashed ? { trashedAtMs: trashedAtMs ?? now } : {}),
    modifiedAtMs: given.modifiedTime === undefined ? now : Date.parse(given.modifiedTime),
    version: file.version + 1,
  };
}

/** The file with this id, as far as the client may know of it. */
export function findVisible(tree: FileTree, viewer: Viewer, id: string): StoredFile {
  const file = tree.find(id);
  if (!file || !(viewer.seesAll || tree.isVisible(file, viewer.clientId))) throw notFound(id);
  return file;
}

function findFolder(tree: FileTree, viewer: Viewer, id: string): StoredFile {
  const folder = findVisible(tree, viewer, id);
  if (folder.mimeType === folderType) return folder;
  throw refuse(403, 'parentNotAFolder', { message: 'The specified parent is not a folder.', location: ['parameter', 'parents'] });
}

function planParent(
  tree: FileTree,
  viewer: Viewer,
  file: StoredFile,
  { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
): string {
  const removed = remove.map((id) => findVisible(tree, viewer, id).id);
  if (removed.some((id) => id !== file.parent)) throw invalidParameter('removeParents', 'The file is not in the folder to remove.');
  if (add.length > 1) throw refuse(403, 'cannotAddParent', { message: 'Increasing the number of parents is not allowed' });
  const [added] = add;
  if (added === undefined) return removed.length > 0 ? (tree.find('root')?.id ?? '') : (file.parent ?? '');
  const folder = findFolder(tree, viewer, added);
  if (tree.isInside(folder, file.id)) throw refuse(403, 'cyclicFolderMove', { message: 'A folder cannot be moved into itself.' });
  return folder.id;
}

function checkId(state: ServerState, id: string): string {
  const use = Object.hasOwn(state.data.ids, id) ? state.data.ids[id] : undefined;
  if (use === 'free') return id;
  if (use === 'used')
    throw refuse(409, 'fileIdInUse', { message: 'A file already exists with the provided ID.', location: ['parameter', 'id'] });
  throw invalidParameter('id', 'The provided file ID is not usable.', 'invalid');
}

function pickText({ description, originalFilename }: Metadata) {
  return { ...(description === undefined ? {} : { description }), ...(originalFilename === undefined ? {} : { originalFilename }) };
}

function mergeAppProperties(
  before: StoredFile['appProperties'],
  clientId: string,
  given: Metadata['appProperties'],
): StoredFile['appProperties'] {
  return given ? { ...before, [clientId]: mergeProperties(before[clientId] ?? {}, given) } : before;
}

/** With the documented limits: 30 private ones for each client, of 124 bytes for key and value together. */
function mergeProperties(before: Readonly<Record<string, string>>, given: Metadata['properties']): Readonly<Record<string, string>> {
  const merged = new Map(Object.entries(before));
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value ?? '');
    if (bytes > 124)
      throw refuse(400, 'propertyTooLong', { message: `The property ${key} has ${bytes} bytes in key and value, more than 124.` });
  }
  if (merged.size > 30) throw refuse(403, 'tooManyProperties', { message: 'A file has at most 30 private properties of an app.' });
  return Object.fromEntries(merged);
}

function notWritable(message: string) {
  return refuse(403, 'fieldNotWritable', { message });
}
