import type { Clock } from '../ports.ts';
import { sqliteCodeOf } from './sqlite-errors.ts';

/** How long one attempt may block: a worker has to notice in between that its parent is gone. */
export const attemptMs = 250;

/** Repeats an attempt that finds the database locked until it does not, or until `lockWaitMs` are over; then throws what it threw. */
export async function whenUnlocked<T>(clock: Clock, lockWaitMs: number, attempt: () => T): Promise<T> {
  const untilMs = clock.now() + lockWaitMs;
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (!/^SQLITE_(BUSY|LOCKED)/.test(sqliteCodeOf(error)) || clock.now() >= untilMs) throw error;
      await clock.sleep(10);
    }
  }
}
