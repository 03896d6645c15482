import { useSyncExternalStore } from 'react';

/** The only place of the window that reads a clock or waits. */
const listeners = new Set<() => void>();
const everyMs = 1000;
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, everyMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present in milliseconds since the epoch, for showing; `stepMs` says how exact it need be: a part is drawn anew once in so long. */
export function useNow(stepMs = 60_000): number {
  return useSyncExternalStore(subscribe, () => Math.floor(nowMs / stepMs) * stepMs);
}

/** The present, for what is not drawn. */
export function now(): number {
  return Date.now();
}

/** Resolves after so long. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The person's own time zone. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
