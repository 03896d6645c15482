import { disturbedShare, waitForQuiet } from './quiet.ts';

/** What a bench does about a machine that others use as well, without going on for ever where they never stop. */
export interface Patience {
  /** Waits for a quiet machine, as long as the patience lasts. */
  waitForQuiet(signal: AbortSignal): Promise<void>;
  /** Whether a measurement during which others used this share of the machine is made again after so many attempts. */
  isMadeAgain(othersShare: number, attempts: number): boolean;
}

/** Of a single measurement, and of all together. */
export interface PatienceLimits {
  readonly waitMs: number;
  readonly attempts: number;
  readonly allWaitsMs: number;
  readonly allRepeats: number;
}

export function startPatience({ waitMs, attempts, allWaitsMs, allRepeats }: PatienceLimits): Patience {
  let waitLeftMs = allWaitsMs;
  let repeatsLeft = allRepeats;
  return {
    waitForQuiet: async (signal) => {
      const startedMs = performance.now();
      await waitForQuiet(Math.min(waitMs, waitLeftMs), signal);
      waitLeftMs = Math.max(0, waitLeftMs - (performance.now() - startedMs));
    },
    isMadeAgain: (othersShare, made) => othersShare > disturbedShare && made < attempts && repeatsLeft-- > 0,
  };
}
