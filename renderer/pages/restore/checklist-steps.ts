import type { StepName } from '../../../electron/domain/model.ts';
import type { LiveRun, LiveStep } from '../../../electron/domain/run-event.ts';

/** What will be done, before it is. */
export interface PlannedStep {
  readonly step: StepName;
  readonly label: string;
}

export interface ChecklistStep {
  readonly step: StepName;
  readonly label: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  /** As it goes, or went; `null` while it waits. */
  readonly live: LiveStep | null;
}

/**
 * The steps of a plan as far as a run has taken them. Where a copy is damaged the run begins again at another one: what it had done after
 * that step is to be done anew, and waits.
 */
export function checklistOf(plan: readonly PlannedStep[], run: LiveRun | null): readonly ChecklistStep[] {
  const taken = run?.steps ?? [];
  let from = -1;
  return plan.map(({ label, step }) => {
    const at = taken.findLastIndex((each) => each.step === step);
    const live = at > from ? taken[at] : undefined;
    if (live === undefined) return { step, label, state: 'waiting', live: null };
    from = at;
    return { step, label: live.label, state: stateOf(live), live };
  });
}

function stateOf({ endedAtMs, failed }: LiveStep): ChecklistStep['state'] {
  if (failed !== undefined) return 'failed';
  return endedAtMs === undefined ? 'running' : 'done';
}

/** A restore to a file of its own. */
export const copySteps: readonly PlannedStep[] = [
  { step: 'guard', label: 'Check the place and its space' },
  { step: 'fetch', label: 'Bring it back from where it is stored' },
  { step: 'check', label: 'Check it: integrity, and the rows of every table' },
  { step: 'publish', label: 'Put it in place under its name' },
];

/** A restore over the live database. */
export const replaceSteps: readonly PlannedStep[] = [
  { step: 'guard', label: 'Check who has it open, and the space' },
  { step: 'fetch', label: 'Bring the copy back from where it is stored' },
  { step: 'check', label: 'Check it: integrity, and the rows of every table' },
  { step: 'keep', label: 'Keep the present database beside it' },
  { step: 'swap', label: 'Replace it in one step' },
  { step: 'recheck', label: 'Check it in place, byte for byte' },
];

/** An undo of a restore over the live database. */
export const undoSteps: readonly PlannedStep[] = [
  { step: 'guard', label: 'Check who has it open, and the space' },
  { step: 'fetch', label: 'Copy the former database from where it is kept' },
  { step: 'keep', label: 'Keep the present database beside it' },
  { step: 'swap', label: 'Put the former one back in its place' },
  { step: 'recheck', label: 'Compare it byte for byte with what was kept' },
];
