import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRunLogs, type RunLogFile } from '../../electron/domain/run-logs.ts';

const file = (name: string, changedAtMs: number, bytes = 10): RunLogFile => ({ name, changedAtMs, bytes });

describe('planRunLogs', () => {
  it.each([
    ['nothing', [], { files: 2, bytes: 100 }, []],
    ['what is within both limits', [file('a', 1), file('b', 2)], { files: 2, bytes: 20 }, []],
    ['more files than are kept', [file('a', 1), file('b', 3), file('c', 2)], { files: 1, bytes: 100 }, ['c', 'a']],
    ['more bytes than are kept', [file('a', 1), file('b', 3), file('c', 2)], { files: 9, bytes: 25 }, ['a']],
    ['a newest one that is too large', [file('a', 1), file('b', 3, 99)], { files: 9, bytes: 25 }, ['a']],
    ['a small one behind a large one', [file('a', 1), file('b', 2, 99), file('c', 3)], { files: 9, bytes: 25 }, ['b', 'a']],
  ] as const)('%s', (_, files, limits, expected) => {
    expect(planRunLogs(files, limits)).toEqual(expected);
  });

  it('keeps the newest within both limits, and nothing newer goes than stays', () => {
    const files = fc.uniqueArray(fc.record({ name: fc.string(), changedAtMs: fc.nat(50), bytes: fc.nat(50) }), {
      selector: ({ name }) => name,
    });
    fc.assert(
      fc.property(files, fc.record({ files: fc.integer({ min: 1, max: 20 }), bytes: fc.nat(300) }), (all, limits) => {
        const gone = new Set(planRunLogs(all, limits));
        const kept = all.filter(({ name }) => !gone.has(name));
        expect(kept.length).toBeLessThanOrEqual(limits.files);
        if (kept.length > 1) expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(limits.bytes);
        expect(kept.length > 0).toBe(all.length > 0);
        const oldestKept = Math.min(...kept.map(({ changedAtMs }) => changedAtMs));
        expect(all.filter(({ name, changedAtMs }) => gone.has(name) && changedAtMs > oldestKept)).toEqual([]);
      }),
    );
  });
});
