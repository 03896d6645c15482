import { BackupError } from './errors.ts';
import { formatStamp, parseObjectName, parseStamp } from './object-name.ts';

/** What a person may write to name a snapshot: an id, `JOB`, `JOB@latest`, `JOB@YYYY-MM-DD` or `JOB@YYYY-MM-DD_HHMMSS`. */
export interface SnapshotReference {
  readonly job: string;
  /** `latest`, a day, or a day with a time. */
  readonly at: string;
}

/** What is needed of a snapshot to be chosen. */
export interface Choosable {
  readonly createdAtMs: number;
  readonly objectName: string;
  readonly verified: boolean;
}

/** Splits `JOB@WHEN`; a bare name means the latest. Throws `usage-invalid` where WHEN is neither `latest` nor a day. */
export function parseSnapshotReference(text: string): SnapshotReference {
  const at = text.lastIndexOf('@');
  if (at === -1) return { job: text, at: 'latest' };
  return { job: text.slice(0, at), at: checkWhen(text.slice(at + 1)) };
}

/** Returns `when` if it is `latest`, a day or a day with a time; throws `usage-invalid` otherwise. */
export function checkWhen(when: string): string {
  if (when === 'latest' || parseStamp(when)) return when;
  throw new BackupError('usage-invalid', `"${when}" names no point in time`, {
    hint: 'use latest, a day such as 2026-11-22, or a day with a time such as 2026-11-22_031700',
  });
}

/**
 * The snapshot that `at` means: of the latest, or of the latest of that day, the newest verified one, else the newest;
 * a day with a time is exact. `undefined` where there is none.
 */
export function chooseSnapshot<T extends Choosable>(snapshots: readonly T[], at: string): T | undefined {
  const newestFirst = snapshots.toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  const matching = newestFirst.filter(({ objectName }) => {
    if (at === 'latest') return true;
    const stamp = parseObjectName(objectName)?.stamp;
    return stamp !== undefined && (formatStamp(stamp) === at || stamp.day === at);
  });
  return matching.find(({ verified }) => verified) ?? matching[0];
}
