import { BackupError } from '../../domain/errors.ts';
import type { Clock } from '../ports.ts';
import { startDeadline } from './deadline.ts';

/**
 * Gives `work` a signal that fires after `limitMs`, with `timed-out` as its reason or what `why` gives, or when `signal` does. Rejects with
 * that reason at once, also where the work does not heed its signal, as that of a file system that hangs: what becomes of it then is not looked at.
 */
export async function withinLimit<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
  why: () => BackupError = () => new BackupError('timed-out', `it took longer than ${limitMs / 1000} s`, { retryable: true }),
): Promise<T> {
  signal?.throwIfAborted();
  const late = startDeadline(clock, limitMs, why);
  const stop = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  const stopped = Promise.withResolvers<never>();
  const onStop = () => stopped.reject(stop.reason);
  stop.addEventListener('abort', onStop, { once: true });
  const working = async () => work(stop);
  try {
    return await Promise.race([working(), stopped.promise]);
  } finally {
    stop.removeEventListener('abort', onStop);
    late.stop();
  }
}
