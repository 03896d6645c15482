import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotRecord } from '../../electron/domain/snapshot-record.ts';
import { assessHome } from '../../electron/engine/operations/assess.ts';
import { verifySnapshot } from '../../electron/engine/operations/verify.ts';
import { bodies, type DeltaSeries, damage, formOf, openDeltaSeries } from '../support/delta-series.ts';
import { addFolderDestination } from '../support/test-engine.ts';

const { signal } = new AbortController();
let series: DeltaSeries;
beforeEach(async () => {
  series = await openDeltaSeries();
});
afterEach(() => series[Symbol.asyncDispose]());

const objectAt = ({ manifest }: SnapshotRecord, name = 'usb') => series.at(name, 'notes', manifest.object.name);

describe('a damaged base', () => {
  it.each(['quick', 'full'] as const)(
    'is found by a %s verification of a delta, noted of the base, and nothing more is made on it',
    async (level) => {
      const { snapshot: full } = await series.backUpOn(0);
      const { snapshot: delta } = await series.backUpOn(1);
      await damage(objectAt(full));
      const outcome = await verifySnapshot(series.engine, delta, level, signal);
      expect(outcome).toMatchObject({ ok: false, proofs: [{ message: expect.stringContaining('2026-01-10.db.gz') }] });
      expect(series.engine.catalog.snapshot(full.id)?.copies[0]?.failure?.message).toContain('2026-01-10.db.gz');
      expect(series.engine.catalog.snapshot(delta.id)?.copies[0]?.failure).toMatchObject({ isOfBase: true });
      const [health] = assessHome(series.engine.settings.current, series.engine.catalog, series.engine.ports.clock.now());
      expect(health?.problems.filter((problem) => problem.includes('restorable'))).toEqual([expect.stringContaining('2026-01-10.db.gz')]);
      expect(formOf((await series.backUpOn(2)).snapshot)).toBe('full');
      expect(series.whyFull()).toContain('not proven at usb');
    },
  );

  it('is made up for by another copy of it', async () => {
    await addFolderDestination(series.engine, series.at(), 'nas');
    const job = series.job({ destinations: ['usb', 'nas'] });
    const { snapshot: full } = await series.backUpOn(0, { job });
    const { snapshot: delta } = await series.backUpOn(1, { job });
    await damage(objectAt(full));
    await damage(objectAt(delta, 'nas'));
    expect(bodies(await series.restore(delta))).toEqual(bodies(series.at('notes.db')));
  });

  it('that is gone makes its deltas unrestorable, and restorable again when it is back', async () => {
    const { snapshot: full } = await series.backUpOn(0);
    const { snapshot: delta } = await series.backUpOn(1);
    await rename(objectAt(full), `${objectAt(full)}.away`);
    const { snapshot: next } = await series.backUpOn(2);
    expect(formOf(next)).toBe('full');
    expect(series.engine.catalog.snapshot(delta.id)?.copies[0]?.failure?.message).toContain('2026-01-10.db.gz is not there');
    await rename(`${objectAt(full)}.away`, objectAt(full));
    await series.backUpOn(3);
    expect(series.engine.catalog.snapshot(delta.id)?.copies[0]?.failure).toBeUndefined();
  });
});
