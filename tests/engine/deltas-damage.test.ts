import { rename, truncate } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotRecord } from '../../electron/domain/snapshot-record.ts';
import { assessHome } from '../../electron/engine/operations/assess.ts';
import { reconcile } from '../../electron/engine/operations/reconcile.ts';
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

  it('that was cut short is noticed by the next run, which makes a full', async () => {
    const { snapshot: full } = await series.backUpOn(0);
    await truncate(objectAt(full), 100);
    expect(formOf((await series.backUpOn(1)).snapshot)).toBe('full');
    expect(series.whyFull()).toContain('not proven at usb');
    expect(series.engine.catalog.snapshot(full.id)?.copies[0]?.failure?.message).toContain('it has 100 bytes instead of');
  });

  it('stays while the last delta on it is missing, or was forgotten itself and is put back', async () => {
    const job = series.job({ retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
    const { snapshot: full } = await series.backUpOn(0, { job });
    const { snapshot: delta } = await series.backUpOn(1, { job });
    await rename(objectAt(delta), `${objectAt(delta)}.away`);
    await series.backUpOn(2, { job, sql: 'UPDATE note SET body = hex(randomblob(1500))' });
    await series.backUpOn(3, { job });
    expect(await series.stored()).toContain(full.manifest.object.name);
    await rename(`${objectAt(delta)}.away`, objectAt(delta));
    series.engine.catalog.setCopyState(full.id, 'usb', 'expired');
    series.engine.catalog.setCopyState(delta.id, 'usb', 'stored');
    await reconcile(series.engine, series.engine.destination('usb'), 'notes', { from: 'anywhere' });
    expect(await series.stored()).toContain(full.manifest.object.name);
    expect(bodies(await series.restore(delta))).toContainEqual([2, 'day 1']);
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
