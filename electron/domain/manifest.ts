import { z } from 'zod';
import { codecs } from './compression.ts';
import { BackupError } from './errors.ts';
import { coversObject, memberIndexSchema } from './member-index.ts';
import { nameSchema } from './model.ts';
import { parseObjectName } from './object-name.ts';
import { sqliteChecks, textEncodings } from './source.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const md5 = z.string().regex(/^[0-9a-f]{32}$/);
const bytes = z.int().min(0);
const objectOf = (...kinds: readonly string[]) =>
  z.string().refine((name) => kinds.includes(parseObjectName(name)?.kind ?? ''), `not the name of a ${kinds.join(' or ')}`);

/** Ids become names of files. */
const id = z.string().regex(/^[\w-]{1,64}$/);

/** What is known of the full that a delta is laid over. */
const baseSchema = z.object({ id, name: objectOf('full'), raw: z.object({ bytes, sha256 }) });

/** Only of a delta: it holds the pages in which its database differs from its base, so that a restore needs both (never a chain). */
const deltaSchema = z.object({
  base: baseSchema,
  changedPages: z.int().min(0),
  /** The delta file before it was compressed. */
  raw: z.object({ bytes, sha256 }),
});

/**
 * What a stored snapshot says about itself. It lies beside the object at every destination and is its commit mark:
 * a snapshot exists only when its manifest does. Everything a restore needs on a machine without any local state is here.
 */
export const manifestSchema = z
  .object({
    format: z.literal('nightjar-snapshot'),
    version: z.literal(1),
    id,
    job: nameSchema,
    /** Where the database was read, so that two machines never share a series by accident. */
    source: z.object({ kind: z.literal('sqlite'), path: z.string(), host: z.string() }),
    /** The instant from which the snapshot is: ISO 8601 in UTC. */
    createdAt: z.iso.datetime(),
    /** The job's zone at that time; the day in the object's name is a day of this zone. */
    zone: z.string(),
    object: z.object({
      name: objectOf('full', 'delta'),
      codec: z.enum(codecs),
      bytes,
      sha256,
      md5,
      /** Of gzip alone: what a restore on all cores goes by. Without it the object comes back as well, on one. */
      members: memberIndexSchema.optional(),
    }),
    /** The database itself, whichever way it is stored. */
    raw: z.object({ bytes, sha256 }),
    delta: deltaSchema.optional(),
    /** Of a full: the digests of its pages that lie beside it, from which deltas are made (16 bytes of SHA-256 for each page). */
    pages: z.object({ bytes, sha256, md5 }).optional(),
    sqlite: z.object({
      pageSize: z.int().min(512),
      pageCount: z.int().min(1),
      encoding: z.enum(textEncodings).optional(),
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
  .refine(({ delta, object }) => (parseObjectName(object.name)?.kind === 'delta') === (delta !== undefined), {
    path: ['delta'],
    error: 'a delta and no other has a base',
  })
  .refine(({ object }) => parseObjectName(object.name)?.codec === object.codec, {
    path: ['object', 'codec'],
    error: 'the name of the object has the ending of another codec',
  })
  .refine(({ object }) => object.members === undefined || coversObject(object.members, object.bytes), {
    path: ['object', 'members'],
    error: 'the sizes of the members are not those of the object',
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
