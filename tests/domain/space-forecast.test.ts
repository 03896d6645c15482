import { describe, expect, it } from 'vitest';
import { forecastSpace } from '../../electron/domain/space-forecast.ts';

const dayMs = 86_400_000;
const sample = (day: number, freeBytes: number) => ({ atMs: day * dayMs, freeBytes, totalBytes: 1000 });
const daysLeft = (...samples: ReturnType<typeof sample>[]) => forecastSpace('usb', samples, 100)?.daysLeft;

describe('a forecast of free space', () => {
  it('is none without a sample, and has the newest one', () => {
    expect(forecastSpace('usb', [], 0)).toBeNull();
    expect(forecastSpace('usb', [sample(2, 300), sample(0, 500)], 100)).toEqual({ place: 'usb', ...sample(2, 300), daysLeft: 2 });
  });

  it.each([
    ['is not told from one sample', [sample(0, 500)], null],
    ['is not told from one day', [sample(0.9, 400), sample(0, 500)], null],
    ['is never where the place does not fill', [sample(5, 500), sample(0, 500)], null],
    ['is never where it gets emptier', [sample(5, 600), sample(0, 500)], null],
    ['is whole days down to the reserve', [sample(4, 250), sample(2, 400), sample(0, 450)], 3],
    ['is 0 where only the reserve is left', [sample(4, 90), sample(0, 500)], 0],
  ] as const)('%s', (_, samples, days) => expect(daysLeft(...samples)).toBe(days));
});
