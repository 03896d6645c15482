import { matchQuery, type Query, type QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { EngineEvent } from '../electron/domain/engine-event.ts';
import { isRunEvent } from '../electron/domain/engine-event.ts';
import { foldRun, type LiveRun } from '../electron/domain/run-event.ts';
import { client, engine } from './client.ts';
import { sleep } from './clock.ts';
import { type Failure, failureOf } from './failure.ts';

/** What the window knows from the engine's events. */
interface Live {
  /** Runs, restores and proofs under way, and those that ended while the window was open, by their ids. */
  readonly runs: ReadonlyMap<string, LiveRun>;
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
export function useLiveRuns(): ReadonlyMap<string, LiveRun> {
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
  for (;;) {
    try {
      const events = await client.engine.events();
      const underWay = await client.runs.live();
      change({ runs: new Map([...live.runs, ...underWay.map((run) => [run.runId, run] as const)]), silence: null });
      await queries.invalidateQueries();
      for await (const event of events) take(event, queries);
      change({ silence: failureOf(new Error('the stream ended')) });
    } catch (error) {
      change({ silence: failureOf(error) });
    }
    await sleep(tryAgainMs);
  }
}

/** For these the engine asks disks, databases and Google; nothing of that is another before a run has ended. */
const dear = [engine.engine.diskGuard.key(), engine.destinations.inspect.key()];

function isDear(query: Query): boolean {
  return dear.some((queryKey) => matchQuery({ queryKey }, query));
}

function take(event: EngineEvent, queries: QueryClient): void {
  if (isRunEvent(event)) {
    const next = foldRun(live.runs.get(event.runId) ?? null, event);
    if (next !== null) change({ runs: new Map(live.runs).set(event.runId, next) });
  }
  switch (event.type) {
    case 'run-finished':
    case 'settings-changed':
    case 'settings-refused':
      // What a run changes is seen on every page.
      void queries.invalidateQueries();
      break;
    case 'run-started':
    case 'items-queued':
    case 'notification':
      void queries.invalidateQueries({ predicate: (query) => !isDear(query) });
      break;
    case 'step-started':
    case 'step-finished':
    case 'step-failed':
      void queries.invalidateQueries({ queryKey: engine.runs.key() });
      break;
    case 'step-progress':
    case 'warning':
      break;
  }
}
