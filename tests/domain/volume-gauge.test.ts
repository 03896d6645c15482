import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedWrite, Volume } from '../../electron/domain/disk-guard.ts';
import { gaugeVolumes, type PlannedRun } from '../../electron/domain/volume-gauge.ts';

const limits = { reserveBytes: 100, warnFreeBytes: 300 };
const disk: Volume = { id: 'disk', path: '/', freeBytes: 1000, totalBytes: 5000 };
const usb: Volume = { id: 'usb', path: '/usb', freeBytes: 500, totalBytes: 800 };
const write = (volume: Volume, bytes: number, what = 'copy'): PlannedWrite => ({ volume, what, bytes });

describe('the gauges of volumes', () => {
  it('are none where nothing is written', () => {
    expect(gaugeVolumes([], limits, [{ volumeId: 'disk', daysLeft: 3 }])).toEqual([]);
  });

  it('add up what each run writes on a volume, judge each run by itself, and show the worst; those in need come first', () => {
    const runs: PlannedRun[] = [
      { job: 'notes', writes: [write(disk, 300), write(disk, 50, 'snapshot'), write(usb, 450)] },
      { job: 'mail', writes: [write(disk, 800)] },
    ];
    expect(gaugeVolumes(runs, limits, [])).toEqual([
      {
        ...{ path: '/usb', freeBytes: 500, totalBytes: 800, ...limits, verdict: 'refuse', daysLeft: null },
        next: [{ job: 'notes', needBytes: 450, freeAfterBytes: 50, verdict: 'refuse', writes: [{ what: 'copy', bytes: 450 }] }],
      },
      {
        ...{ path: '/', freeBytes: 1000, totalBytes: 5000, ...limits, verdict: 'warn', daysLeft: null },
        next: [
          {
            ...{ job: 'notes', needBytes: 350, freeAfterBytes: 650, verdict: 'ok' },
            writes: [
              { what: 'copy', bytes: 300 },
              { what: 'snapshot', bytes: 50 },
            ],
          },
          { job: 'mail', needBytes: 800, freeAfterBytes: 200, verdict: 'warn', writes: [{ what: 'copy', bytes: 800 }] },
        ],
      },
    ]);
  });

  it.each([
    ['nothing is known', [], null],
    ['only of another volume', [{ volumeId: 'usb', daysLeft: 1 }], null],
    ['it does not fill', [{ volumeId: 'disk', daysLeft: null }], null],
    [
      'several places on it fill: the first to be full',
      [
        { volumeId: 'disk', daysLeft: 9 },
        { volumeId: 'disk', daysLeft: 4 },
        { volumeId: 'disk', daysLeft: null },
      ],
      4,
    ],
  ])('last as long as the places on them where %s', (_, paces, daysLeft) => {
    expect(gaugeVolumes([{ job: 'notes', writes: [write(disk, 1)] }], limits, paces)[0]?.daysLeft).toBe(daysLeft);
  });

  it('lose no byte and no job', () => {
    const writes = fc.array(
      fc.tuple(fc.constantFrom(disk, usb), fc.nat(2000)).map(([volume, bytes]) => write(volume, bytes)),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(fc.array(writes), (lists) => {
        const runs = lists.map((list, index) => ({ job: `job-${index}`, writes: list }));
        const gauges = gaugeVolumes(runs, limits, []);
        const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
        const needs = gauges.flatMap(({ next }) => next);
        expect(sumOf(needs.map(({ needBytes }) => needBytes))).toBe(sumOf(lists.flat().map(({ bytes }) => bytes)));
        expect(new Set(needs.map(({ job }) => job)).size).toBe(runs.length);
        for (const { freeBytes, next, verdict } of gauges) {
          const left = Math.min(...next.map(({ needBytes }) => freeBytes - needBytes));
          expect([verdict === 'refuse', verdict === 'ok']).toEqual([left < limits.reserveBytes, left >= limits.warnFreeBytes]);
        }
      }),
    );
  });
});
