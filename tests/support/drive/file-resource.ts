import type { StoredFile } from '../drive-server.ts';
import { applyFieldMask, parseFieldMask, type Shape } from './field-mask.ts';
import type { FileTree } from './file-tree.ts';

const leaves = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, 'leaf'] as const));
const user = leaves('kind displayName photoLink me permissionId emailAddress');

/** The fields that a file has in Drive v3. */
export const fileShape: Shape = {
  ...leaves(
    'kind driveId fileExtension copyRequiresWriterPermission md5Checksum writersCanShare viewedByMe mimeType teamDriveId parents ' +
      'thumbnailLink iconLink shared headRevisionId webViewLink webContentLink size viewersCanCopyContent hasThumbnail spaces ' +
      'folderColorRgb id name description starred trashed explicitlyTrashed createdTime modifiedTime modifiedByMeTime viewedByMeTime ' +
      'sharedWithMeTime quotaBytesUsed version originalFilename ownedByMe fullFileExtension isAppAuthorized thumbnailVersion ' +
      'modifiedByMe permissionIds hasAugmentedPermissions trashedTime resourceKey sha1Checksum sha256Checksum inheritedPermissionsDisabled',
  ),
  properties: 'map',
  appProperties: 'map',
  exportLinks: 'map',
  capabilities: 'map',
  contentHints: 'map',
  contentRestrictions: 'map',
  imageMediaMetadata: 'map',
  videoMediaMetadata: 'map',
  labelInfo: 'map',
  linkShareMetadata: 'map',
  permissions: 'map',
  shortcutDetails: 'map',
  downloadRestrictions: 'map',
  owners: user,
  lastModifyingUser: user,
  sharingUser: user,
  trashingUser: user,
};

export const fileListShape: Shape = { ...leaves('kind nextPageToken incompleteSearch'), files: fileShape };

export const aboutShape: Shape = {
  ...leaves('kind appInstalled canCreateDrives canCreateTeamDrives maxUploadSize'),
  user,
  storageQuota: leaves('limit usage usageInDrive usageInDriveTrash'),
  importFormats: 'map',
  exportFormats: 'map',
  maxImportSizes: 'map',
  folderColorPalette: 'leaf',
  driveThemes: leaves('id backgroundImageLink colorRgb'),
  teamDriveThemes: leaves('id backgroundImageLink colorRgb'),
};

export const idsShape: Shape = leaves('kind space ids');

const defaultFields = 'kind,id,name,mimeType';
export const defaultListFields = `kind,nextPageToken,incompleteSearch,files(${defaultFields})`;

/** A file as the API shows it to a client, with the fields that were asked for. */
export function renderFile(
  tree: FileTree,
  file: StoredFile,
  viewer: { clientId: string; seesAll: boolean },
  fields: string | null,
): unknown {
  return applyFieldMask(fullResource(tree, file, viewer), parseFieldMask(fields ?? defaultFields, fileShape));
}

/** A file with every field that it has. */
export function fullResource(tree: FileTree, file: StoredFile, viewer: { clientId: string; seesAll: boolean }): Record<string, unknown> {
  const { content } = file;
  const time = (ms: number) => new Date(ms).toISOString();
  const appProperties = file.appProperties[viewer.clientId];
  const parent = file.parent === null ? null : tree.find(file.parent);
  const extension = /\.([^.]+)$/.exec(file.name)?.[1];
  return {
    kind: 'drive#file',
    id: file.id,
    name: file.name,
    mimeType: file.mimeType,
    ...(file.description === undefined ? {} : { description: file.description }),
    starred: false,
    trashed: tree.isTrashed(file),
    explicitlyTrashed: file.explicitlyTrashed,
    ...(file.trashedAtMs === undefined ? {} : { trashedTime: time(file.trashedAtMs) }),
    ...(parent && (viewer.seesAll || tree.isVisible(parent, viewer.clientId)) ? { parents: [parent.id] } : {}),
    ...(Object.keys(file.properties).length > 0 ? { properties: file.properties } : {}),
    ...(appProperties && Object.keys(appProperties).length > 0 ? { appProperties } : {}),
    spaces: ['drive'],
    version: String(file.version),
    createdTime: time(file.createdAtMs),
    modifiedTime: time(file.modifiedAtMs),
    ownedByMe: true,
    shared: false,
    isAppAuthorized: file.clientId === viewer.clientId,
    quotaBytesUsed: String(content?.size ?? 0),
    ...(content
      ? {
          size: String(content.size),
          md5Checksum: content.md5,
          sha1Checksum: content.sha1,
          sha256Checksum: content.sha256,
          headRevisionId: content.file,
          originalFilename: file.originalFilename ?? file.name,
          ...(extension ? { fileExtension: extension, fullFileExtension: extension } : {}),
        }
      : {}),
  };
}
