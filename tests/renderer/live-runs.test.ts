import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../electron/domain/run-event.ts';
import { foldSeen, meetEngine, type SeenRuns } from '../../renderer/live-runs.ts';

const started = (runId: string): RunEvent => ({ type: 'run-started', runId, job: 'notes', trigger: 'schedule', atMs: 1 });
const finished = (runId: string): RunEvent => ({ type: 'run-finished', runId, status: 'succeeded', atMs: 2 });

function seen(events: readonly RunEvent[], from: SeenRuns = new Map()): SeenRuns {
  return events.reduce(foldSeen, from);
}

describe('the runs that the window has seen', () => {
  it('are those under way and the last that have ended, in a window that is open for months', () => {
    const minutely = Array.from({ length: 5000 }, (_, index) => [started(`run-${index}`), finished(`run-${index}`)]).flat();
    const runs = seen([started('run-long'), ...minutely]);
    expect(runs.size).toBe(21);
    expect([runs.get('run-long')?.status, runs.get('run-4999')?.status, runs.has('run-4979')]).toEqual(['running', 'succeeded', false]);
  });

  it('stay as they are after an event of a run whose beginning was not seen', () => {
    const runs = seen([started('run-1')]);
    expect(foldSeen(runs, finished('run-2'))).toBe(runs);
  });

  it('are under way no more where the engine, met again, does not know of them', () => {
    const [former] = [...seen([started('run-2')]).values()];
    const runs = meetEngine(seen([started('run-0'), finished('run-0'), started('run-1')]), former === undefined ? [] : [former]);
    expect([...runs].map(([id, { status }]) => [id, status])).toEqual([
      ['run-0', 'succeeded'],
      ['run-2', 'running'],
    ]);
  });
});
