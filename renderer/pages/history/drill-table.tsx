import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DrillOutcome } from '../../../electron/domain/drill.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { formatInstant, formatShort, formatTook } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { type Mark, StatusMark } from '../../parts/status-mark.tsx';
import styles from './table.module.css';

const outcomeWords: Readonly<Record<DrillOutcome, { readonly mark: Mark; readonly word: string }>> = {
  proven: { mark: 'good', word: 'Proven' },
  failed: { mark: 'failed', word: 'Failed' },
  postponed: { mark: 'paused', word: 'Put off' },
};

/** Every drill, newest first. */
export function DrillTable() {
  const { data: drills, error, isPending } = useQuery(engine.drills.list.queryOptions({ input: {} }));
  if (isPending) return <Loader size="sm" aria-label="Reading the drills" />;
  if (error) return <FailureNote failure={failureOf(error)} />;
  if (drills.length === 0)
    return <p className={styles.empty}>Nothing was proven yet. A drill comes by itself, the first one after the first backup.</p>;
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>Drills, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          <th scope="col">Job</th>
          <th scope="col">From</th>
          <th scope="col">Started</th>
          <th scope="col" data-number>
            Took
          </th>
        </tr>
      </thead>
      {drills.map(({ endedAtMs, job, message, outcome, place, startedAtMs }) => (
        <tbody key={`${job} ${place} ${startedAtMs}`} className={styles.still}>
          <tr>
            <td className={styles.status}>
              <StatusMark mark={outcomeWords[outcome].mark} />
              {outcomeWords[outcome].word}
            </td>
            <th scope="row">{job}</th>
            <td className={styles.path}>{place}</td>
            <td>
              <time dateTime={new Date(startedAtMs).toISOString()} title={formatInstant(startedAtMs)}>
                {formatShort(startedAtMs)}
              </time>
            </td>
            <td data-number>{formatTook(endedAtMs - startedAtMs)}</td>
          </tr>
          <tr className={styles.said}>
            <td />
            <td colSpan={4}>{sentence(message)}</td>
          </tr>
        </tbody>
      ))}
    </table>
  );
}
