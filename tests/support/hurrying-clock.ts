import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';

/** A clock whose waits are over at once; they are added up. */
export interface HurryingClock extends Clock {
  /** All that was waited, in milliseconds. */
  readonly waitedMs: number;
}

/** What is longer than any wait for another attempt is the limit of a run, and that is not reached. */
const longestWaitMs = 2 * 3_600_000;

export function hurryingClock(): HurryingClock {
  let waitedMs = 0;
  return {
    ...systemClock,
    get waitedMs() {
      return waitedMs;
    },
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      if (ms > longestWaitMs) return systemClock.sleep(ms, signal);
      waitedMs += ms;
    },
  };
}
