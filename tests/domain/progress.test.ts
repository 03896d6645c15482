import { describe, expect, it } from 'vitest';
import { paceOf } from '../../electron/domain/progress.ts';

describe('paceOf', () => {
  it.each([
    ['the average rate and the time left', 2_000_000, 10_000_000, 2000, { bytesPerSecond: 1_000_000, secondsLeft: 8 }],
    ['a started second as a whole one', 1000, 1001, 1000, { bytesPerSecond: 1000, secondsLeft: 1 }],
    ['no time left before half a second', 1000, 10_000, 499, { bytesPerSecond: 2004 }],
    ['a time left from half a second on', 1000, 10_000, 500, { bytesPerSecond: 2000, secondsLeft: 5 }],
    ['no rate before any time passed', 1000, 10_000, 0, { bytesPerSecond: 0 }],
    ['no rate where the clock went back', 1000, 10_000, -5, { bytesPerSecond: 0 }],
    ['no time left while nothing is done', 0, 10_000, 60_000, { bytesPerSecond: 0 }],
    ['nothing left at the end', 10_000, 10_000, 1000, { bytesPerSecond: 10_000, secondsLeft: 0 }],
    ['nothing left where more came than was planned', 12_000, 10_000, 1000, { bytesPerSecond: 12_000, secondsLeft: 0 }],
  ])('gives %s', (_, doneBytes, totalBytes, elapsedMs, pace) => {
    expect(paceOf({ doneBytes, totalBytes }, elapsedMs)).toEqual({ doneBytes, totalBytes, ...pace });
  });
});
