import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotRecord } from '../../electron/domain/snapshot-record.ts';
import type { Destination } from '../../electron/engine/destinations/destination.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { drillJob } from '../../electron/engine/operations/drill.ts';
import { pinSnapshot } from '../../electron/engine/operations/pin.ts';
import { planRetain } from '../../electron/engine/operations/retain.ts';
import { verifySnapshot } from '../../electron/engine/operations/verify.ts';
import { bodies, type DeltaSeries, damage, formOf, openDeltaSeries } from '../support/delta-series.ts';
import { addFolderDestination } from '../support/test-engine.ts';

const { signal } = new AbortController();
let series: DeltaSeries;
beforeEach(async () => {
  series = await openDeltaSeries();
});
afterEach(() => series[Symbol.asyncDispose]());

describe('the second snapshot', () => {
  it('holds what has changed, beside a full with its page digests and the recipe of a restore', async () => {
    const { snapshot: full } = await series.backUpOn(0);
    const { run, snapshot: delta } = await series.backUpOn(1);
    expect([full, delta].map(formOf)).toEqual(['full', 'delta on 2026-01-10.db.gz']);
    expect(await series.stored()).toEqual([
      '2026-01-10.db.gz',
      '2026-01-10.json',
      '2026-01-10.pages',
      '2026-01-11.delta.gz',
      '2026-01-11.json',
      'RESTORE.txt',
    ]);
    expect(delta.manifest.object.bytes).toBeLessThan(full.manifest.object.bytes / 20);
    const changedPages = delta.manifest.delta?.changedPages ?? 0;
    expect(changedPages).toBeGreaterThan(0);
    expect(run.steps.find(({ name }) => name === 'delta')?.facts).toEqual({
      base: '2026-01-10.db.gz',
      pages: delta.manifest.sqlite.pageCount,
      changedPages,
    });
  });

  it('is restored byte for byte, as are those before and after it', async () => {
    const expected = new Map<SnapshotRecord, unknown[]>();
    for (const days of [0, 1, 2]) {
      const { snapshot } = await series.backUpOn(days);
      expected.set(snapshot, bodies(series.at('notes.db')));
      if (days === 1) series.addPages(5);
    }
    for (const [snapshot, rows] of expected) {
      expect(bodies(await series.restore(snapshot))).toEqual(rows);
      const bytes = await readFile(series.at(`restored-${snapshot.id}.db`));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(snapshot.manifest.raw.sha256);
    }
  });

  it('is one of the same day under its time', async () => {
    await series.backUpOn(0);
    const { snapshot } = await series.backUpOn(0.25);
    expect(snapshot.manifest.object.name).toBe('2026-01-10_091700.delta.gz');
  });

  it('is proven in full, and by a drill, from the bytes of both', async () => {
    const job = series.job();
    await series.backUpOn(0, { job });
    const { snapshot } = await series.backUpOn(1, { job });
    expect(await verifySnapshot(series.engine, snapshot, 'full', signal)).toMatchObject({
      ok: true,
      found: snapshot.manifest.sqlite.tables,
    });
    expect(await drillJob(series.engine, job, { trigger: 'manual' })).toMatchObject([{ outcome: 'proven', snapshotId: snapshot.id }]);
  });
});

describe('a full is made', () => {
  it.each<[string, string | undefined, number, string]>([
    ['where its base would be too old', undefined, 32, 'older than 31 days'],
    ['after a VACUUM that moves most pages', 'DELETE FROM note WHERE id % 3 = 0; VACUUM', 1, 'more than half of the pages have changed'],
    [
      'where the page size is another one',
      'PRAGMA journal_mode = delete; PRAGMA page_size = 8192; VACUUM; PRAGMA journal_mode = wal',
      1,
      'page size is 8192 bytes, and was 4096',
    ],
    ['where what has changed is most of it', 'UPDATE note SET body = hex(randomblob(1500))', 1, 'more than half of the pages have changed'],
  ])('%s', async (_, sql, days, why) => {
    await series.backUpOn(0);
    const { snapshot } = await series.backUpOn(days, sql === undefined ? {} : { sql });
    expect(formOf(snapshot)).toBe('full');
    expect(series.whyFull()).toContain(why);
    expect(formOf((await series.backUpOn(days + 1)).snapshot)).toMatch(/^delta on /);
  });

  it('where another database has taken the place of this one', async () => {
    await series.backUpOn(0);
    await rm(series.at('notes.db'));
    series.addPages(100);
    expect(formOf((await series.backUpOn(1)).snapshot)).toBe('full');
    expect(series.whyFull()).toContain('more than half of the pages have changed');
  });

  it('where deltas are off, and then without page digests', async () => {
    await series.backUpOn(0);
    const job = series.job({ deltas: false });
    const { snapshot } = await series.backUpOn(1, { job });
    expect([formOf(snapshot), series.whyFull()]).toEqual(['full', 'deltas are off']);
    expect(await series.stored()).not.toContain('2026-01-11.pages');
    expect(formOf((await series.backUpOn(2)).snapshot)).toBe('full');
    expect(series.whyFull()).toContain('without the digests of its pages');
  });

  it('where what has changed costs more than the average of its series', async () => {
    // The full has 300 rows, the deltas 35, 70, 105 and 140; the averages before each are 300, 167, 135 and 127.
    await series.backUpOn(0);
    const forms: string[] = [];
    for (const days of [1, 2, 3, 4]) {
      const sql = `UPDATE note SET body = hex(randomblob(1500)) WHERE id BETWEEN ${1 + days * 35} AND ${35 + days * 35}`;
      forms.push(formOf((await series.backUpOn(days, { sql })).snapshot));
    }
    const delta = 'delta on 2026-01-10.db.gz';
    expect(forms).toEqual([delta, delta, delta, 'full']);
    expect(series.whyFull()).toContain('more than a snapshot of this series on average');
  });

  it('where nobody has the page digests any more', async () => {
    await series.backUpOn(0);
    await rm(series.at('usb', 'notes', '2026-01-10.pages'));
    await series.restart(() => rm(series.at('home', 'pages'), { recursive: true }));
    expect(formOf((await series.backUpOn(1)).snapshot)).toBe('full');
    expect(series.whyFull()).toBe('the page digests of the last full one are not to be had');
  });

  it('where they are damaged here and there', async () => {
    const { snapshot } = await series.backUpOn(0);
    await damage(series.at('usb', 'notes', '2026-01-10.pages'));
    await writeFile(series.at('home', 'pages', `${snapshot.id}.pages`), 'garbage');
    expect(formOf((await series.backUpOn(1)).snapshot)).toBe('full');
  });
});

describe('a new machine', () => {
  it('goes on with deltas, and never asks for the bytes of the base', async () => {
    await series.backUpOn(0);
    await series.restart(async () => {
      for (const gone of ['catalog.db', 'pages']) await rm(series.at('home', gone), { recursive: true });
    });
    const { engine } = series;
    const asked: string[] = [];
    const watched: Engine = {
      ...engine,
      destination: (name) => {
        const honest = engine.destination(name);
        const get: Destination['get'] = (object, ...rest) => {
          asked.push(object);
          return honest.get(object, ...rest);
        };
        return { ...honest, get };
      },
    };
    const { snapshot } = await series.backUpOn(1, { engine: watched });
    expect([formOf(snapshot), asked]).toEqual(['delta on 2026-01-10.db.gz', ['notes/2026-01-10.pages']]);
    expect(bodies(await series.restore(snapshot))).toEqual(bodies(series.at('notes.db')));
  });
});

describe('two destinations', () => {
  it('get deltas though one of them was away when the full was made, and a full when it is back', async () => {
    await addFolderDestination(series.engine, series.at(), 'nas');
    const job = series.job({ destinations: ['usb', 'nas'] });
    await rename(series.at('nas'), series.at('unplugged'));
    expect(formOf((await series.backUpOn(0, { job })).snapshot)).toBe('full');
    expect(formOf((await series.backUpOn(1, { job })).snapshot)).toBe('delta on 2026-01-10.db.gz');
    await rename(series.at('unplugged'), series.at('nas'));
    expect(formOf((await series.backUpOn(2, { job })).snapshot)).toBe('full');
    expect(series.whyFull()).toContain('not proven at nas');
    expect(formOf((await series.backUpOn(3, { job })).snapshot)).toBe('delta on 2026-01-12.db.gz');
    expect(await series.stored('nas')).toContain('2026-01-13.delta.gz');
  });
});

describe('retention', () => {
  const retention = { daily: 2, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 };

  it('keeps a base as long as a delta on it stays, and lets it go with its page digests after that', async () => {
    const job = series.job({ retention });
    for (const days of [0, 1, 2, 3]) await series.backUpOn(days, { job });
    expect((await series.stored()).filter((name) => name.endsWith('.gz'))).toEqual([
      '2026-01-10.db.gz',
      '2026-01-12.delta.gz',
      '2026-01-13.delta.gz',
    ]);
    expect(planRetain(series.engine, job, 'usb').at(-1)).toMatchObject({ objectName: '2026-01-10.db.gz', reasons: ['base of 2 deltas'] });
    await series.backUpOn(4, { job, sql: 'UPDATE note SET body = hex(randomblob(1500))' });
    await series.backUpOn(5, { job });
    expect(await series.stored()).toEqual([
      '2026-01-14.db.gz',
      '2026-01-14.json',
      '2026-01-14.pages',
      '2026-01-15.delta.gz',
      '2026-01-15.json',
      'RESTORE.txt',
    ]);
    expect(await readdir(series.at('home', 'pages'))).toHaveLength(1);
  });

  it('keeps the base of a pinned delta for good', async () => {
    const job = series.job({ retention });
    await series.backUpOn(0, { job });
    const { snapshot } = await series.backUpOn(1, { job });
    await pinSnapshot(series.engine, snapshot, true);
    for (const days of [40, 41, 42]) await series.backUpOn(days, { job });
    expect(await series.stored()).toEqual(expect.arrayContaining(['2026-01-10.db.gz', '2026-01-11.delta.gz']));
    expect(bodies(await series.restore(snapshot))).toContainEqual([2, 'day 1']);
  });

  it('shows with a later day what would be gone by then', async () => {
    const job = series.job({ retention });
    await series.backUpOn(0, { job });
    await series.backUpOn(1, { job });
    const reasonsOn = (asOf: string) => planRetain(series.engine, job, 'usb', asOf).map(({ reasons }) => reasons.join(', '));
    expect(reasonsOn('2026-01-12')).toEqual(['daily 2', 'base of 2 deltas']);
    expect(reasonsOn('2026-01-13')).toEqual(['', 'base of 2 deltas']);
    // By then the base is too old for another delta: a new full was made, and the last deltas on this one are gone.
    expect(reasonsOn('2026-02-14')).toEqual(['', '']);
  });
});

describe('what a dead run left of a full', () => {
  it('is swept with its page digests after a day', async () => {
    const job = series.job();
    await series.backUpOn(0, { job });
    const [object, pages] = ['notes/2026-01-09.db.gz', 'notes/2026-01-09.pages'].map((name) => series.at('usb', name));
    for (const path of [object, pages]) await cp(series.at('notes.db'), path ?? '');
    for (const name of ['notes/2026-01-09.db.gz', 'notes/2026-01-09.pages']) {
      series.engine.catalog.addIntent({ runId: 'run-dead', destination: 'usb', objectName: name, createdAtMs: series.startMs });
    }
    await series.backUpOn(2, { job });
    expect((await series.stored()).filter((name) => name.startsWith('2026-01-09'))).toEqual([]);
  });
});
