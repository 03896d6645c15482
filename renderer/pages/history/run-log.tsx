import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { engine } from '../../client.ts';
import { type Failure, failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import styles from '../../parts/log-lines.module.css';
import { LogLines } from '../../parts/log-lines.tsx';

/** What was said of a run; it folds out. */
export function RunLog({ id, isOpen }: { readonly id: string; readonly isOpen: boolean }) {
  const [open, setOpen] = useState(isOpen);
  const { data: lines, error, isPending } = useQuery(engine.runs.log.queryOptions({ input: { run: id } }));
  return (
    <details className={styles.fold} open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Log</summary>
      {isPending ? <Loader size="sm" aria-label="Reading the log" /> : null}
      {error ? <NoLog failure={failureOf(error)} /> : null}
      {lines ? <LogLines lines={lines} label="Log of this run" none="Nothing was written to the log." /> : null}
    </details>
  );
}

/** Logs of old runs go, which is no failure. */
function NoLog({ failure }: { readonly failure: Failure }) {
  if (failure.code !== 'run-unknown') return <FailureNote failure={failure} />;
  return <p className={styles.none}>It is not kept any more: only the latest runs have one.</p>;
}
