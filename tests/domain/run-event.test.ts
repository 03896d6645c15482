import { describe, expect, it } from 'vitest';
import { foldLive, foldRun, type LiveRun, type RunEvent } from '../../electron/domain/run-event.ts';

const error = { code: 'disk-full', message: 'the disk is full' } as const;
const started: RunEvent = { type: 'run-started', runId: 'run-1', job: 'notes', trigger: 'manual', atMs: 0 };
const step = (name: 'check' | 'compress' | 'send', atMs: number, label: string = name): RunEvent => ({
  type: 'step-started',
  runId: 'run-1',
  step: name,
  label,
  atMs,
});
const fold = (...events: readonly RunEvent[]) => events.reduce<LiveRun | null>(foldRun, null);

describe('foldRun', () => {
  it('begins a run with nothing but its name', () => {
    expect(fold(started)).toEqual({ runId: 'run-1', job: 'notes', status: 'running', steps: [], warnings: [] });
  });

  it('tells overlapping steps apart, each with its latest progress and its end', () => {
    const events: RunEvent[] = [
      step('check', 1),
      step('compress', 2),
      { type: 'step-progress', runId: 'run-1', step: 'compress', atMs: 3, doneBytes: 5, totalBytes: 10 },
      { type: 'step-progress', runId: 'run-1', step: 'compress', atMs: 4, doneBytes: 7, totalBytes: 10 },
      { type: 'step-finished', runId: 'run-1', step: 'check', atMs: 5, facts: { pages: 3 } },
    ];
    expect(fold(started, ...events)?.steps).toEqual([
      { step: 'check', label: 'check', startedAtMs: 1, endedAtMs: 5 },
      { step: 'compress', label: 'compress', startedAtMs: 2, progress: { doneBytes: 7, totalBytes: 10 } },
    ]);
  });

  it('changes the last of two steps of one name', () => {
    const events: RunEvent[] = [
      step('send', 1, 'Sending to usb'),
      { type: 'step-failed', runId: 'run-1', step: 'send', atMs: 2, error },
      step('send', 3, 'Sending to nas'),
      { type: 'step-finished', runId: 'run-1', step: 'send', atMs: 4, facts: {} },
    ];
    expect(fold(started, ...events)?.steps).toEqual([
      { step: 'send', label: 'Sending to usb', startedAtMs: 1, endedAtMs: 2, failed: error },
      { step: 'send', label: 'Sending to nas', startedAtMs: 3, endedAtMs: 4 },
    ]);
  });

  it('collects warnings and ends with the status and the error', () => {
    const events: RunEvent[] = [
      { type: 'warning', runId: 'run-1', message: 'first', atMs: 1 },
      { type: 'warning', runId: 'run-1', message: 'second', atMs: 2 },
      { type: 'run-finished', runId: 'run-1', status: 'failed', atMs: 3, error },
    ];
    expect(fold(started, ...events)).toEqual({
      runId: 'run-1',
      job: 'notes',
      status: 'failed',
      steps: [],
      warnings: ['first', 'second'],
      error,
    });
  });

  it.each<RunEvent>([
    { type: 'step-started', runId: 'run-2', step: 'send', label: 'send', atMs: 1 },
    { type: 'step-progress', runId: 'run-2', step: 'send', atMs: 1, doneBytes: 1, totalBytes: 2 },
    { type: 'warning', runId: 'run-2', message: 'not ours', atMs: 1 },
    { type: 'run-finished', runId: 'run-2', status: 'failed', atMs: 1 },
  ])('leaves a run as it is, and nothing as nothing, for a $type of another run', (event) => {
    const run = fold(started, step('send', 1));
    expect([foldRun(run, event), foldRun(null, event)]).toEqual([run, null]);
  });

  it('never changes the state that it was given', () => {
    const run = fold(started, step('send', 1));
    const before = structuredClone(run);
    foldRun(run, { type: 'step-finished', runId: 'run-1', step: 'send', atMs: 2, facts: {} });
    foldRun(run, { type: 'warning', runId: 'run-1', message: 'more', atMs: 3 });
    expect(run).toEqual(before);
  });
});

describe('foldLive', () => {
  const live = (...events: readonly RunEvent[]) => events.reduce<readonly LiveRun[]>(foldLive, []);
  const other: RunEvent = { ...started, runId: 'run-2', job: 'mail' };

  it('has every run that is under way as its own events tell it, in the order in which they began', () => {
    const runs = live(started, other, step('check', 1), { type: 'warning', runId: 'run-2', message: 'hot', atMs: 2 });
    expect(runs).toEqual([
      { runId: 'run-1', job: 'notes', status: 'running', steps: [{ step: 'check', label: 'check', startedAtMs: 1 }], warnings: [] },
      { runId: 'run-2', job: 'mail', status: 'running', steps: [], warnings: ['hot'] },
    ]);
  });

  it('forgets a run that has ended, and what comes of it afterwards', () => {
    const ended: RunEvent = { type: 'run-finished', runId: 'run-1', status: 'succeeded', atMs: 3 };
    expect(live(started, other, ended, step('check', 4)).map(({ runId }) => runId)).toEqual(['run-2']);
  });
});
