import type { Manifest } from '../../electron/domain/manifest.ts';

/** A whole manifest, for tests that need one and do not care which. */
export function sampleManifest(some: Partial<Manifest> = {}): Manifest {
  return {
    format: 'nightjar-snapshot',
    version: 1,
    id: 'snap-8f3k2m9qxa',
    job: 'notes',
    source: { kind: 'sqlite', path: '/home/ada/notes.db', host: 'lovelace' },
    createdAt: '2026-11-22T02:17:00.000Z',
    zone: 'Europe/Berlin',
    object: { name: '2026-11-22.db.gz', codec: 'gzip', bytes: 1234, sha256: 'a'.repeat(64), md5: 'b'.repeat(32) },
    raw: { bytes: 8192, sha256: 'c'.repeat(64) },
    sqlite: {
      pageSize: 4096,
      pageCount: 2,
      userVersion: 7,
      applicationId: 0,
      journalMode: 'wal',
      schemaSha256: 'd'.repeat(64),
      check: 'quick_check',
      tables: [{ name: 'note', rows: 42 }],
      sentinel: { sql: 'SELECT count(*) FROM note', value: 42 },
    },
    pinned: false,
    writtenBy: 'nightjar 0.1.0',
    ...some,
  };
}
