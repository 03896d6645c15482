import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { RestoreMode } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { formatInstant, formatShort, formatTook } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { restoreWords } from '../../restore-words.ts';
import { routeTo } from '../../route.ts';
import styles from './table.module.css';

const modeWords: Readonly<Record<RestoreMode, string>> = {
  file: 'a copy in',
  'in-place': 'in the place of',
  undo: 'the former one back to',
};

/** Every restore of a database, newest first. */
export function RestoreTable() {
  const { data: restores, error, isPending } = useQuery(engine.restores.list.queryOptions());
  if (isPending) return <Loader size="sm" aria-label="Reading the restores" />;
  if (error) return <FailureNote failure={failureOf(error)} />;
  if (restores.length === 0) return <p className={styles.empty}>Nothing was restored yet.</p>;
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>Restores, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Job</th>
          <th scope="col">What went where</th>
          <th scope="col">Started</th>
          <th scope="col" data-number>
            Took
          </th>
        </tr>
      </thead>
      {restores.map(({ endedAtMs, id, isKept, job, mode, startedAtMs, state, targetPath }) => (
        <tbody key={id} className={styles.still}>
          <tr>
            <td className={styles.status}>
              <StatusMark mark={restoreWords[state].mark} />
              {restoreWords[state].word}
            </td>
            <th scope="row">{job}</th>
            <td className={styles.path}>
              {modeWords[mode]} {targetPath}
              {isKept ? (
                <>
                  {' '}
                  · what it replaced is kept: <a href={routeTo('restore', [job], { undo: id })}>undo it…</a>
                </>
              ) : null}
            </td>
            <td>
              <time dateTime={new Date(startedAtMs).toISOString()} title={formatInstant(startedAtMs)}>
                {formatShort(startedAtMs)}
              </time>
            </td>
            <td data-number>{endedAtMs === undefined ? '' : formatTook(endedAtMs - startedAtMs)}</td>
          </tr>
        </tbody>
      ))}
    </table>
  );
}
