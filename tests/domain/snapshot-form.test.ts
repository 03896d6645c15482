import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeForm,
  formOf,
  type LastFull,
  type NextSnapshot,
  oldestBaseMs,
  type SeriesCost,
  whyFull,
  whyTooLarge,
} from '../../electron/domain/snapshot-form.ts';
import { sampleDelta, sampleManifest } from './sample-manifest.ts';

const nowMs = Date.parse('2026-11-25T03:17:00Z');
const dayMs = 86_400_000;
const last: LastFull = { createdAtMs: nowMs - dayMs, pageSize: 4096, hasPages: true, lackingAt: [] };
const next: NextSnapshot = { deltas: true, pageSize: 4096, nowMs };

describe('the next snapshot', () => {
  it.each<[string, LastFull]>([
    ['on a full of yesterday', last],
    ['on a full of exactly 31 days', { ...last, createdAtMs: nowMs - oldestBaseMs }],
  ])('may be a delta %s', (_, full) => expect(whyFull(full, next)).toBeNull());

  it.each<[string, LastFull | null, Partial<NextSnapshot>, string]>([
    ['deltas are switched off', last, { deltas: false }, 'deltas are off'],
    ['there is none yet', null, {}, 'no full snapshot yet'],
    ['the last one is not proven everywhere', { ...last, lackingAt: ['usb', 'drive'] }, {}, 'not proven at usb, drive'],
    ['the last one has no page digests', { ...last, hasPages: false }, {}, 'without the digests of its pages'],
    ['the last one is older than 31 days', { ...last, createdAtMs: nowMs - oldestBaseMs - 1 }, {}, 'older than 31 days'],
    ['the page size is another one', last, { pageSize: 8192 }, 'page size is 8192 bytes, and was 4096'],
  ])('is a full where %s', (_, full, some, words) => expect(whyFull(full, { ...next, ...some })).toContain(words));
});

describe('a delta gives way to a full', () => {
  it.each<[string, number, SeriesCost, boolean]>([
    ['not while it is smaller than the average', 70, { fullBytes: 100, deltaBytes: 40, deltas: 1 }, false],
    ['not where it is just the average', 70, { fullBytes: 100, deltaBytes: 110, deltas: 2 }, false],
    ['where it is larger than the average', 71, { fullBytes: 100, deltaBytes: 110, deltas: 2 }, true],
    ['where it is the first and larger than its base', 101, { fullBytes: 100, deltaBytes: 0, deltas: 0 }, true],
    ['not where it is the first and as large as its base', 100, { fullBytes: 100, deltaBytes: 0, deltas: 0 }, false],
  ])('%s', (_, bytes, cost, isFull) => expect(whyTooLarge(bytes, cost) !== null).toBe(isFull));

  it('says both numbers', () => {
    expect(whyTooLarge(3_000_000, { fullBytes: 2_000_000, deltaBytes: 1_000_000, deltas: 2 })).toBe(
      'what has changed takes 3 MB, more than a snapshot of this series on average (1 MB)',
    );
  });

  it('ends a series where a snapshot of it costs least, whatever the growth of deltas', () => {
    const growths = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), growths, (fullBytes, growth) => {
        // Deltas on one base grow: each is what had changed before, and more.
        let size = 0;
        const deltas = growth.map((grown) => (size += grown));
        const averageOf = (count: number) => (fullBytes + deltas.slice(0, count).reduce((sum, bytes) => sum + bytes, 0)) / (1 + count);
        const ended = deltas.findIndex(
          (bytes, count) =>
            whyTooLarge(bytes, { fullBytes, deltas: count, deltaBytes: averageOf(count) * (1 + count) - fullBytes }) !== null,
        );
        const chosen = ended === -1 ? deltas.length : ended;
        const best = Math.min(...deltas.map((_, index) => averageOf(index + 1)), averageOf(0));
        expect(averageOf(chosen)).toBeCloseTo(best, 6);
      }),
    );
  });
});

it('is told with the base by which a person names it', () => {
  const [full, delta] = [sampleManifest(), sampleDelta()];
  const onRepeat = { base: { ...full, name: '2026-11-22_031700.db.zst' }, changedPages: 1, raw: full.raw };
  expect([full, delta, { delta: onRepeat }].map((each) => [formOf(each), describeForm(each)])).toEqual([
    ['full', 'full'],
    ['delta', 'delta on 2026-11-22'],
    ['delta', 'delta on 2026-11-22_031700'],
  ]);
});
