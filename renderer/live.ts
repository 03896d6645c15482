import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { EngineEvent } from '../electron/domain/engine-event.ts';
import { isRunEvent } from '../electron/domain/engine-event.ts';
import type { LiveRun } from '../electron/domain/run-event.ts';
import { client } from './client.ts';
import { sleep } from './clock.ts';
import { type Failure, failureOf } from './failure.ts';
import { foldSeen, meetEngine, type SeenRuns } from './live-runs.ts';
import { type Old, startRefreshing } from './refresh.ts';

/** What the window knows from the engine's events. */
interface Live {
  /** Those under way, and the last that ended while the window was open. */
  readonly runs: SeenRuns;
  /** Why the engine does not answer; `null` while it does. */
  readonly silence: Failure | null;
}

let live: Live = { runs: new Map(), silence: null };
const listeners = new Set<() => void>();

function change(next: Partial<Live>): void {
  live = { ...live, ...next };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The runs that the window has seen, by their ids. */
export function useLiveRuns(): SeenRuns {
  return useSyncExternalStore(subscribe, () => live.runs);
}

/** The run of a job that is under way; `null` where none is. */
export function useRunningRun(job: string): LiveRun | null {
  const runs = useLiveRuns();
  return [...runs.values()].find((run) => run.job === job && run.status === 'running') ?? null;
}

/** Why the engine does not answer; `null` while it does. */
export function useSilence(): Failure | null {
  return useSyncExternalStore(subscribe, () => live.silence);
}

const tryAgainMs = 2000;

/**
 * Follows the engine as long as the window is open: one stream of events, from which the live runs are folded and which says what was
 * read before is old now. Where the stream breaks off it is opened again, and everything is read anew.
 */
export async function followEngine(queries: QueryClient): Promise<never> {
  const refresh = startRefreshing(queries);
  for (;;) {
    try {
      const events = await client.engine.events();
      const underWay = await client.runs.live();
      change({ runs: meetEngine(live.runs, underWay), silence: null });
      await queries.invalidateQueries();
      for await (const event of events) take(event, refresh);
      change({ silence: failureOf(new Error('the stream ended')) });
    } catch (error) {
      change({ silence: failureOf(error) });
    }
    await sleep(tryAgainMs);
  }
}

function take(event: EngineEvent, refresh: (old: Old) => void): void {
  if (isRunEvent(event)) change({ runs: foldSeen(live.runs, event) });
  switch (event.type) {
    case 'run-finished':
    case 'settings-changed':
    case 'settings-refused':
      // What a run changes is seen on every page.
      refresh('everything');
      break;
    case 'run-started':
    case 'items-queued':
    case 'notification':
      refresh('what costs nothing');
      break;
    case 'step-started':
    case 'step-finished':
    case 'step-failed':
      refresh('runs');
      break;
    case 'step-progress':
    case 'warning':
      break;
  }
}
