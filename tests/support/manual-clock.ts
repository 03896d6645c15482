import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';

interface Sleeper {
  readonly ms: number;
  atMs: number;
  readonly wake: () => void;
}

/** A clock that only a test moves. */
export class ManualClock implements Clock {
  readonly every = systemClock.every;
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers: (() => void)[] = [];
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { ms, atMs: this.#nowMs + ms, wake: resolve };
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#sleepers.add(sleeper);
    for (const watcher of this.#watchers.splice(0)) watcher();
    return promise.finally(() => {
      this.#sleepers.delete(sleeper);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** The machine sleeps, or its clock is set: waits go on afterwards where they were, as timers do. */
  jump(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of this.#sleepers) sleeper.atMs += ms;
  }

  /** Resolves when somebody waits for at most so long: who looks at the clock has looked. */
  async asleep(atMostMs: number): Promise<void> {
    await nextTurn();
    while (![...this.#sleepers].some(({ ms }) => ms <= atMostMs)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.push(resolve);
      await promise;
    }
  }

  /** Lets time pass while the machine is awake: each wait ends at its time, and is followed by whatever comes of it at once. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      let next: Sleeper | undefined;
      for (const sleeper of this.#sleepers) if (sleeper.atMs <= endMs && (next === undefined || sleeper.atMs < next.atMs)) next = sleeper;
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#sleepers.delete(next);
      next.wake();
      await nextTurn();
    }
    this.#nowMs = endMs;
  }
}
