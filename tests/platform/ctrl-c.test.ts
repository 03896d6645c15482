import { expect, it } from 'vitest';
import { echoMs, tellFromEcho } from '../../electron/engine/platform/ctrl-c.ts';

it('is one wish however often it is passed on, and another one after that', () => {
  let nowMs = 1000;
  const isWish = tellFromEcho({ now: () => nowMs });
  const after = (ms: number) => {
    nowMs += ms;
    return isWish();
  };
  expect([after(0), after(0), after(echoMs - 1), after(1), after(echoMs - 1), after(1)]).toEqual([true, false, false, true, false, true]);
});
