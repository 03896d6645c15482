import { Button, Progress } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { LiveRun } from '../../electron/domain/run-event.ts';
import { engine } from '../client.ts';
import { useNow } from '../clock.ts';
import { failureOf, sentence } from '../failure.ts';
import { formatProgress, formatTook } from '../format.ts';
import { partOfRun } from '../run-words.ts';
import styles from './run-progress.module.css';

/** What a run does now: its step by name, how far it is, how fast, and how long still; it can be cancelled. */
export function RunProgress({ canCancel = true, run }: { readonly run: LiveRun; readonly canCancel?: boolean }) {
  const nowMs = useNow(1000);
  const cancel = useMutation(engine.runs.cancel.mutationOptions());
  const step = run.steps.at(-1);
  const name = step === undefined ? 'Waiting for its turn' : sentence(step.label);
  const elapsedMs = step === undefined ? 0 : Math.max(0, nowMs - step.startedAtMs);
  const progress = step?.progress;
  const part = partOfRun(run);
  const amount = progress === undefined ? formatTook(elapsedMs) : formatProgress(progress, elapsedMs);
  return (
    <div className={styles.run}>
      <div className={styles.line}>
        <span aria-live="polite">{name}</span>
        <span className={styles.amount}>{step === undefined ? '' : amount}</span>
        {canCancel ? (
          <Button
            variant="subtle"
            size="compact-xs"
            loading={cancel.isPending || cancel.isSuccess}
            onClick={() => cancel.mutate({ run: run.runId })}
          >
            Cancel this run
          </Button>
        ) : null}
      </div>
      <Progress
        size="sm"
        color="var(--running)"
        value={(part ?? 0) * 100}
        aria-label={`${name}${part === null ? '' : `, ${Math.round(part * 100)} %`}`}
      />
      {cancel.error === null ? null : <p role="alert">It was not cancelled: {failureOf(cancel.error).message}.</p>}
    </div>
  );
}
