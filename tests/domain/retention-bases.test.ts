import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RetentionPolicy } from '../../electron/domain/model.ts';
import { planRetention, type RetentionCandidate, type RetentionVerdict, takeExpired } from '../../electron/domain/retention.ts';

const dayMs = 86_400_000;
const nowMs = Date.parse('2026-11-25T12:00:00Z');
const policy: RetentionPolicy = { daily: 2, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 };

/** So many days ago; `base` is the full that it is a delta on. */
function candidate(id: string, daysAgo: number, base?: string, some: Partial<RetentionCandidate> = {}): RetentionCandidate {
  return { id, createdAtMs: nowMs - daysAgo * dayMs, verified: true, pinned: false, ...(base === undefined ? {} : { base }), ...some };
}

const reasonsOf = (verdicts: readonly RetentionVerdict[]) => Object.fromEntries(verdicts.map(({ id, reasons }) => [id, reasons]));
const plan = (candidates: readonly RetentionCandidate[]) => reasonsOf(planRetention(candidates, policy, 'UTC', nowMs));

describe('a base', () => {
  it('stays as long as a kept delta needs it, and says so', () => {
    expect(plan([candidate('full', 9), candidate('old', 5, 'full'), candidate('b', 1, 'full'), candidate('c', 0, 'full')])).toEqual({
      c: ['newest verified', 'daily 1'],
      b: ['daily 2'],
      old: [],
      full: ['base of 2 deltas'],
    });
  });

  it('goes with the last delta on it', () => {
    expect(plan([candidate('full', 9), candidate('old', 5, 'full'), candidate('new', 1), candidate('c', 0, 'new')])).toMatchObject({
      full: [],
      old: [],
      new: ['daily 2', 'base of 1 delta'],
    });
  });

  it('stays for a delta that a person has pinned', () => {
    expect(plan([candidate('full', 90), candidate('d', 80, 'full', { pinned: true }), candidate('b', 1), candidate('c', 0)])).toMatchObject(
      {
        d: ['pinned'],
        full: ['base of 1 delta'],
      },
    );
  });

  it('stays for a delta that is not verified while that waits for its proof', () => {
    const d = candidate('d', 0, 'full', { verified: false });
    expect(plan([candidate('full', 9), candidate('b', 2), candidate('c', 1), d])).toMatchObject({
      d: ['not verified'],
      full: ['base of 1 delta'],
    });
  });

  it('is none where it is not there', () => {
    expect(plan([candidate('d', 0, 'lost')])).toEqual({ d: ['newest verified', 'daily 1'] });
  });
});

const series = fc.array(fc.record({ daysAgo: fc.integer({ min: 0, max: 90 }), isFull: fc.boolean(), pinned: fc.boolean() }), {
  maxLength: 40,
});

describe('what is expired', () => {
  it('never leaves a delta without its base, however much of it goes at once', () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 10 }), (made, daily, most) => {
        const oldestFirst = made.toSorted((a, b) => b.daysAgo - a.daysAgo);
        let base: string | undefined;
        let held = oldestFirst.map(({ daysAgo, isFull, pinned }, index) => {
          const id = `s${index}`;
          if (isFull || base === undefined) base = id;
          return candidate(id, daysAgo - index / 1000, base === id ? undefined : base, { pinned: pinned && index % 7 === 0 });
        });
        for (let round = 0; round < 50; round++) {
          const verdicts = planRetention(held, { ...policy, daily: Math.max(1, daily) }, 'UTC', nowMs);
          const removed = takeExpired(verdicts, most, (id) => held.find((one) => one.id === id)?.base).map(({ id }) => id);
          expect(removed.length).toBeLessThanOrEqual(most);
          // One after the other, as they are removed: at no moment is a delta there whose base is gone.
          for (const id of removed) {
            held = held.filter((one) => one.id !== id);
            const there = new Set(held.map((one) => one.id));
            expect(held.filter((one) => one.base !== undefined && !there.has(one.base))).toEqual([]);
          }
          if (removed.length === 0) {
            expect(verdicts.filter(({ reasons }) => reasons.length === 0)).toEqual([]);
            return;
          }
        }
        expect.unreachable('it never ended');
      }),
    );
  });
});
