import { BackupError } from '../../domain/errors.ts';
import type { Clock } from '../ports.ts';

/** Gives `work` a signal that fires after `limitMs`, with `timed-out` as its reason, or when `signal` does. */
export async function withinLimit<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  clock.sleep(limitMs, done.signal).then(
    () => late.abort(new BackupError('timed-out', `it took longer than ${limitMs / 1000} s`, { retryable: true })),
    () => {}, // It was done first.
  );
  try {
    return await work(signal ? AbortSignal.any([signal, late.signal]) : late.signal);
  } finally {
    done.abort();
  }
}
