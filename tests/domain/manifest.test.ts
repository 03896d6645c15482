import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeManifest, type Manifest, parseManifest } from '../../electron/domain/manifest.ts';
import { encodeMemberIndex, parseMemberSizes } from '../../electron/domain/member-index.ts';
import { sampleDelta, sampleManifest } from './sample-manifest.ts';

const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const count = fc.maxSafeNat();
const anyText = fc.string({ unit: 'binary' });
const digests = { bytes: count, sha256: hex(64) };
const object = <N extends string, C extends string>(codec: C, ...names: readonly N[]) =>
  fc.record({ name: fc.constantFrom(...names), codec: fc.constant(codec), ...digests, md5: hex(32) });
const indexed = fc
  .tuple(object('gzip', '2026-11-22.db.gz'), fc.array(fc.integer({ min: 1, max: 1_100_000 }), { minLength: 1 }))
  .map(([known, sizes]) => ({
    ...known,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    members: encodeMemberIndex(1_048_576, sizes),
  }));
const forms = fc.oneof(
  fc.record({ object: object('gzip', '2026-11-22.db.gz', '2026-11-22_031700.db.gz') }),
  fc.record({ object: indexed }),
  fc.record({ object: object('zstd', '2026-11-22.db.zst'), pages: fc.record({ ...digests, md5: hex(32) }) }),
  fc.record({
    object: object('gzip', '2026-11-22.delta.gz'),
    delta: fc.record({
      base: fc.record({ id: fc.stringMatching(/^snap-[a-z0-9]{10}$/), name: fc.constant('2026-11-01.db.zst'), raw: fc.record(digests) }),
      changedPages: count,
      raw: fc.record(digests),
    }),
  }),
);
const facts = fc.record({
  format: fc.constant('nightjar-snapshot'),
  version: fc.constant(1),
  id: fc.stringMatching(/^snap-[a-z0-9]{10}$/),
  job: fc.stringMatching(/^[a-z][a-z0-9]{0,20}_$/),
  source: fc.record({ kind: fc.constant('sqlite'), path: anyText, host: anyText }),
  createdAt: fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }).map((date) => date.toISOString()),
  zone: anyText,
  sqlite: fc.record(
    {
      pageSize: fc.integer({ min: 512, max: 65_536 }),
      pageCount: fc.integer({ min: 1 }),
      encoding: fc.constantFrom('UTF-8', 'UTF-16le', 'UTF-16be'),
      userVersion: fc.integer(),
      applicationId: fc.integer(),
      journalMode: fc.constantFrom('wal', 'rollback'),
      schemaSha256: hex(64),
      check: fc.constantFrom('quick_check', 'integrity_check'),
      tables: fc.array(fc.record({ name: anyText, rows: count })),
      sentinel: fc.record({ sql: anyText, value: fc.oneof(anyText, fc.integer(), fc.constant(0.5), fc.constant(null)) }),
    },
    { requiredKeys: ['pageSize', 'pageCount', 'userVersion', 'applicationId', 'journalMode', 'schemaSha256', 'check', 'tables'] },
  ),
  raw: fc.record(digests),
  pinned: fc.boolean(),
  writtenBy: anyText,
});
const manifests: fc.Arbitrary<Manifest> = fc.tuple(facts, forms).map(([known, form]) => ({ ...known, ...form }) as Manifest);

describe('a manifest', () => {
  it('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(manifests, (manifest) => {
        const bytes = Buffer.from(encodeManifest(manifest), 'utf8');
        expect(parseManifest(bytes.toString('utf8'), '2026-11-22.json')).toEqual(manifest);
      }),
    );
  });

  it('is indented JSON that ends with a line', () => {
    expect(encodeManifest(sampleManifest())).toMatch(/^\{\n {2}"format": "nightjar-snapshot",\n[\s\S]*\n\}\n$/);
  });

  it('is not written where it would not be read', () => {
    expect(() => encodeManifest(sampleManifest({ createdAt: 'yesterday' }))).toThrow('createdAt');
  });

  it('is read with a field that this version does not know', () => {
    expect(parseManifest(JSON.stringify({ ...sampleManifest(), colour: 'blue' }), 'x.json')).toEqual(sampleManifest());
  });
});

describe('an index of members', () => {
  it('comes back from its text as it was', () => {
    const sizes = fc.array(fc.integer({ min: 1 }), { minLength: 1 });
    fc.assert(
      fc.property(sizes, (known) => {
        expect(parseMemberSizes(encodeMemberIndex(1_048_576, known))).toEqual(known);
      }),
    );
  });
});

describe('a manifest is refused with what is wrong with it:', () => {
  const { object, raw, sqlite } = sampleManifest();
  const { delta } = sampleDelta();
  const members = (sizes: string) => ({ rawBytes: 1_048_576, sizes });
  it.each<[string, unknown, string]>([
    ['another format', { format: 'other-snapshot' }, 'format'],
    ['a later version', { version: 2 }, 'version'],
    ['no id', { id: undefined }, 'id'],
    ['an empty id', { id: '' }, 'id'],
    ['an id that is a path', { id: '../notes' }, 'id'],
    ['a base whose id is a path', { ...sampleDelta(), delta: { ...delta, base: { ...delta?.base, id: 'a/b' } } }, 'delta.base.id'],
    ['a job that cannot be a folder', { job: '../notes' }, 'job'],
    ['another kind of source', { source: { kind: 'postgres', path: '/x', host: 'y' } }, 'source.kind'],
    ['a day that no calendar has', { createdAt: '2026-02-30T00:00:00Z' }, 'createdAt'],
    ['a time that is not in UTC', { createdAt: '2026-11-22T03:17:00+01:00' }, 'createdAt'],
    ['an object outside its folder', { object: { ...object, name: '../2026-11-22.db.gz' } }, 'object.name'],
    ['an object that is a manifest', { object: { ...object, name: '2026-11-22.json' } }, 'object.name'],
    ['an object that is a look-alike', { object: { ...object, name: '2026-11-22-pre-apply.db.gz' } }, 'object.name'],
    ['another codec', { object: { ...object, codec: 'brotli' } }, 'object.codec'],
    ['a codec that its name does not have', { object: { ...object, codec: 'zstd' } }, 'object.codec'],
    ['a delta without a base', { object: { ...object, name: '2026-11-22.delta.gz' } }, 'delta'],
    ['a full with a base', { delta }, 'delta'],
    [
      'a delta over a delta',
      { ...sampleDelta(), delta: { ...delta, base: { ...delta?.base, name: '2026-11-20.delta.gz' } } },
      'delta.base.name',
    ],
    ['a negative size', { object: { ...object, bytes: -1 } }, 'object.bytes'],
    ['half a byte', { raw: { ...raw, bytes: 0.5 } }, 'raw.bytes'],
    ['members that are more than the object', { object: { ...object, members: members('1000 235') } }, 'object.members'],
    ['members that are less than the object', { object: { ...object, members: members('1233') } }, 'object.members'],
    ['a member of nothing', { object: { ...object, members: members('1234 0') } }, 'object.members.sizes'],
    ['members that are not numbers', { object: { ...object, members: members('1000, 234') } }, 'object.members.sizes'],
    ['a short digest', { object: { ...object, sha256: 'a'.repeat(63) } }, 'object.sha256'],
    ['a digest in capitals', { raw: { ...raw, sha256: 'A'.repeat(64) } }, 'raw.sha256'],
    ['a wrong MD5', { object: { ...object, md5: 'x'.repeat(32) } }, 'object.md5'],
    ['a database without pages', { sqlite: { ...sqlite, pageCount: 0 } }, 'sqlite.pageCount'],
    ['another journal mode', { sqlite: { ...sqlite, journalMode: 'off' } }, 'sqlite.journalMode'],
    ['a table with fewer than no rows', { sqlite: { ...sqlite, tables: [{ name: 'note', rows: -1 }] } }, 'sqlite.tables.0.rows'],
    ['a pin that is no yes or no', { pinned: 1 }, 'pinned'],
  ])('%s', (_, change, where) => {
    const text = JSON.stringify({ ...sampleManifest(), ...(change as object) });
    const message = expect.stringMatching(
      new RegExp(`^the manifest notes/2026-11-22\\.json is not one that this version reads: ${where.replaceAll('.', '\\.')}: .`),
    );
    expect(() => parseManifest(text, 'notes/2026-11-22.json')).toThrow(
      expect.objectContaining({ code: 'manifest-invalid', message, hint: expect.any(String) }),
    );
  });

  it.each(['null', '[]', '"text"', '1'])('%s, which is no object', (text) => {
    const message = expect.stringContaining('x.json is not one that this version reads: the document: ');
    expect(() => parseManifest(text, 'x.json')).toThrow(expect.objectContaining({ code: 'manifest-invalid', message }));
  });

  it.each(['', '{', 'not json', encodeManifest(sampleManifest()).slice(0, -10)])('%j, which is no JSON', (text) => {
    expect(() => parseManifest(text, 'x.json')).toThrow(
      expect.objectContaining({ code: 'manifest-invalid', message: 'the manifest x.json is not JSON' }),
    );
  });
});
