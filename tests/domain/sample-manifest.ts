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

/** A whole manifest of a delta over the one of `sampleManifest`, a day earlier. */
export function sampleDelta(some: Partial<Manifest> = {}): Manifest {
  const full = sampleManifest();
  return {
    ...full,
    id: 'snap-9d2m4k7rtb',
    createdAt: '2026-11-23T02:17:00.000Z',
    object: { ...full.object, name: '2026-11-23.delta.gz', bytes: 321, sha256: 'e'.repeat(64) },
    delta: {
      base: { id: full.id, name: full.object.name, raw: full.raw },
      changedPages: 1,
      raw: { bytes: 196_608, sha256: 'f'.repeat(64) },
    },
    ...some,
  };
}
