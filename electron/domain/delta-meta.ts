import { z } from 'zod';
import { BackupError } from './errors.ts';
import { issuesOf } from './issues.ts';

/** What a delta file says of itself, so that it can be laid over its base without anything else. */
export interface DeltaMeta {
  /** Name of the full whose pages hold wherever the delta has none. */
  readonly base: string;
  readonly baseRawSha256: string;
  readonly pageSize: number;
  /** Pages of the database that is restored; what the base has beyond them is cut off. */
  readonly pageCount: number;
  /** Of the database that is restored. */
  readonly rawSha256: string;
  /** How to restore without Nightjar. */
  readonly recipe: string;
}

const format = 'nightjar-delta-1';
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z
  .string()
  .regex(/^[1-9]\d{0,14}$/)
  .transform(Number);

const rowsSchema = z.strictObject({
  format: z.literal(format),
  base: z.string().min(1),
  base_raw_sha256: sha256,
  // From 512 to 65536, a power of two (SQLite file format, section 1.3.2).
  page_size: count.refine((bytes) => bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0, 'no page has this size'),
  page_count: count,
  raw_sha256: sha256,
  recipe: z.string(),
});

/** The rows of the table `meta`: key and value. */
export function encodeDeltaMeta(meta: DeltaMeta): [key: string, value: string][] {
  const rows: z.input<typeof rowsSchema> = {
    format,
    base: meta.base,
    base_raw_sha256: meta.baseRawSha256,
    page_size: String(meta.pageSize),
    page_count: String(meta.pageCount),
    raw_sha256: meta.rawSha256,
    recipe: meta.recipe,
  };
  return Object.entries(rows);
}

/** The reverse of encodeDeltaMeta. Throws `manifest-invalid` that names the file and what is wrong with it. */
export function parseDeltaMeta(rows: Iterable<readonly [key: string, value: unknown]>, shownAs: string): DeltaMeta {
  const parsed = rowsSchema.safeParse(Object.fromEntries(rows));
  if (!parsed.success) {
    throw new BackupError('manifest-invalid', `the delta ${shownAs} is none that this version reads: ${issuesOf(parsed.error)}`, {
      cause: parsed.error,
      hint: 'if a newer Nightjar wrote it, update this one; the delta itself holds the recipe to restore it without Nightjar',
    });
  }
  const { base, base_raw_sha256, page_size, page_count, raw_sha256, recipe } = parsed.data;
  return { base, baseRawSha256: base_raw_sha256, pageSize: page_size, pageCount: page_count, rawSha256: raw_sha256, recipe };
}
