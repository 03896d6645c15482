import { useQuery } from '@tanstack/react-query';
import type { DestinationReport } from '../../../electron/domain/outcomes.ts';
import { isStoredAt, type SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { counted, describeSpace, formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { sentence } from '../../failure.ts';
import { Ago } from '../../parts/ago.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Gauge } from '../../parts/gauge.tsx';
import styles from './held.module.css';

/** What a place holds of each job, and how full it is. */
export function Held({ report: { bytes, config, error, snapshots, space } }: { readonly report: DestinationReport }) {
  const { data: known = [] } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  const isSignIn = config.kind === 'drive' && error?.code.startsWith('sign-in-') === true;
  return (
    <div className={styles.held}>
      {error === null || isSignIn ? null : (
        <FailureNote
          failure={{ code: error.code, message: sentence(error.message), hint: error.hint === undefined ? null : sentence(error.hint) }}
          means="Backups to it fail until it is there again; what it holds is not touched."
        />
      )}
      <p className={styles.line}>
        {counted(snapshots, 'snapshot')}, {formatBytes(bytes)}
      </p>
      <Series name={config.name} known={known} />
      {space === null ? null : (
        <>
          <Gauge
            label={describeSpace(space)}
            totalBytes={space.totalBytes}
            usedBytes={space.totalBytes - space.freeBytes}
            part={{ bytes: space.trashBytes ?? 0, kind: 'trash' }}
          />
          <p className={styles.quiet}>{describeSpace(space)}</p>
        </>
      )}
    </div>
  );
}

/** One line a job: how many, how large together, and when the newest was taken. */
function Series({ known, name }: { readonly name: string; readonly known: readonly SnapshotRecord[] }) {
  const stored = Map.groupBy(
    known.filter((snapshot) => isStoredAt(snapshot, name)),
    ({ job }) => job,
  );
  if (stored.size === 0) return null;
  return (
    <table className={styles.series}>
      <thead>
        <tr>
          <th scope="col">Job</th>
          <th scope="col">Snapshots</th>
          <th scope="col">Size</th>
          <th scope="col">Newest</th>
        </tr>
      </thead>
      <tbody>
        {[...stored].map(([job, snapshots]) => (
          <tr key={job}>
            <th scope="row">{job}</th>
            <td>{snapshots.length}</td>
            <td>{formatBytes(bytesAt(name, snapshots))}</td>
            <td>
              <Ago atMs={Math.max(...snapshots.map(({ createdAtMs }) => createdAtMs))} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function bytesAt(name: string, snapshots: readonly SnapshotRecord[]): number {
  return snapshots
    .flatMap(({ copies }) => copies.filter(({ destination }) => destination === name))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}
