import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';

/** A clock whose waits are over at once; they are added up. */
export interface HurryingClock extends Clock {
  /** All that was waited, in milliseconds. */
  readonly waitedMs: number;
}

export function hurryingClock(): HurryingClock {
  let waitedMs = 0;
  return {
    ...systemClock,
    get waitedMs() {
      return waitedMs;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waitedMs += ms;
    },
  };
}
