import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Job } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { useRunningRun } from '../../live.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';
import { routeTo } from '../../route.ts';
import styles from './pieces.module.css';

/** A job of which nothing can be brought back yet, and the way to a first snapshot. */
export function NoSnapshots({ job, name }: { readonly name: string; readonly job: Job | null }) {
  const run = useRunningRun(name);
  const trigger = useMutation(engine.jobs.trigger.mutationOptions());
  return (
    <>
      <p className={styles.text}>{`${name} has no snapshot yet: its first run makes one, and then it can be brought back from here.`}</p>
      {trigger.error === null ? null : <FailureNote failure={failureOf(trigger.error)} means="There is still nothing to bring back." />}
      {run === null ? null : <RunProgress run={run} />}
      <div className={styles.actions}>
        {job === null || run !== null ? null : (
          <Button loading={trigger.isPending} onClick={() => trigger.mutate({ job: name })}>
            Back up now
          </Button>
        )}
        <Button component="a" variant="subtle" href={routeTo('history', [], { job: name })}>
          See its runs
        </Button>
      </div>
    </>
  );
}
