import { type EngineEvent, isRunEvent } from '../domain/engine-event.ts';
import type { EngineInfo } from '../domain/engine-info.ts';
import { BackupError } from '../domain/errors.ts';
import type { RunEvent } from '../domain/run-event.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineHost } from './engine-host.ts';
import { EventQueue, type Told } from './event-queue.ts';

/**
 * Does an engine's work while telling what happens in it, and nothing of what others do meanwhile; returns what the work resolves to.
 * The work is aborted where the signal fires, or where the reader stops early, and has ended when this has.
 */
export function observe<T>(
  host: EngineHost,
  signal: AbortSignal | undefined,
  work: (engine: Engine, signal: AbortSignal) => Promise<T>,
): AsyncGenerator<RunEvent, T, void> {
  const engine = host.engine();
  return relay<RunEvent, T>(host, signal, (tell, until) => {
    const emit = (event: EngineEvent) => {
      engine.emit(event);
      if (isRunEvent(event)) tell(event);
    };
    return work({ ...engine, emit }, until);
  });
}

/** Does work while passing on what it tells; otherwise as `observe`. */
export async function* relay<E extends Told, T>(
  host: EngineHost,
  signal: AbortSignal | undefined,
  work: (tell: (event: E) => void, signal: AbortSignal) => Promise<T>,
): AsyncGenerator<E, T, void> {
  const events = new EventQueue<E>();
  const stop = new AbortController();
  const outcome = host.keep(work((event) => events.push(event), AbortSignal.any([stop.signal, ...(signal ? [signal] : [])])));
  outcome.catch(() => {}).finally(() => events.end());
  try {
    yield* events.read();
    return await outcome;
  } finally {
    stop.abort(new BackupError('cancelled', 'nobody waits for it any more; nothing half-written was left behind'));
    await outcome.catch(() => {});
  }
}

/** Everything that the engine tells from now on, until the signal fires or the host ends. */
export function listen(host: EngineHost, signal: AbortSignal | undefined): AsyncGenerator<EngineEvent, void, void> {
  const events = new EventQueue<EngineEvent>();
  // Before it is read for the first time: what happens meanwhile is not missed.
  const stopListening = host.engine().listen((event) => events.push(event));
  const over = AbortSignal.any([host.ending, ...(signal ? [signal] : [])]);
  const end = () => {
    stopListening();
    events.end();
  };
  if (over.aborted) end();
  else over.addEventListener('abort', end, { once: true });
  return readUntil(events, end);
}

async function* readUntil(events: EventQueue<EngineEvent>, end: () => void): AsyncGenerator<EngineEvent, void, void> {
  try {
    yield* events.read();
  } finally {
    end();
  }
}

/**
 * Tells a client who the engine is, and keeps the host from ending until the client is gone, or has done nothing for some seconds of the
 * end. Throws `home-busy` where it is ending.
 */
export function attach(host: EngineHost, info: EngineInfo, signal: AbortSignal | undefined): AsyncGenerator<EngineInfo, void, void> {
  host.ending.throwIfAborted();
  const gone = Promise.withResolvers<void>();
  if (signal?.aborted) gone.resolve();
  signal?.addEventListener('abort', () => gone.resolve(), { once: true });
  return stay(info, gone, host.attach(gone.promise));
}

async function* stay(info: EngineInfo, gone: PromiseWithResolvers<void>, left: Promise<void>): AsyncGenerator<EngineInfo, void, void> {
  try {
    yield info;
    await left;
  } finally {
    gone.resolve();
  }
}

/** The signal of a request, or one that never fires. */
export function orNever(signal: AbortSignal | undefined): AbortSignal {
  return signal ?? new AbortController().signal;
}
