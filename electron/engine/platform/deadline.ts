import type { Clock } from '../ports.ts';

/** A signal that fires at some time, unless it is stopped before. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Lets it fire now, for another reason. */
  fire(reason: unknown): void;
  /** Lets it never fire by itself. */
  stop(): void;
}

/** Starts a deadline that fires after `ms`, with the reason that `why` gives then. */
export function startDeadline(clock: Clock, ms: number, why: () => unknown): Deadline {
  const controller = new AbortController();
  const stopped = new AbortController();
  clock.sleep(ms, stopped.signal).then(
    () => controller.abort(why()),
    () => {}, // It was stopped first.
  );
  return { signal: controller.signal, fire: (reason) => controller.abort(reason), stop: () => stopped.abort() };
}
