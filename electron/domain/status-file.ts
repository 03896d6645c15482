import { z } from 'zod';
import { BackupError } from './errors.ts';
import { healthStates } from './finding.ts';
import { nameSchema, runStatuses } from './model.ts';

/** The name of the file beside a job's snapshots that says how its backup is; never the name of a snapshot or a manifest. */
export const statusFileName = 'STATUS.json';

/**
 * What another device needs to see that backups have stopped: without Nightjar, `staleAfter` against a clock is enough. Instants are
 * ISO 8601 in UTC.
 */
export const statusFileSchema = z
  .object({
    format: z.literal('nightjar-status'),
    version: z.literal(1),
    job: nameSchema,
    host: z.string(),
    writtenAt: z.iso.datetime(),
    /** Creation of the newest verified snapshot at this destination. */
    lastVerified: z.iso.datetime().nullable(),
    /** After this, the newest verified snapshot is older than it may be. */
    staleAfter: z.iso.datetime().nullable(),
    lastRun: z
      .object({
        status: z.enum(runStatuses),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime().nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
    nextSlot: z.iso.datetime().nullable(),
    /** When everything was last brought back in full by a drill. */
    lastProven: z.iso.datetime().nullable(),
    state: z.enum(healthStates),
    headline: z.string(),
  })
  .readonly();
export type StatusFile = z.infer<typeof statusFileSchema>;

/** The file as it is stored: indented JSON that a person can read. */
export function encodeStatusFile(status: StatusFile): string {
  return `${JSON.stringify(statusFileSchema.parse(status), null, 2)}\n`;
}

/** The reverse of encodeStatusFile. Throws `manifest-invalid` that says what is wrong with it. */
export function parseStatusFile(text: string): StatusFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('manifest-invalid', `${statusFileName} is not JSON`, { cause });
  }
  const parsed = statusFileSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = `${issue?.path.join('.') || 'the document'}: ${issue?.message}`;
  throw new BackupError('manifest-invalid', `${statusFileName} is not one that this version reads: ${what}`, { cause: parsed.error });
}
