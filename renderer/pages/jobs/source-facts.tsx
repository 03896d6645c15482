import { useQuery } from '@tanstack/react-query';
import type { FoundDatabase, FoundStore, SourceReport } from '../../../electron/domain/found-sources.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { Ago } from '../../parts/ago.tsx';
import { isWholePath } from '../../path-text.ts';
import styles from './panel.module.css';

/** What is at a path: a database with its size, a repository with its branch, or why nothing there can be backed up. */
export function SourceFacts({ path, wanted }: { readonly path: string; readonly wanted: 'sqlite' | 'git' }) {
  const { data, error, isFetching } = useQuery({
    ...engine.sources.inspect.queryOptions({ input: { path } }),
    enabled: isWholePath(path),
    staleTime: 0,
  });
  const complaint = error === null ? data && complaintOf(data, wanted) : failureOf(error).message;
  if (isFetching) return <p className={styles.quiet}>Looking at it…</p>;
  if (complaint) return <p className={styles.error}>{sentence(complaint)}</p>;
  if (data === undefined || data.kind === 'none') return null;
  return <p className={styles.quiet}>{data.kind === 'sqlite' ? <DatabaseFacts {...data} /> : <StoreFacts {...data} />}</p>;
}

function complaintOf(report: SourceReport, wanted: 'sqlite' | 'git'): string | null {
  if (report.kind === 'none') return report.message;
  if (report.kind === wanted) return null;
  return wanted === 'git' ? 'this is a database, and no git repository' : 'this is a git repository, and no database';
}

/** `5.2 GB, write-ahead log, written 2 min ago, in use now`. */
export function DatabaseFacts({ bytes, isInUse, journalMode, lastWriteMs }: FoundDatabase) {
  return (
    <>
      {formatBytes(bytes)}, {journalMode === 'wal' ? 'WAL mode' : 'rollback journal'}, written <Ago atMs={lastWriteMs} />
      {isInUse === true ? ', in use now' : ''}
    </>
  );
}

/** `on main, remote github.com/ada/wiki`. */
export function StoreFacts({ branch, remote }: FoundStore) {
  return (
    <>
      {branch === null ? 'On no branch' : `On ${branch}`}, {remote === null ? 'no remote' : `remote ${remote}`}
    </>
  );
}
