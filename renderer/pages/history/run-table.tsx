import { Button, Loader } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Run } from '../../../electron/domain/model.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { zone } from '../../clock.ts';
import { failureOf, sentence } from '../../failure.ts';
import { formatInstant, formatShort, formatTook } from '../../format.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { markOfRun, StatusMark } from '../../parts/status-mark.tsx';
import { go, routeTo } from '../../route.ts';
import { formatChange, formatSize, sizeChanges, sizeOfRun, statusWords, triggerWords } from '../../run-words.ts';
import { filterInput, type RunFilter } from './run-filter.ts';
import styles from './table.module.css';

const pageSize = 50;

/** The runs that are over, newest first; older ones when asked for. */
export function RunTable({ filter }: { readonly filter: RunFilter }) {
  const query = useInfiniteQuery(
    engine.runs.list.infiniteOptions({
      input: (beforeMs: number | null) => filterInput(filter, zone, beforeMs, pageSize),
      initialPageParam: null,
      // The last one is asked for again: another may have started in the same millisecond.
      getNextPageParam: (page) => (page.length < pageSize ? undefined : (page.at(-1)?.startedAtMs ?? 0) + 1),
    }),
  );
  if (query.isPending) return <Loader size="sm" aria-label="Reading the runs" />;
  if (query.isError) return <FailureNote failure={failureOf(query.error)} />;
  const runs = [...new Map(query.data.pages.flat().map((run) => [run.id, run])).values()].filter(({ status }) => status !== 'running');
  if (runs.length === 0) return <p className={styles.empty}>{sayNone(filter)}</p>;
  return (
    <>
      <Runs runs={runs} />
      {query.hasNextPage ? (
        <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show older runs
        </Button>
      ) : null}
    </>
  );
}

function sayNone({ day, job, outcome }: RunFilter): string {
  return day === null && job === null && outcome === null ? 'Nothing was backed up yet.' : 'No run is like that.';
}

function Runs({ runs }: { readonly runs: readonly Run[] }) {
  const changes = sizeChanges(runs);
  return (
    <table className={styles.table}>
      <caption className={styles.caption}>Runs, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Job</th>
          <th scope="col">Started</th>
          <th scope="col">Why</th>
          <th scope="col" data-number>
            Took
          </th>
          <th scope="col" data-number>
            Size
          </th>
          <th scope="col" data-number>
            Change
          </th>
        </tr>
      </thead>
      {runs.map((run) => (
        <RunRows key={run.id} run={run} change={changes.get(run.id) ?? null} />
      ))}
    </table>
  );
}

/** A row, and below it what there is to be said of it. The whole of it opens the run; by keyboard its link does. */
function RunRows({ change, run }: { readonly run: Run; readonly change: number | null }) {
  const { endedAtMs, error, id, job, startedAtMs, status, trigger, warnings } = run;
  const size = sizeOfRun(run);
  const stored = size?.kind === 'database' && size.storedBytes !== null ? `${formatBytes(size.storedBytes)} compressed` : undefined;
  const [first, ...others] = error === undefined ? warnings : [error.message];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link of the row is what the keyboard reaches
    <tbody className={styles.rows} onClick={() => go('history', [id])}>
      <tr>
        <td className={styles.status}>
          <StatusMark mark={markOfRun(status)} />
          {statusWords[status]}
        </td>
        <th scope="row">
          <a href={routeTo('history', [id])} aria-label={`${job}, ${statusWords[status]}, ${formatShort(startedAtMs)}`}>
            {job}
          </a>
        </th>
        <td>
          <time dateTime={new Date(startedAtMs).toISOString()} title={formatInstant(startedAtMs)}>
            {formatShort(startedAtMs)}
          </time>
        </td>
        <td>{triggerWords[trigger]}</td>
        <td data-number>{endedAtMs === undefined ? '' : formatTook(endedAtMs - startedAtMs)}</td>
        <td data-number title={stored}>
          {formatSize(size)}
        </td>
        <td data-number>{change === null ? '' : formatChange(change)}</td>
      </tr>
      {first === undefined ? null : (
        <tr className={styles.said}>
          <td />
          <td colSpan={6}>
            {sentence(first)}
            {others.length === 0 ? '' : ` (and ${others.length} more)`}
          </td>
        </tr>
      )}
    </tbody>
  );
}
