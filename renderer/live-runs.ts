import { foldRun, type LiveRun, type RunEvent } from '../electron/domain/run-event.ts';

/** Runs, restores and proofs that the window has seen, by their ids. */
export type SeenRuns = ReadonlyMap<string, LiveRun>;

/** So many that have ended are kept, for whoever looks at one just then: a window may be open for months. */
const maxEnded = 20;

/** What is known after an event. Pure. */
export function foldSeen(runs: SeenRuns, event: RunEvent): SeenRuns {
  const next = foldRun(runs.get(event.runId) ?? null, event);
  if (next === null) return runs;
  const seen = new Map(runs).set(event.runId, next);
  return event.type === 'run-finished' ? withoutOldest(seen) : seen;
}

/** What is known once the engine says what is under way: what it does not name has ended unseen, and is not known any more. Pure. */
export function meetEngine(runs: SeenRuns, underWay: readonly LiveRun[]): SeenRuns {
  const ended = [...runs].filter(([, { status }]) => status !== 'running');
  return new Map([...ended, ...underWay.map((run) => [run.runId, run] as const)]);
}

function withoutOldest(runs: SeenRuns): SeenRuns {
  const ended = [...runs].flatMap(([id, { status }]) => (status === 'running' ? [] : id));
  const old = new Set(ended.slice(0, -maxEnded));
  return new Map([...runs].filter(([id]) => !old.has(id)));
}
