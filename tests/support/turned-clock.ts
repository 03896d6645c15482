import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';

/** A clock whose waits last until a test lets them pass, and whose time stands still in between. */
export interface TurnedClock extends Clock {
  /** Resolves when somebody waits for this long. */
  waiting(ms: number): Promise<void>;
  /** Lets every wait of these lengths pass, those under way and those to come. */
  hurry(...lengthsMs: readonly number[]): void;
  /** Calls what is called from time to time, whatever its interval. */
  tick(): void;
}

interface Wait {
  readonly ms: number;
  readonly end: () => void;
}

export function turnedClock(startMs: number = systemClock.now()): TurnedClock {
  const waits = new Set<Wait>();
  const regular = new Set<() => void>();
  const hurried = new Set<number>();
  let nowMs = startMs;
  let begun = Promise.withResolvers<void>();

  const wait = (ms: number, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const one: Wait = {
        ms,
        end: () => {
          waits.delete(one);
          nowMs += ms;
          resolve();
        },
      };
      const stop = () => {
        waits.delete(one);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      waits.add(one);
      begun.resolve();
      begun = Promise.withResolvers();
    });

  return {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      if (!hurried.has(ms)) return wait(ms, signal);
      nowMs += ms;
      await setImmediate();
      signal?.throwIfAborted();
    },
    every: (_, act) => {
      regular.add(act);
      return () => void regular.delete(act);
    },
    waiting: async (ms) => {
      while (![...waits].some((one) => one.ms === ms)) await begun.promise;
    },
    hurry: (...lengthsMs) => {
      for (const ms of lengthsMs) hurried.add(ms);
      for (const one of [...waits]) if (hurried.has(one.ms)) one.end();
    },
    tick: () => {
      for (const act of regular) act();
    },
  };
}
