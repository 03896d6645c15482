import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { isVerified, type SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { counted, formatBytes, formatCount } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { formatTime } from '../../format.ts';
import { useRunningRun } from '../../live.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';
import { type Mark, StatusMark } from '../../parts/status-mark.tsx';
import styles from './first-run.module.css';

interface FirstJobProps {
  readonly job: string;
  readonly snapshot: SnapshotRecord | undefined;
  readonly state: FirstState;
}

/** How far a first backup is: whether all of it is stored and proven, or its run has ended without that. */
export type FirstState = 'good' | 'stopped' | 'running';

/** How each is shown. */
export const stateWords: Readonly<Record<FirstState, { readonly mark: Mark; readonly label: string }>> = {
  good: { mark: 'good', label: 'Verified' },
  stopped: { mark: 'failed', label: 'Not made' },
  running: { mark: 'running', label: 'Under way' },
};

/** One job on its way to its first verified snapshot. */
export function FirstJob({ job, snapshot, state }: FirstJobProps) {
  const run = useRunningRun(job);
  const { mark, label } = stateWords[state];
  const isGood = state === 'good';
  return (
    <li aria-label={job}>
      <h2 className={styles.jobName}>
        <StatusMark mark={mark} label={label} /> {job}
      </h2>
      {run === null ? null : <RunProgress run={run} />}
      {run === null && !isGood ? <LastRun job={job} /> : null}
      {snapshot === undefined ? null : <Proven snapshot={snapshot} />}
      {isGood && snapshot === undefined ? <p>Everything is committed, and what has a remote is there.</p> : null}
    </li>
  );
}

/** What became of the run where there is no snapshot: it waits, or it failed. */
function LastRun({ job }: { readonly job: string }) {
  const { data: [run] = [] } = useQuery(engine.runs.list.queryOptions({ input: { job, limit: 1 } }));
  const again = useMutation(engine.jobs.trigger.mutationOptions());
  if (run === undefined || run.status === 'queued') return <p className={styles.hint}>It waits for its turn.</p>;
  if (run.error === undefined) return null;
  const { code, hint, message } = run.error;
  return (
    <FailureNote
      failure={{ code, message: sentence(message), hint: hint === undefined ? null : sentence(hint) }}
      means={`Nothing of ${job} is backed up yet; its source was not touched.`}
    >
      <Button variant="default" size="compact-xs" loading={again.isPending} onClick={() => again.mutate({ job })}>
        Try again
      </Button>
      {again.error === null ? null : <span role="alert">{failureOf(again.error).message}.</span>}
    </FailureNote>
  );
}

const mostTables = 8;

/** What is stored, where, and that it was proven. */
function Proven({ snapshot: { copies, createdAtMs, manifest } }: { readonly snapshot: SnapshotRecord }) {
  const { tables } = manifest.sqlite;
  const rest = tables.slice(mostTables);
  const places = copies.filter(isVerified).map(({ destination }) => destination);
  const largest = tables.toSorted((a, b) => b.rows - a.rows).slice(0, mostTables);
  return (
    <>
      <p className={styles.proof}>
        {counted(countRows(tables), 'row')} as they were at {formatTime(createdAtMs)}: {formatBytes(manifest.raw.bytes)}, stored as{' '}
        {formatBytes(manifest.object.bytes)}
        {places.length === 0 ? '' : ` and verified at ${places.join(' and ')}`}.
      </p>
      <table className={styles.rows} aria-label={`Rows of ${manifest.job}`}>
        <tbody>
          {largest.map(({ name, rows }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{formatCount(rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest.length === 0 ? null : <p className={styles.hint}>and {counted(rest.length, 'smaller table')}</p>}
    </>
  );
}
