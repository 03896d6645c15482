import { useEffect, useSyncExternalStore } from 'react';
import type { RestoreOutcome, VerifyOutcome } from '../../../electron/domain/outcomes.ts';
import { foldRun, type LiveRun, type RunEvent } from '../../../electron/domain/run-event.ts';
import { type Failure, failureOf } from '../../failure.ts';

/** A restore or a proof that this window has asked for, from its start to what came of it. */
export type Activity<T> = {
  /** What it does; `null` before its first event. */
  readonly run: LiveRun | null;
} & (
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly outcome: T }
  | { readonly status: 'failed' | 'cancelled'; readonly failure: Failure }
);

interface Stream<T> {
  next(): Promise<IteratorResult<RunEvent, T>>;
}

/** Activities by their keys. Those under way outlive the part of the page that shows them: going elsewhere in the window ends none. */
function keepActivities<T>() {
  let activities: ReadonlyMap<string, Activity<T>> = new Map();
  const listeners = new Set<() => void>();
  const put = (key: string, activity: Activity<T> | null) => {
    const next = new Map(activities);
    if (activity === null) next.delete(key);
    else next.set(key, activity);
    activities = next;
    for (const listener of listeners) listener();
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  const follow = async (key: string, open: () => Promise<Stream<T>>) => {
    let run: LiveRun | null = null;
    try {
      const stream = await open();
      for (;;) {
        const next = await stream.next();
        if (next.done) return put(key, { status: 'done', run, outcome: next.value });
        run = foldRun(run, next.value);
        put(key, { status: 'running', run });
      }
    } catch (error) {
      const failure = failureOf(error);
      put(key, { status: failure.code === 'cancelled' ? 'cancelled' : 'failed', run, failure });
    }
  };

  return {
    /** Begins one, in the place of a former one of this key that is over. */
    begin: (key: string, open: () => Promise<Stream<T>>) => {
      if (activities.get(key)?.status === 'running') return;
      put(key, { status: 'running', run: null });
      void follow(key, open);
    },
    /** Forgets one that is over. */
    dismiss: (key: string) => put(key, null),
    /** The one of this key; `null` where there is none. One that is over is forgotten when it is not shown any more. */
    use: (key: string) => {
      useEffect(
        () => () => {
          if (activities.get(key)?.status !== 'running') put(key, null);
        },
        [key],
      );
      return useSyncExternalStore(subscribe, () => activities.get(key) ?? null);
    },
  };
}

export const restores = keepActivities<RestoreOutcome>();
export const proofs = keepActivities<VerifyOutcome>();
