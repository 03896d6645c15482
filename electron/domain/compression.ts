import { z } from 'zod';

/** How the bytes of an object are compressed. */
export const codecs = ['gzip', 'zstd'] as const;
export type Codec = (typeof codecs)[number];

/** The levels that a codec has, from fast to small. */
export const codecLevels: Readonly<Record<Codec, { readonly least: number; readonly most: number }>> = {
  gzip: { least: 1, most: 9 },
  // From 20 on, zstd takes gigabytes of memory.
  zstd: { least: 1, most: 19 },
};

const usualZstdLevel = 3;

/** How a job's full snapshots are compressed; deltas are gzip in any case, so that Python's standard library reads them. */
export const compressionSchema = z
  .strictObject({
    codec: z.enum(codecs).default('gzip'),
    /** `null`: what is usual for the codec; of gzip, what the settings say. */
    level: z.int().nullable().default(null),
  })
  .superRefine(({ codec, level }, context) => {
    const { least, most } = codecLevels[codec];
    if (level === null || (level >= least && level <= most)) return;
    context.addIssue({ code: 'custom', path: ['level'], message: `the levels of ${codec} are ${least} to ${most}`, input: level });
  });
export type Compression = z.infer<typeof compressionSchema>;

/** The level that a job's objects of a codec are compressed with. */
export function levelOf(codec: Codec, job: Compression, gzipLevel: number): number {
  if (job.codec === codec && job.level !== null) return job.level;
  return codec === 'gzip' ? gzipLevel : usualZstdLevel;
}
