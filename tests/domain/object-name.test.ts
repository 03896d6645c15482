import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseStamp, formatObjectName, parseObjectName, type SnapshotStamp } from '../../electron/domain/object-name.ts';

const two = (value: number) => String(value).padStart(2, '0');
const days = fc
  .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const times = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59)).map((parts) => parts.map(two).join(''));
const stamps: fc.Arbitrary<SnapshotStamp> = fc.record({ day: days, time: times }, { requiredKeys: ['day'] });
const kinds = fc.constantFrom('full' as const, 'delta' as const, 'manifest' as const, 'pages' as const);

describe('the name of an object', () => {
  it.each([
    ['2026-11-22.db.gz', { stamp: { day: '2026-11-22' }, kind: 'full', codec: 'gzip' }],
    ['2026-11-22.db.zst', { stamp: { day: '2026-11-22' }, kind: 'full', codec: 'zstd' }],
    ['2026-11-22_031700.db.gz', { stamp: { day: '2026-11-22', time: '031700' }, kind: 'full', codec: 'gzip' }],
    ['2026-11-22_031700.delta.gz', { stamp: { day: '2026-11-22', time: '031700' }, kind: 'delta', codec: 'gzip' }],
    ['2024-02-29_235959.json', { stamp: { day: '2024-02-29', time: '235959' }, kind: 'manifest' }],
    ['2024-02-29.pages', { stamp: { day: '2024-02-29' }, kind: 'pages' }],
  ] as const)('%s says its day, its time and what it is', (name, parts) => {
    const codec = 'codec' in parts ? parts.codec : undefined;
    expect({ parsed: parseObjectName(name), formatted: formatObjectName(parts.stamp, parts.kind, codec) }).toEqual({
      parsed: parts,
      formatted: name,
    });
  });

  it.each([
    '2026-06-01-pre-apply.db.gz',
    '2026-06-01-pre-contentclass-apply-014318.db.gz',
    '2026-06-01.db.gz.tmp',
    '2026-06-01.db',
    '2026-06-01.delta',
    '2026-06-01.delta.zst',
    '2026-06-01.pages.gz',
    '2026-06-01.gz',
    '2026-06-01',
    '.db.gz',
    'x2026-06-01.db.gz',
    ' 2026-06-01.db.gz',
    '2026-06-01.db.gz ',
    '2026-06-01.db.gz\n',
    '2026-06-01.db.gz\u0000',
    '2026-06-01\n.db.gz',
    '2026-02-30.db.gz',
    '2025-02-29.db.gz',
    '2026-13-01.db.gz',
    '2026-00-10.db.gz',
    '2026-6-1.db.gz',
    '+02026-06-01.db.gz',
    '2026-06-01_240000.db.gz',
    '2026-06-01_250000.db.gz',
    '2026-06-01_236000.db.gz',
    '2026-06-01_235960.db.gz',
    '2026-06-01_0317.db.gz',
    '2026-06-01_.db.gz',
    '2026-06-01 031700.db.gz',
    '2026-06-01 (1).db.gz',
    '2026-06-01.DB.GZ',
    '2026-06-01xdb.gz',
    'notes/2026-06-01.db.gz',
    '../2026-06-01.db.gz',
    './2026-06-01.db.gz',
    'notes\\2026-06-01.db.gz',
    '\u0662\u0660\u0662\u0666-06-01.db.gz',
    '\uff12\uff10\uff12\uff16-06-01.db.gz',
    '2026\u201006\u201001.db.gz',
  ])('a look-alike is none: %j (S1-78)', (name) => {
    expect(parseObjectName(name)).toBeNull();
  });

  it('comes back from what it was formatted from', () => {
    fc.assert(
      fc.property(stamps, kinds, (stamp, kind) => {
        expect(parseObjectName(formatObjectName(stamp, kind))).toMatchObject({ stamp, kind });
      }),
    );
  });

  it('formats back to itself whatever string parses, also one with a character changed, added or dropped', () => {
    const edit = fc.record({
      at: fc.nat(30),
      drop: fc.nat(1),
      add: fc.oneof(fc.constantFrom('', '0', '9', '_', '-', '.', '\n'), fc.string({ maxLength: 2 })),
    });
    const nearNames = fc.tuple(stamps, kinds, edit).map(([stamp, kind, { at, drop, add }]) => {
      const name = formatObjectName(stamp, kind);
      return name.slice(0, at) + add + name.slice(at + drop);
    });
    const property = fc.property(fc.oneof(nearNames, fc.string()), (text) => {
      const parsed = parseObjectName(text);
      if (parsed) expect(formatObjectName(parsed.stamp, parsed.kind)).toBe(text);
    });
    fc.assert(property, { numRuns: 5000 });
  });
});

describe('the stamp of a new snapshot', () => {
  it.each<[string, string[], string, SnapshotStamp]>([
    ['the plain day where that is free', [], '031700', { day: '2026-11-22' }],
    ['the time too where the day is taken', ['2026-11-22'], '031700', { day: '2026-11-22', time: '031700' }],
    ['the next free second', ['2026-11-22', '2026-11-22_031700', '2026-11-22_031701'], '031700', { day: '2026-11-22', time: '031702' }],
    ['the next hour after its last second', ['2026-11-22', '2026-11-22_035959'], '035959', { day: '2026-11-22', time: '040000' }],
    [
      'a second of the same day where its last one is taken',
      ['2026-11-22', '2026-11-22_235959'],
      '235959',
      { day: '2026-11-22', time: '000000' },
    ],
  ])('is %s', (_, taken, time, stamp) => {
    expect(chooseStamp('2026-11-22', time, (one) => taken.includes(one.time === undefined ? one.day : `${one.day}_${one.time}`))).toEqual(
      stamp,
    );
  });

  it('is never one that is taken', () => {
    fc.assert(
      fc.property(days, times, fc.uniqueArray(fc.nat(86_399), { maxLength: 50 }), (day, time, seconds) => {
        const taken = new Set(
          seconds.map((second) => two(Math.floor(second / 3600)) + two(Math.floor(second / 60) % 60) + two(second % 60)),
        ).add(time);
        const stamp = chooseStamp(day, time, (one) => one.time === undefined || taken.has(one.time));
        expect(taken.has(stamp.time ?? time)).toBe(false);
        expect(parseObjectName(formatObjectName(stamp, 'full'))?.stamp).toEqual(stamp);
      }),
    );
  });

  it('is refused where every second of the day has one', () => {
    expect(() => chooseStamp('2026-11-22', '031700', () => true)).toThrow(RangeError);
  });
});
