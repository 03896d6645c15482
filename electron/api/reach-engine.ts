import { BackupError } from '../domain/errors.ts';
import { type Engine, openEngine } from '../engine/engine.ts';
import type { Home } from '../engine/home.ts';
import { startDeadline } from '../engine/platform/deadline.ts';
import type { Ports } from '../engine/ports.ts';
import { connectEngine, type EngineConnection } from './engine-connection.ts';

/** The engine of a data folder: opened here, or that of another process. */
export type Reached = { readonly kind: 'own'; readonly engine: Engine } | { readonly kind: 'other'; readonly connection: EngineConnection };

export interface Patience {
  /** How long to try, in milliseconds. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** How long to wait before the next attempt; a little less or more by chance, so that many do not come at once. */
const pauseMs = 100;

/**
 * Reaches the engine of a data folder. One that answers is used; where none does, the folder is opened here. One that is just beginning
 * or ending does neither for a moment, so that both are tried until the time is over. Throws `home-busy` then, at once where the other is
 * of another version, and whatever keeps the folder from being opened.
 */
export function reachEngine(home: Home, ports: Ports, { signal, withinMs }: Patience): Promise<Reached> {
  return untilOver(ports, { signal, withinMs }, async (over) => {
    const connection = await connectEngine(home, ports.program, AbortSignal.any([signal, over]));
    if (connection) return { kind: 'other', connection };
    const opened = await openUnlessBusy(home, ports);
    return opened instanceof BackupError ? opened : { kind: 'own', engine: opened };
  });
}

/** Opens the engine of a data folder as soon as no other one holds it. Throws `home-busy` after the time, and whatever keeps it from being opened. */
export function openWhenFree(home: Home, ports: Ports, patience: Patience): Promise<Engine> {
  return untilOver(ports, patience, () => openUnlessBusy(home, ports));
}

/** Tries again and again, until it is something else than an error, or the time is over. */
async function untilOver<T>(
  { clock, ids }: Ports,
  { signal, withinMs }: Patience,
  attempt: (over: AbortSignal) => Promise<T | BackupError>,
): Promise<T> {
  const over = startDeadline(clock, withinMs, () => new BackupError('timed-out', 'the time to reach an engine is over'));
  try {
    for (;;) {
      signal.throwIfAborted();
      const result = await attempt(over.signal);
      if (!(result instanceof BackupError)) return result;
      if (over.signal.aborted) throw result;
      await clock.sleep(pauseMs * (0.5 + ids.fraction()), signal);
    }
  } finally {
    over.stop();
  }
}

async function openUnlessBusy(home: Home, ports: Ports): Promise<Engine | BackupError> {
  try {
    return await openEngine(home, ports);
  } catch (error) {
    if (error instanceof BackupError && error.code === 'home-busy') return error;
    throw error;
  }
}
