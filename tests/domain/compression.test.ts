import { describe, expect, it } from 'vitest';
import { type Compression, compressionSchema, levelOf } from '../../electron/domain/compression.ts';
import { issuesOf } from '../../electron/domain/issues.ts';

describe("a job's compression", () => {
  it('is gzip at the usual level where nothing is said', () => {
    expect(compressionSchema.parse({})).toEqual({ codec: 'gzip', level: null });
  });

  it.each<[Partial<Compression>]>([
    [{ level: 1 }],
    [{ level: 9 }],
    [{ codec: 'zstd' }],
    [{ codec: 'zstd', level: 1 }],
    [{ codec: 'zstd', level: 19 }],
  ])('may be %j', (some) => {
    expect(compressionSchema.parse(some)).toMatchObject(some);
  });

  it.each<[unknown, string]>([
    [{ codec: 'brotli' }, 'codec: it must be one of gzip, zstd'],
    [{ level: 0 }, 'level: the levels of gzip are 1 to 9'],
    [{ level: 10 }, 'level: the levels of gzip are 1 to 9'],
    [{ codec: 'zstd', level: 20 }, 'level: the levels of zstd are 1 to 19'],
    [{ codec: 'zstd', level: 1.5 }, 'level: it must be an int'],
    [{ speed: 1 }, 'it has keys that are not known: speed'],
  ])('cannot be %j', (some, message) => {
    const parsed = compressionSchema.safeParse(some);
    expect(parsed.error && issuesOf(parsed.error)).toBe(message);
  });

  it.each<[string, Parameters<typeof levelOf>, number]>([
    ['what the settings say of gzip', ['gzip', { codec: 'gzip', level: null }, 7], 7],
    ['what the job says', ['gzip', { codec: 'gzip', level: 2 }, 7], 2],
    ['3 of zstd', ['zstd', { codec: 'zstd', level: null }, 7], 3],
    ['what the job says of zstd', ['zstd', { codec: 'zstd', level: 12 }, 7], 12],
    ['for the deltas of a job with zstd what the settings say', ['gzip', { codec: 'zstd', level: 12 }, 7], 7],
  ])('has the level: %s', (_, [codec, job, gzipLevel], level) => {
    expect(levelOf(codec, job, gzipLevel)).toBe(level);
  });
});
