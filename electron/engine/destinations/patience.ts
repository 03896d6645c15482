import { nextWaitMs } from '../../domain/backoff.ts';
import { BackupError } from '../../domain/errors.ts';
import { formatDuration } from '../../domain/units.ts';
import type { Clock, Ids, Log } from '../ports.ts';

/** How often, and how long in all, something is tried again. */
export interface PatienceLimits {
  /** Attempts without progress. */
  readonly attempts: number;
  /** All waits together, progress or not: a wall that arrives as a rate limit must end too. */
  readonly totalWaitMs: number;
}

/** What is left of the readiness to try again, over a whole call or a whole upload. */
export interface Patience {
  /** Waits for the next attempt after `error`, or throws it where enough was tried. Rejects with the signal's reason. */
  await(error: unknown, signal?: AbortSignal): Promise<void>;
  /** Something got on: the attempts are counted anew, the waits are not. */
  renew(): void;
}

/** For a transfer that has something to lose: two minutes without progress, half an hour of waits in all. */
export const transferPatience: PatienceLimits = { attempts: 8, totalWaitMs: 30 * 60_000 };

/** For a single request: a person who is offline learns of it within half a minute. */
export const requestPatience: PatienceLimits = { attempts: 6, totalWaitMs: 5 * 60_000 };

/** Where each wait is told with its cause (S1-64). */
export interface PatienceTools {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Begins with all patience there is. A service's own demand to wait (`details.retryAfterMs` of the error) is honoured. */
export function startPatience({ clock, ids, log }: PatienceTools, limits: PatienceLimits): Patience {
  let failures = 0;
  let waitedMs = 0;
  return {
    await: async (error, signal) => {
      signal?.throwIfAborted();
      if (!(error instanceof BackupError) || !error.retryable || ++failures >= limits.attempts) throw error;
      const { retryAfterMs } = error.details;
      const waitMs = nextWaitMs(failures, ids.fraction(), typeof retryAfterMs === 'number' ? retryAfterMs : undefined);
      waitedMs += waitMs;
      if (waitedMs > limits.totalWaitMs) throw error;
      log.info(`attempt ${failures} of ${limits.attempts} failed, the next one is in ${formatDuration(waitMs)}: ${error.message}`);
      await clock.sleep(waitMs, signal);
    },
    renew: () => {
      failures = 0;
    },
  };
}
