import { describe, expect, it } from 'vitest';
import { checkWhen, chooseSnapshot, parseSnapshotReference } from '../../electron/domain/snapshot-reference.ts';

describe('parseSnapshotReference', () => {
  it.each([
    ['notes', { job: 'notes', at: 'latest' }],
    ['notes@latest', { job: 'notes', at: 'latest' }],
    ['notes@2026-11-22', { job: 'notes', at: '2026-11-22' }],
    ['notes@2026-11-22_031700', { job: 'notes', at: '2026-11-22_031700' }],
    ['snap-8f3k2m9qxa', { job: 'snap-8f3k2m9qxa', at: 'latest' }],
  ])('%s', (text, reference) => expect(parseSnapshotReference(text)).toEqual(reference));

  it.each([
    'notes@',
    'notes@yesterday',
    'notes@LATEST',
    'notes@2026-02-30',
    'notes@2026-11-22_250000',
    'notes@2026-11-22_0317',
    'notes@2026-11-22.db.gz',
    'notes@2026-11-22\n',
  ])('refuses %j and says what could be written', (text) => {
    const refusal = {
      code: 'usage-invalid',
      message: `"${text.slice(6)}" names no point in time`,
      hint: expect.stringContaining('latest'),
    };
    expect(() => parseSnapshotReference(text)).toThrow(expect.objectContaining(refusal));
  });

  it('takes a point in time alone', () => expect(checkWhen('2026-11-22_031700')).toBe('2026-11-22_031700'));
});

describe('chooseSnapshot', () => {
  /** `2026-11-22` for the first of a day, `?` for one that is not verified; in the order of their creation. */
  const snapshots = ['2026-11-20', '2026-11-21?', '2026-11-22', '2026-11-22_120000', '2026-11-22_180000?'].map((text, index) => ({
    createdAtMs: index,
    objectName: `${text.replace('?', '')}.db.gz`,
    verified: !text.endsWith('?'),
  }));

  it.each([
    ['the newest verified', 'latest', '2026-11-22_120000.db.gz'],
    ['the newest verified of a day', '2026-11-22', '2026-11-22_120000.db.gz'],
    ['the newest of a day without a verified one', '2026-11-21', '2026-11-21.db.gz'],
    ['exactly the one with the time, verified or not', '2026-11-22_180000', '2026-11-22_180000.db.gz'],
    ['none on a day without any', '2026-11-19', undefined],
    ['none at a time without any, though the day has some', '2026-11-22_120001', undefined],
  ])('%s, in any order of the snapshots', (_, at, objectName) => {
    const found = [snapshots, snapshots.toReversed()].map((some) => chooseSnapshot(some, at)?.objectName);
    expect(found).toEqual([objectName, objectName]);
  });

  it('the newest where none is verified', () => {
    expect(
      chooseSnapshot(
        snapshots.map((one) => ({ ...one, verified: false })),
        'latest',
      )?.objectName,
    ).toBe('2026-11-22_180000.db.gz');
  });

  it('none of none', () => expect(chooseSnapshot([], 'latest')).toBeUndefined());
});
