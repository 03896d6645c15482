import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../electron/domain/manifest.ts';
import { forecastStored, storedSizes } from '../../electron/domain/stored-forecast.ts';
import { sampleDelta, sampleManifest } from './sample-manifest.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-11-25T03:17:00Z');
const [full, delta] = [sampleManifest(), sampleDelta()];

/** A snapshot so many days ago that takes so many bytes. */
function taken(daysAgo: number, kind: Manifest, bytes: number) {
  return { createdAtMs: nowMs - daysAgo * dayMs, manifest: { ...kind, object: { ...kind.object, bytes } } };
}

describe('what snapshots have taken', () => {
  it('is the last full, the average delta, and how long a full has served as the base', () => {
    const newestFirst = [taken(0, delta, 30), taken(1, delta, 10), taken(2, full, 1000), taken(3, delta, 50), taken(12, full, 900)];
    expect(storedSizes(newestFirst)).toEqual({ fullBytes: 1000, deltaBytes: 30, seriesMs: 10 * dayMs });
  });

  it('takes the longest that a full may serve where no other has followed, or where it was longer', () => {
    const one = [taken(0, delta, 30), taken(1, full, 1000)];
    const pause = [taken(0, full, 1000), taken(200, full, 1000)];
    expect([one, pause].map((each) => storedSizes(each)?.seriesMs)).toEqual([31 * dayMs, 31 * dayMs]);
    expect(storedSizes(pause)?.deltaBytes).toBeNull();
  });

  it('is not known without a full', () => expect(storedSizes([taken(0, delta, 30)])).toBeNull());
});

describe('what is kept takes', () => {
  const sizes = { fullBytes: 1000, deltaBytes: 10, seriesMs: 10 * dayMs };
  const daysAgo = (...days: readonly number[]) => days.map((day) => nowMs - day * dayMs);

  it('a full for each series that a snapshot of is kept, and a delta for each of them', () => {
    expect(forecastStored(daysAgo(0, 1, 2, 9, 10, 35, 65), sizes)).toEqual({ bytes: 4 * 1000 + 7 * 10, fulls: 4, deltas: 7 });
  });

  it('a full for each where no delta is known', () => {
    expect(forecastStored(daysAgo(0, 1, 2), { ...sizes, deltaBytes: null })).toEqual({ bytes: 3000, fulls: 3, deltas: 0 });
  });

  it('nothing where none is', () => expect(forecastStored([], sizes)).toEqual({ bytes: 0, fulls: 0, deltas: 0 }));
});
