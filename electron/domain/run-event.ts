import type { ErrorFacts } from './errors.ts';
import type { RunStatus, StepName, Trigger } from './model.ts';
import type { Progress } from './progress.ts';

interface RunStarted {
  readonly type: 'run-started';
  readonly runId: string;
  readonly job: string;
  readonly trigger: Trigger;
  readonly atMs: number;
}

type RunContinued =
  | { readonly type: 'step-started'; readonly runId: string; readonly step: StepName; readonly label: string; readonly atMs: number }
  | ({ readonly type: 'step-progress'; readonly runId: string; readonly step: StepName; readonly atMs: number } & Progress)
  | {
      readonly type: 'step-finished';
      readonly runId: string;
      readonly step: StepName;
      readonly atMs: number;
      readonly facts: Readonly<Record<string, string | number>>;
    }
  | { readonly type: 'step-failed'; readonly runId: string; readonly step: StepName; readonly atMs: number; readonly error: ErrorFacts }
  | { readonly type: 'warning'; readonly runId: string; readonly message: string; readonly atMs: number }
  | {
      readonly type: 'run-finished';
      readonly runId: string;
      readonly status: RunStatus;
      readonly atMs: number;
      readonly error?: ErrorFacts;
    };

/** What happens in a run or a restore, in the order it happens; every face of Nightjar shows the fold of these. */
export type RunEvent = RunStarted | RunContinued;

export interface LiveStep {
  readonly step: StepName;
  readonly label: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly progress?: Progress;
  readonly failed?: ErrorFacts;
}

/** A run as its events tell it. */
export interface LiveRun {
  readonly runId: string;
  readonly job: string;
  readonly status: RunStatus;
  readonly steps: readonly LiveStep[];
  readonly warnings: readonly string[];
  readonly error?: ErrorFacts;
}

/** Folds one event into the latest run: its start begins a new state, and what belongs to another run leaves the state as it is. */
export function foldRun(state: LiveRun | null, event: RunEvent): LiveRun | null {
  if (event.type === 'run-started') {
    return { runId: event.runId, job: event.job, status: 'running', steps: [], warnings: [] };
  }
  return state === null || state.runId !== event.runId ? state : continueRun(state, event);
}

/** The runs that are under way after an event: one that has ended is none any more. */
export function foldLive(runs: readonly LiveRun[], event: RunEvent): readonly LiveRun[] {
  if (event.type === 'run-finished') return runs.filter(({ runId }) => runId !== event.runId);
  const begun = event.type === 'run-started' ? [...runs, foldRun(null, event)] : runs.map((run) => foldRun(run, event));
  return begun.flatMap((run) => run ?? []);
}

function continueRun(state: LiveRun, event: RunContinued): LiveRun {
  switch (event.type) {
    case 'step-started':
      return { ...state, steps: [...state.steps, { step: event.step, label: event.label, startedAtMs: event.atMs }] };
    case 'step-progress':
      return changeStep(state, event.step, { progress: { doneBytes: event.doneBytes, totalBytes: event.totalBytes } });
    case 'step-finished':
      return changeStep(state, event.step, { endedAtMs: event.atMs });
    case 'step-failed':
      return changeStep(state, event.step, { endedAtMs: event.atMs, failed: event.error });
    case 'warning':
      return { ...state, warnings: [...state.warnings, event.message] };
    case 'run-finished':
      return { ...state, status: event.status, ...(event.error ? { error: event.error } : {}) };
  }
}

function changeStep(state: LiveRun, name: StepName, change: Partial<LiveStep>): LiveRun {
  const index = state.steps.findLastIndex(({ step }) => step === name);
  return { ...state, steps: state.steps.map((step, at) => (at === index ? { ...step, ...change } : step)) };
}
