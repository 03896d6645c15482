import { z } from 'zod';

/** The fields that every question about a file asks for, and no other. */
export const fileFields = 'id,name,mimeType,size,md5Checksum,sha256Checksum,parents,trashed,modifiedTime,appProperties';

export const folderType = 'application/vnd.google-apps.folder';

const bytes = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number);

/** A file or folder as Drive describes it. Sizes come as text; what Drive has no answer for is missing. */
export const driveFileSchema = z.object({
  id: z.string().min(1),
  name: z.string(),
  mimeType: z.string(),
  size: bytes.optional(),
  md5Checksum: z.string().optional(),
  sha256Checksum: z.string().optional(),
  parents: z.array(z.string()).optional(),
  trashed: z.boolean().optional(),
  modifiedTime: z.string().optional(),
  appProperties: z.record(z.string(), z.string()).optional(),
});
export type DriveFile = z.infer<typeof driveFileSchema>;

export const fileListSchema = z.object({
  nextPageToken: z.string().optional(),
  incompleteSearch: z.boolean().optional(),
  files: z.array(driveFileSchema),
});

export const generatedIdsSchema = z.object({ ids: z.array(z.string().min(1)).min(1) });

export const aboutSchema = z.object({
  user: z.object({ permissionId: z.string(), emailAddress: z.string().default('') }),
  storageQuota: z.object({ limit: bytes.optional(), usage: bytes.optional(), usageInDriveTrash: bytes.optional() }),
});

/** A text within a search: `\` and `'` are escaped (Drive API, "Search for files"). */
export function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
