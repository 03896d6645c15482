import { type CalendarDay, type CalendarMark, foldCalendar, runKinds } from '../../domain/calendar.ts';
import { BackupError } from '../../domain/errors.ts';
import { isVerified, storedCopies } from '../../domain/snapshot-record.ts';
import { type DaySpan, isZone, latestDays } from '../../domain/zoned-time.ts';
import type { CatalogReader } from '../catalog/catalog-reader.ts';

/** What is asked of the calendar. */
export interface CalendarQuestion {
  /** One job, as the catalog has its name; else all of them. */
  readonly job: string | undefined;
  readonly days: number;
  readonly zone: string;
}

/** One entry for each of the latest days up to today, oldest first, of what the catalog knows. Throws `usage-invalid` for what is no zone. */
export function readCalendar(catalog: CatalogReader | null, { days, job, zone }: CalendarQuestion, nowMs: number): CalendarDay[] {
  if (!isZone(zone)) throw new BackupError('usage-invalid', `"${zone}" is not a time zone`, { hint: 'name it as in Europe/Berlin' });
  const spans = latestDays(days, nowMs, zone);
  if (catalog === null) return foldCalendar(spans, []);
  const jobs = job === undefined ? catalog.knownJobs() : [job];
  return foldCalendar(spans, [...jobs.flatMap((name) => runMarks(catalog, name, spans)), ...snapshotMarks(catalog, job, spans)]);
}

/** Counted day by day where they are kept: a job that is due every minute has half a million of them. */
function runMarks(catalog: CatalogReader, job: string, days: readonly DaySpan[]): CalendarMark[] {
  const runs = catalog.countRuns(job, days).flatMap(({ atMs, count, status }): CalendarMark[] => {
    const kind = runKinds[status];
    return kind === undefined ? [] : [{ atMs, kind, count }];
  });
  const slots = catalog.ledger(job).countSkipped(days);
  return [...runs, ...slots.map((slot) => ({ ...slot, kind: 'skipped' as const }))];
}

function snapshotMarks(catalog: CatalogReader, job: string | undefined, [first]: readonly DaySpan[]): CalendarMark[] {
  return catalog
    .snapshots(job)
    .filter((snapshot) => snapshot.createdAtMs >= (first?.startMs ?? 0) && storedCopies(snapshot).length > 0)
    .flatMap(({ copies, createdAtMs: atMs }): CalendarMark[] => [
      { atMs, kind: 'snapshots', count: 1 },
      { atMs, kind: 'verified', count: copies.some(isVerified) ? 1 : 0 },
    ]);
}
