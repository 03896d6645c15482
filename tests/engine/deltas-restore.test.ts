import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { errorFacts } from '../../electron/domain/errors.ts';
import { sha256 } from '../support/delta-scene.ts';
import { formOf, openDeltaSeries } from '../support/delta-series.ts';

/** What is restored, and what another series of the same job has in the place of each. */
const base = { '2026-01-10.db.gz': '2026-01-12.db.gz', '2026-01-10.json': '2026-01-12.json' } as const;
const delta = { '2026-01-11.delta.gz': '2026-01-13.delta.gz', '2026-01-11.json': '2026-01-13.json' } as const;
const objects = { ...base, ...delta };
type Name = keyof typeof objects;

type Damage =
  | { readonly how: 'bit'; readonly at: number; readonly bit: number }
  | { readonly how: 'cut'; readonly at: number }
  | { readonly how: 'swap' }
  | { readonly how: 'remove' };

const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const damages: fc.Arbitrary<Damage> = fc.oneof(
  { arbitrary: fc.record({ how: fc.constant('bit' as const), at: share, bit: fc.nat(7) }), weight: 3 },
  { arbitrary: fc.record({ how: fc.constant('cut' as const), at: share }), weight: 2 },
  { arbitrary: fc.record({ how: fc.constant('swap' as const) }), weight: 3 },
  fc.record({ how: fc.constant('remove' as const) }),
);
const names = fc.subarray(Object.keys(objects) as Name[], { minLength: 1, maxLength: 3 });

// Also the manifests: what is at a destination is all that a restore has of the base.
it('a delta of which anything is damaged comes back as it was, or not at all', async () => {
  await using series = await openDeltaSeries();
  const everyRow = 'UPDATE note SET body = hex(randomblob(1500))';
  const days = [undefined, "UPDATE note SET body = 'changed' WHERE id % 20 = 0", everyRow, undefined];
  const snapshots = [];
  for (const [day, sql] of days.entries()) snapshots.push((await series.backUpOn(day, sql === undefined ? {} : { sql })).snapshot);
  expect(snapshots.map(formOf)).toEqual(['full', 'delta on 2026-01-10.db.gz', 'full', 'delta on 2026-01-12.db.gz']);
  const snapshot = snapshots[1];
  if (!snapshot) throw new Error('there is no delta');

  const pathOf = (name: string) => series.at('usb', 'notes', name);
  const whole = new Map(await Promise.all((await series.stored()).map(async (name) => [name, await readFile(pathOf(name))] as const)));
  const bytesOf = (name: string) => Buffer.from(whole.get(name) ?? Buffer.alloc(0));
  const damage = async (name: Name, done: Damage) => {
    const bytes = bytesOf(name);
    if (done.how === 'remove') return rm(pathOf(name));
    if (done.how === 'swap') return writeFile(pathOf(name), bytesOf(objects[name]));
    const at = Math.floor(done.at * bytes.length);
    if (done.how === 'cut') return writeFile(pathOf(name), bytes.subarray(0, at));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << done.bit);
    return writeFile(pathOf(name), bytes);
  };
  const before = (await readdir(series.at())).toSorted();
  const ends = new Set<string>();

  await fc.assert(
    fc.asyncProperty(names, damages, async (damaged, done) => {
      for (const name of damaged) await damage(name, done);
      try {
        const target = await series.restore(snapshot);
        expect(sha256(await readFile(target))).toBe(snapshot.manifest.raw.sha256);
        await rm(target);
        ends.add('restored');
      } catch (error) {
        const { code, message } = errorFacts(error);
        if (code === 'internal') throw error;
        ends.add(`${code}: ${message}`);
      }
      for (const name of damaged) await writeFile(pathOf(name), bytesOf(name));
      expect((await readdir(series.at())).toSorted()).toEqual(before);
    }),
    { numRuns: 40 },
  );
  expect(ends.size).toBeGreaterThan(3);
});
