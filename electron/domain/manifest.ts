import { z } from 'zod';
import { BackupError } from './errors.ts';
import { nameSchema } from './model.ts';
import { parseObjectName } from './object-name.ts';
import { sqliteChecks } from './source.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const md5 = z.string().regex(/^[0-9a-f]{32}$/);
const bytes = z.int().min(0);

/**
 * What a stored snapshot says about itself. It lies beside the object at every destination and is its commit mark:
 * a snapshot exists only when its manifest does. Everything a restore needs on a machine without any local state is here.
 */
export const manifestSchema = z
  .object({
    format: z.literal('nightjar-snapshot'),
    version: z.literal(1),
    id: z.string().min(1),
    job: nameSchema,
    /** Where the database was read, so that two machines never share a series by accident. */
    source: z.object({ kind: z.literal('sqlite'), path: z.string(), host: z.string() }),
    /** The instant from which the snapshot is: ISO 8601 in UTC. */
    createdAt: z.iso.datetime(),
    /** The job's zone at that time; the day in the object's name is a day of this zone. */
    zone: z.string(),
    object: z.object({
      name: z.string().refine((name) => parseObjectName(name)?.kind === 'snapshot', 'not the name of a snapshot'),
      codec: z.literal('gzip'),
      bytes,
      sha256,
      md5,
    }),
    raw: z.object({ bytes, sha256 }),
    sqlite: z.object({
      pageSize: z.int().min(512),
      pageCount: z.int().min(1),
      userVersion: z.int(),
      applicationId: z.int(),
      journalMode: z.enum(['wal', 'rollback']),
      schemaSha256: sha256,
      check: z.enum(sqliteChecks),
      tables: z.array(z.object({ name: z.string(), rows: z.int().min(0) })),
      sentinel: z.object({ sql: z.string(), value: z.union([z.string(), z.number(), z.null()]) }).optional(),
    }),
    /** A pinned snapshot is never expired. */
    pinned: z.boolean(),
    /** The program that wrote it, for people. */
    writtenBy: z.string(),
  })
  .readonly();
export type Manifest = z.infer<typeof manifestSchema>;

/** The manifest as the bytes that are stored: indented JSON that a person can read. */
export function encodeManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`;
}

/** The reverse of encodeManifest. Throws `manifest-invalid` that names the object and what is wrong with it. */
export function parseManifest(text: string, objectName: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('manifest-invalid', `the manifest ${objectName} is not JSON`, { cause });
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the document';
  throw new BackupError('manifest-invalid', `the manifest ${objectName} is not one that this version reads: ${where}: ${issue?.message}`, {
    cause: parsed.error,
    hint: 'if a newer Nightjar wrote it, update this one; the snapshot itself is untouched',
  });
}
