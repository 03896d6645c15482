import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How many processors share the work. */
export const processors = cpus().length;

/** A measurement is disturbed when other programs used more than this share of the machine. */
export const disturbedShare = 0.05;

const lookMs = 1000;

/** The time that all processors together have been busy since the system started. */
export function busyMs(): number {
  return cpus().reduce((total, { times }) => total + times.user + times.nice + times.sys + times.irq, 0);
}

/** Waits until other programs let the machine be, or the time is over. */
export async function waitForQuiet(limitMs: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (performance.now() < untilMs) {
    const busyBeforeMs = busyMs();
    const lookedMs = performance.now();
    await sleep(lookMs, undefined, { signal });
    if ((busyMs() - busyBeforeMs) / (performance.now() - lookedMs) / processors <= disturbedShare) return;
  }
}
