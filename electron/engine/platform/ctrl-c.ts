import type { Clock } from '../ports.ts';

/**
 * Of one Ctrl-C the terminal tells every process, and npm, npx or whoever started one passes it on as well: so soon after the first, in
 * milliseconds, a signal is that one again. Longer than a busy machine takes for it: an echo that is taken for a second one ends a run at once.
 */
export const echoMs = 500;

/** Tells wishes to stop from their echoes: what it makes is true for a wish, and false for whatever comes within `echoMs` of it. */
export function tellFromEcho(clock: Pick<Clock, 'now'>): () => boolean {
  let wishedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = clock.now();
    const isEcho = nowMs - wishedAtMs < echoMs;
    if (!isEcho) wishedAtMs = nowMs;
    return !isEcho;
  };
}
