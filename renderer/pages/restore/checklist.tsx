import { Button, Progress, VisuallyHidden } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { StepName } from '../../../electron/domain/model.ts';
import type { LiveRun } from '../../../electron/domain/run-event.ts';
import { engine } from '../../client.ts';
import { useNow } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { formatProgress, formatTook } from '../../format.ts';
import { type Mark, StatusMark } from '../../parts/status-mark.tsx';
import styles from './checklist.module.css';
import { type ChecklistStep, checklistOf, type PlannedStep } from './checklist-steps.ts';
import pieces from './pieces.module.css';

const marks: Readonly<Record<ChecklistStep['state'], Mark>> = { waiting: 'unknown', running: 'running', done: 'good', failed: 'failed' };
const words: Readonly<Record<ChecklistStep['state'], string>> = {
  waiting: 'to be done',
  running: 'under way',
  done: 'done',
  failed: 'failed',
};

interface ChecklistProps {
  readonly plan: readonly PlannedStep[];
  readonly run: LiveRun | null;
  /** What is known of a step before it is taken. */
  readonly about?: Readonly<Partial<Record<StepName, ReactNode>>>;
}

/** What will happen, in order; each step is ticked when it is done. */
export function Checklist({ about = {}, plan, run }: ChecklistProps) {
  const steps = checklistOf(plan, run);
  return (
    <ol className={styles.steps} aria-label="What happens, in order">
      {steps.map((step) => (
        <Step key={step.step} step={step} about={step.state === 'waiting' ? about[step.step] : undefined} />
      ))}
    </ol>
  );
}

function Step({ about, step: { label, live, state } }: { readonly step: ChecklistStep; readonly about: ReactNode }) {
  const nowMs = useNow(1000);
  const progress = live?.progress;
  const elapsedMs = live === null ? 0 : Math.max(0, (live.endedAtMs ?? nowMs) - live.startedAtMs);
  const isMeasured = state === 'running' && progress !== undefined && progress.totalBytes > 0;
  return (
    <li className={styles.step} data-state={state}>
      <StatusMark mark={marks[state]} label={words[state]} size={14} />
      <span className={styles.label}>{label}</span>
      <span className={styles.amount}>{amountOf(state, elapsedMs)}</span>
      {isMeasured ? (
        <div className={styles.bar}>
          <Progress size="sm" color="var(--running)" value={(progress.doneBytes / progress.totalBytes) * 100} aria-label={label} />
          <span className={styles.amount}>{formatProgress(progress, elapsedMs)}</span>
        </div>
      ) : null}
      {about === undefined ? null : <div className={styles.about}>{about}</div>}
    </li>
  );
}

function amountOf(state: ChecklistStep['state'], elapsedMs: number): string {
  if (state === 'waiting') return '';
  return state === 'running' && elapsedMs < 1000 ? '' : formatTook(elapsedMs);
}

/** The checklist of a restore under way, with a way to end it. */
export function RestoreProgress({ plan, run }: { readonly plan: readonly PlannedStep[]; readonly run: LiveRun | null }) {
  const cancel = useMutation(engine.runs.cancel.mutationOptions());
  const current = run?.steps.at(-1);
  return (
    <>
      <Checklist plan={plan} run={run} />
      <VisuallyHidden aria-live="polite">{current?.label ?? 'Waiting for the engine'}</VisuallyHidden>
      {run?.warnings.map((warning) => (
        <p key={warning} className={pieces.line}>
          <StatusMark mark="warning" label="Warning" />
          {warning}
        </p>
      ))}
      <div className={pieces.actions}>
        <Button
          variant="default"
          disabled={run === null}
          loading={cancel.isPending || cancel.isSuccess}
          onClick={() => run !== null && cancel.mutate({ run: run.runId })}
        >
          Cancel this restore
        </Button>
        <span className={pieces.quiet}>Closing the window cancels it too; what is there now stays.</span>
      </div>
      {cancel.error === null ? null : <p role="alert">It was not cancelled: {failureOf(cancel.error).message}.</p>}
    </>
  );
}
