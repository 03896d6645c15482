import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anomalyPolicySchema, type Extent, findLosses } from '../../electron/domain/anomaly.ts';

const policy = anomalyPolicySchema.parse({});
const extent = (tables: Readonly<Record<string, number>>, rawBytes = 100_000): Extent => ({
  snapshotId: 'snap-1',
  createdAtMs: 0,
  rawBytes,
  tables: Object.entries(tables).map(([name, rows]) => ({ name, rows })),
});
const losses = (former: Extent, current: Extent, some = {}) => findLosses(former, current, { ...policy, ...some });

describe('losses', () => {
  it.each([
    ['nothing, where it is the same', { note: 1000 }, { note: 1000 }, []],
    ['nothing, where it grew', { note: 1000 }, { note: 5000, tag: 1 }, []],
    ['nothing, where half of the rows are left', { note: 1000 }, { note: 500 }, []],
    [
      'rows, where less than half are left',
      { note: 1000, log: 9000 },
      { note: 499, log: 9000 },
      ['the table note has 499 rows instead of 1,000'],
    ],
    ['nothing of a tiny table', { note: 19, log: 9000 }, { note: 0, log: 9000 }, []],
    ['rows of one that is just not tiny', { note: 20, log: 9000 }, { note: 1, log: 9000 }, ['the table note has 1 row instead of 20']],
    ['a table that vanished, however tiny', { note: 1000, tag: 0 }, { note: 1000 }, ['the table tag with 0 rows is gone']],
    [
      'all rows together, where many tables lost a little',
      { a: 1000, b: 15, c: 15, d: 15 },
      { a: 500, b: 0, c: 0, d: 0 },
      ['all tables together have 500 rows instead of 1,045'],
    ],
  ] as const)('are %s', (_, before, after, expected) => expect(losses(extent(before), extent(after))).toEqual(expected));

  it('are of the size as well, by the thresholds of the job', () => {
    const [before, after] = [extent({ note: 100 }, 1_000_000), extent({ note: 100 }, 400_000)];
    expect(losses(before, after)).toEqual(['the database has 400 kB instead of 1 MB']);
    expect(losses(before, after, { sizeFellPercent: 60 })).toEqual([]);
    expect(losses(before, after, { sizeFellPercent: 59 })).toHaveLength(1);
    expect(losses(extent({ note: 100 }), extent({ note: 75 }), { rowsFellPercent: 24 })).toHaveLength(2);
    expect(losses(before, extent({}, 1), { enabled: false })).toEqual([]);
  });

  const tables = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 0, max: 2000 }));
  const anyExtent = fc.tuple(tables, fc.integer({ min: 512, max: 1_000_000 })).map(([rows, bytes]) => extent(rows, bytes));

  it('are none where nothing became less, and are never taken back by losing more', () => {
    fc.assert(
      fc.property(anyExtent, anyExtent, fc.integer({ min: 1, max: 100 }), (before, some, percent) => {
        const rules = { rowsFellPercent: percent, sizeFellPercent: percent };
        const rowsOf = (name: string) => some.tables.find((table) => table.name === name)?.rows ?? 0;
        const more: Extent = {
          ...before,
          rawBytes: before.rawBytes + some.rawBytes,
          tables: before.tables.map(({ name, rows }) => ({ name, rows: rows + rowsOf(name) })),
        };
        expect(losses(before, more, rules)).toEqual([]);
        const less: Extent = { ...some, rawBytes: 0, tables: some.tables.map(({ name }) => ({ name, rows: 0 })) };
        if (losses(before, some, rules).length > 0) expect(losses(before, less, rules).length).toBeGreaterThan(0);
      }),
    );
  });
});
