import { describe, expect, it } from 'vitest';
import {
  type BackupSizes,
  expectedCopyBytes,
  expectedFullBytes,
  expectedWalGrowthBytes,
  judgeWrites,
  type PlannedWrite,
  planBackupWrites,
  type Volume,
  worstCompressedBytes,
} from '../../electron/domain/disk-guard.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
const volume = (id: string, freeBytes = 100 * gibibyte): Volume => ({ id, path: `/${id}`, freeBytes, totalBytes: 500 * gibibyte });
const sizes = (some: Partial<BackupSizes>): BackupSizes => ({ rawBytes: gibibyte, isWal: true, walBytes: 0, canClone: false, ...some });

describe('the compressed size to plan with', () => {
  it.each([
    ['is the worst case before there was a snapshot', sizes({}), worstCompressedBytes(gibibyte)],
    ['is a quarter more than the last ratio, and a mebibyte', sizes({ lastRatio: 0.2 }), gibibyte / 4 + mebibyte],
    ['is never more than the worst case', sizes({ lastRatio: 0.99 }), worstCompressedBytes(gibibyte)],
  ])('%s', (_, some, bytes) => expect(expectedFullBytes(some)).toBe(bytes));

  it('is at worst a little more than the raw one; tests/pipeline/gzip.test.ts proves that it is enough', () => {
    expect(worstCompressedBytes(1)).toBeGreaterThan(20);
    expect(worstCompressedBytes(gibibyte)).toBeGreaterThan(gibibyte);
    expect(worstCompressedBytes(gibibyte)).toBeLessThan(gibibyte * 1.005);
  });
});

describe('the growth of the WAL to plan with', () => {
  it.each([
    ['is nothing for a rollback journal', sizes({ isWal: false, lastWalGrowthBytes: gibibyte }), 0],
    ['is a tenth of the database before there was a snapshot', sizes({ rawBytes: 10 * gibibyte }), gibibyte],
    ['is twice what was last seen', sizes({ lastWalGrowthBytes: 40 * mebibyte }), 80 * mebibyte],
    ['is at least 16 MiB', sizes({ lastWalGrowthBytes: 0 }), 16 * mebibyte],
    ['is a whole number', sizes({ rawBytes: gibibyte + 4 }), Math.ceil((gibibyte + 4) / 10)],
  ])('%s', (_, some, bytes) => expect(expectedWalGrowthBytes(some)).toBe(bytes));
});

describe('the copy to plan with', () => {
  it.each([
    [
      'is the database and its log, which lies beside it until it is played in',
      sizes({ walBytes: 40 * mebibyte }),
      gibibyte + 40 * mebibyte,
    ],
    [
      'is the log and a twentieth for what changes, where it is a clone',
      sizes({ walBytes: 40 * mebibyte, canClone: true }),
      Math.ceil(gibibyte / 20) + 40 * mebibyte,
    ],
  ])('%s', (_, some, bytes) => expect(expectedCopyBytes(some)).toBe(bytes));
});

describe('planBackupWrites', () => {
  const [home, source, usb] = [volume('home'), volume('source'), volume('usb')];

  it('counts the raw copy, the compressed file, the WAL, and each destination but the one that takes the staged file over', () => {
    const destinations = [
      { name: 'usb', volume: usb },
      { name: 'here', volume: home },
      { name: 'here too', volume: home },
      { name: 'usb again', volume: usb },
    ];
    expect(planBackupWrites(sizes({ lastRatio: 0.2 }), { staging: home, source, destinations })).toEqual([
      { volume: home, what: 'copy of the database', bytes: gibibyte },
      { volume: source, what: 'growth of the write-ahead log', bytes: Math.ceil(gibibyte / 10) },
      { volume: home, what: 'compressed snapshot', bytes: 257 * mebibyte },
      { volume: usb, what: 'snapshot at usb', bytes: 257 * mebibyte },
      { volume: home, what: 'snapshot at here too', bytes: 257 * mebibyte },
      { volume: usb, what: 'snapshot at usb again', bytes: 257 * mebibyte },
    ]);
  });

  it('says where the copy is a clone', () => {
    const writes = planBackupWrites(sizes({ canClone: true }), { staging: home, source, destinations: [] });
    expect(writes[0]).toEqual({ volume: home, what: 'changes while it is cloned', bytes: Math.ceil(gibibyte / 20) });
  });

  it('leaves out what will not be written', () => {
    expect(planBackupWrites(sizes({ isWal: false }), { staging: home, source, destinations: [] }).map(({ what }) => what)).toEqual([
      'copy of the database',
      'compressed snapshot',
    ]);
  });
});

describe('judgeWrites', () => {
  const limits = { reserveBytes: 512, warnFreeBytes: 2048 };
  it.each([
    ['what leaves plenty', 10_000, 1000, 'ok'],
    ['what leaves just the warning line', 3048, 1000, 'ok'],
    ['what leaves a byte less', 3047, 1000, 'warn'],
    ['what leaves just the reserve', 1512, 1000, 'warn'],
    ['what leaves a byte less than the reserve', 1511, 1000, 'refuse'],
    ['what does not fit at all', 10, 1000, 'refuse'],
  ] as const)('of %s: %d free, %d needed, %s', (_, freeBytes, bytes, verdict) => {
    const needs = judgeWrites([{ volume: volume('usb', freeBytes), what: 'a file', bytes }], limits);
    expect(needs).toEqual([
      {
        volume: volume('usb', freeBytes),
        needBytes: bytes,
        freeAfterBytes: freeBytes - bytes,
        verdict,
        writes: [{ what: 'a file', bytes }],
      },
    ]);
  });

  it('adds up what goes to one file system, by whatever path, and judges each alone', () => {
    const write = (id: string, path: string, bytes: number): PlannedWrite => ({ volume: { ...volume(id, 1500), path }, what: path, bytes });
    const needs = judgeWrites([write('one', '/a', 600), write('two', '/b', 600), write('one', '/c', 600)], {
      reserveBytes: 512,
      warnFreeBytes: 0,
    });
    expect(needs.map(({ volume: { id }, needBytes, verdict }) => ({ id, needBytes, verdict }))).toEqual([
      { id: 'one', needBytes: 1200, verdict: 'refuse' },
      { id: 'two', needBytes: 600, verdict: 'ok' },
    ]);
  });

  it('has nothing to say of nothing', () => expect(judgeWrites([], limits)).toEqual([]));
});
