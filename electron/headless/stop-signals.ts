import { BackupError } from '../domain/errors.ts';
import type { Clock } from '../engine/ports.ts';

/** npm and npx pass on a Ctrl-C that the terminal has given the command already: so soon after the first, a signal is that one again. */
const echoMs = 300;
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
