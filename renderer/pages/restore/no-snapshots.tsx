import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Job } from '../../../electron/domain/model.ts';
import { failureOf } from '../../failure.ts';
import { useRunningRun } from '../../live.ts';
import { BackUpButton, useBackUpNow } from '../../parts/back-up-now.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';
import { routeTo } from '../../route.ts';
import styles from './pieces.module.css';

/** A job of which nothing can be brought back yet, and the way to a first snapshot. */
export function NoSnapshots({ job, name }: { readonly name: string; readonly job: Job | null }) {
  const run = useRunningRun(name);
  const history = (
    <Button component="a" variant="subtle" href={routeTo('history', [], { job: name })}>
      See its runs
    </Button>
  );
  return (
    <>
      <p className={styles.text}>{`${name} has no snapshot yet: its first run makes one, and then it can be brought back from here.`}</p>
      {run === null ? null : <RunProgress run={run} />}
      {job === null ? <div className={styles.actions}>{history}</div> : <FirstRun job={job}>{history}</FirstRun>}
    </>
  );
}

function FirstRun({ children, job }: { readonly children: ReactNode; readonly job: Job }) {
  const backUp = useBackUpNow(job);
  return (
    <>
      {backUp.error === null ? null : <FailureNote failure={failureOf(backUp.error)} means="There is still nothing to bring back." />}
      <div className={styles.actions}>
        <BackUpButton backUp={backUp} />
        {children}
      </div>
    </>
  );
}
