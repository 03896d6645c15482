import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import { type SnapshotRecord, storedCopies } from '../../../electron/domain/snapshot-record.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { nameOfPath } from '../../path-text.ts';
import type { SizePoint } from '../../plot.ts';

/** What a job backs up and where that goes: `brain.db, 5.2 GB` and `Drive, USB`. Pure. */
export function routeOfJob(job: Job, latest: SnapshotRecord | undefined): { readonly from: string; readonly to: string } {
  if (!isGitJob(job)) {
    const size = latest === undefined ? '' : `, ${formatBytes(latest.manifest.raw.bytes)}`;
    return { from: `${nameOfPath(job.source.path)}${size}`, to: job.destinations.join(', ') };
  }
  const { branch, path, push, remote, stores } = job.source;
  const parts = stores.filter((store) => store !== '');
  const only = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return { from: `${nameOfPath(path)}${only}`, to: push ? `${remote}/${branch}` : `commits on ${branch}, on this machine alone` };
}

/** `361,029 rows`, with every table for whoever wants to know. Pure. */
export function rowsOf({ manifest }: SnapshotRecord): { readonly text: string; readonly tables: string } {
  const { tables } = manifest.sqlite;
  return { text: counted(countRows(tables), 'row'), tables: tables.map(({ name, rows }) => `${name}: ${counted(rows, 'row')}`).join('\n') };
}

/** The sizes of a job's snapshots, oldest first: of the database, or of what is stored. Pure. */
export function sizesOf(snapshots: readonly SnapshotRecord[], job: string, of: 'raw' | 'object' = 'raw'): SizePoint[] {
  return snapshots
    .filter((snapshot) => snapshot.job === job)
    .map(({ createdAtMs, manifest }) => ({ atMs: createdAtMs, bytes: manifest[of].bytes }))
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** `366 snapshots are kept, 1.7 GB.`; `null` where there are none. Pure. */
export function describeHoldings(snapshots: readonly SnapshotRecord[]): string | null {
  const copies = snapshots.flatMap(storedCopies);
  const count = snapshots.filter((snapshot) => storedCopies(snapshot).length > 0).length;
  if (count === 0) return null;
  const bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0);
  return `${counted(count, 'snapshot is kept', 'snapshots are kept')}, ${formatBytes(bytes)}.`;
}
