import { type CalendarDay, type CalendarMark, calendarSpanMs, foldCalendar } from '../../domain/calendar.ts';
import { BackupError } from '../../domain/errors.ts';
import type { RunStatus } from '../../domain/model.ts';
import { isVerified, storedCopies } from '../../domain/snapshot-record.ts';
import { isZone } from '../../domain/zoned-time.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';

/** What is asked of the calendar. */
export interface CalendarQuestion {
  /** One job, as the catalog has its name; else all of them. */
  readonly job: string | undefined;
  readonly days: number;
  readonly zone: string;
}

/** What a run's status counts as on its day; the others count as nothing. */
const kinds: Readonly<Partial<Record<RunStatus, CalendarMark['kind']>>> = {
  succeeded: 'succeeded',
  warning: 'succeeded',
  failed: 'failed',
  interrupted: 'failed',
  skipped: 'skipped',
};

/** One entry for each of the latest days up to today, oldest first, of what the catalog knows. Throws `usage-invalid` for what is no zone. */
export function readCalendar(catalog: CatalogReader | null, { days, job, zone }: CalendarQuestion, nowMs: number): CalendarDay[] {
  if (!isZone(zone)) throw new BackupError('usage-invalid', `"${zone}" is not a time zone`, { hint: 'name it as in Europe/Berlin' });
  // A day more than was asked for, since days have up to 25 hours and zones begin them at different instants.
  const marks = catalog === null ? [] : marksOf(catalog, job, nowMs - (days + 2) * 86_400_000);
  return foldCalendar(marks, days, nowMs, zone);
}

function marksOf(catalog: CatalogReader, job: string | undefined, sinceMs: number): CalendarMark[] {
  const runs = catalog.countRuns(sinceMs, calendarSpanMs, job).flatMap(({ atMs, count, status }) => {
    const kind = kinds[status];
    return kind === undefined ? [] : [{ atMs, kind, count }];
  });
  const slots = catalog.countSkippedSlots(sinceMs, calendarSpanMs, job).map((slot) => ({ ...slot, kind: 'skipped' as const }));
  const snapshots = catalog
    .snapshots(job)
    .filter((snapshot) => snapshot.createdAtMs >= sinceMs && storedCopies(snapshot).length > 0)
    .flatMap(({ copies, createdAtMs: atMs }): CalendarMark[] => [
      { atMs, kind: 'snapshots', count: 1 },
      { atMs, kind: 'verified', count: copies.some(isVerified) ? 1 : 0 },
    ]);
  return [...runs, ...slots, ...snapshots];
}
