import { BackupError } from '../domain/errors.ts';
import { echoMs } from '../engine/platform/ctrl-c.ts';
import type { Clock } from '../engine/ports.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** What tells a process to stop: `process`. */
export interface SignalSource {
  on(signal: (typeof signals)[number], listener: () => void): unknown;
  removeListener(signal: (typeof signals)[number], listener: () => void): unknown;
}

export interface StopSignals {
  /** Fires on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Leaves signals to what they do to every process. */
  close(): void;
}

/** Takes the first signal for a wish to stop at the next safe point; a later one ends the process in the ordinary way. */
export function listenForStop(source: SignalSource, clock: Clock): StopSignals {
  const stop = new AbortController();
  const over = new AbortController();
  const leave = () => {
    for (const signal of signals) source.removeListener(signal, onSignal);
  };
  function onSignal(): void {
    if (stop.signal.aborted) return;
    stop.abort(new BackupError('cancelled', 'stopped; nothing half-written was left behind'));
    // Left to the system once its echo is over, instead of told from it here: a process that has no turn for a second one ends by it too.
    clock.sleep(echoMs, over.signal).then(leave, () => {});
  }
  for (const signal of signals) source.on(signal, onSignal);
  return {
    signal: stop.signal,
    close: () => {
      over.abort();
      leave();
    },
  };
}
