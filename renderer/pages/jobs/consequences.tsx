import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import type { RetentionPolicy, SqliteJob } from '../../../electron/domain/model.ts';
import { retentionPolicySchema } from '../../../electron/domain/model.ts';
import type { RetainOutcome } from '../../../electron/domain/outcomes.ts';
import type { RetentionVerdict } from '../../../electron/domain/retention.ts';
import { forecastRetention } from '../../../electron/domain/retention-forecast.ts';
import { nextSlot, type Schedule } from '../../../electron/domain/schedule.ts';
import { isStoredAt, type SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { forecastStored, storedSizes } from '../../../electron/domain/stored-forecast.ts';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { useNow, zone } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { formatDate } from '../../format.ts';
import styles from './consequences.module.css';
import { RetentionStrip } from './retention-strip.tsx';

/** The next five runs of a schedule that can be read. */
export function NextRuns({ schedule }: { readonly schedule: Schedule }) {
  const nowMs = useNow(60_000);
  const format = new Intl.DateTimeFormat('en-GB', { ...slotFormat, timeZone: schedule.zone });
  return (
    <div className={styles.part}>
      <h2>Next five runs</h2>
      <ol className={styles.list} aria-label="Next five runs">
        {nextSlots(schedule, nowMs, 5).map((atMs) => (
          <li key={atMs}>
            <time dateTime={new Date(atMs).toISOString()}>{format.format(atMs)}</time>
          </li>
        ))}
      </ol>
      {schedule.zone === zone ? null : <p className={styles.quiet}>in {schedule.zone}</p>}
    </div>
  );
}

const slotFormat = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;

function nextSlots(schedule: Schedule, nowMs: number, count: number): number[] {
  const slots: number[] = [];
  for (let at = nextSlot(schedule, nowMs); at !== null && slots.length < count; at = nextSlot(schedule, at)) slots.push(at);
  return slots;
}

/** What of the snapshots that are there a policy would keep today, and what it would let go. */
export function RetentionToday({ job, policy }: { readonly job: string; readonly policy: RetentionPolicy }) {
  const { data: outcomes, error } = useQuery({
    ...engine.retention.preview.queryOptions({ input: { job, policy } }),
    enabled: retentionPolicySchema.safeParse(policy).success,
    placeholderData: keepPreviousData,
  });
  return (
    <div className={styles.part}>
      <h2>Kept today</h2>
      {error === null ? null : <p className={styles.quiet}>{failureOf(error).message}</p>}
      {outcomes?.map((outcome) => (
        <PlaceToday key={outcome.destination} outcome={outcome} />
      ))}
    </div>
  );
}

function PlaceToday({ outcome: { destination, frozenBy, verdicts } }: { readonly outcome: RetainOutcome }) {
  const stays = verdicts.filter(({ reasons }) => reasons.length > 0);
  const goes = verdicts.filter(({ reasons }) => reasons.length === 0);
  if (verdicts.length === 0) return <p>{destination}: nothing there yet</p>;
  return (
    <details className={styles.place}>
      <summary>
        {destination}: {stays.length} stay, {goes.length === 0 ? 'none' : goes.length} would go
        <RetentionStrip verdicts={verdicts} />
      </summary>
      {frozenBy.length === 0 ? null : <p className={styles.quiet}>Nothing goes until its loss was looked at.</p>}
      <Verdicts title="Would go" verdicts={goes} />
      <Verdicts title="Stay" verdicts={stays} />
    </details>
  );
}

function Verdicts({ title, verdicts }: { readonly title: string; readonly verdicts: readonly RetentionVerdict[] }) {
  if (verdicts.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl className={styles.verdicts}>
        {verdicts.map(({ createdAtMs, id, reasons }) => (
          <Fragment key={id}>
            <dt>{formatDate(createdAtMs)}</dt>
            <dd>{reasons.join(', ')}</dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}

export interface YearProps {
  readonly job: SqliteJob;
  /** Newest first. */
  readonly snapshots: readonly SnapshotRecord[];
  /** How large the next one is at most, where there is none yet. */
  readonly sourceBytes: number | null;
}

/** What a policy comes to in a year, in snapshots and in bytes at each place. */
export function InAYear({ job, snapshots, sourceBytes }: YearProps) {
  const nowMs = useNow(3_600_000);
  if (!retentionPolicySchema.safeParse(job.retention).success) return null;
  const present = snapshots
    .filter((snapshot) => job.destinations.some((name) => isStoredAt(snapshot, name)))
    .map(({ createdAtMs, id, pinned }) => ({ id, createdAtMs, pinned, verified: true }));
  const { kept } = forecastRetention(job.schedule, job.retention, present, nowMs);
  const oldest = kept.at(-1);
  const size = sizeInAYear(job, snapshots, kept, sourceBytes);
  return (
    <div className={styles.part}>
      <h2>In a year</h2>
      <p>
        {counted(kept.length, 'snapshot')}
        {oldest === undefined ? '' : `, the oldest of ${formatDate(oldest.createdAtMs)}`}
      </p>
      {size === null ? null : (
        <p>
          {size.isMost ? 'at most ' : 'about '}
          <strong>{formatBytes(size.bytes)}</strong> at each place<span className={styles.quiet}>, {size.why}</span>
        </p>
      )}
    </div>
  );
}

/** What the snapshots that are kept then take at one place, and why that is thought; `null` where nothing is known. */
function sizeInAYear(
  { deltas }: SqliteJob,
  snapshots: readonly SnapshotRecord[],
  kept: readonly RetentionVerdict[],
  sourceBytes: number | null,
): { readonly bytes: number; readonly isMost: boolean; readonly why: string } | null {
  const known = storedSizes(snapshots);
  if (known === null) {
    return sourceBytes === null ? null : { bytes: kept.length * sourceBytes, isMost: true, why: 'if it does not compress at all' };
  }
  const sizes = deltas ? known : { ...known, deltaBytes: null };
  const forecast = forecastStored(
    kept.map(({ createdAtMs }) => createdAtMs),
    sizes,
  );
  const full = formatBytes(sizes.fullBytes);
  if (!deltas) return { bytes: forecast.bytes, isMost: false, why: `at ${full} a snapshot, as the last full one` };
  if (sizes.deltaBytes === null) return { bytes: forecast.bytes, isMost: true, why: `if each is a full one of ${full}, as the last` };
  const parts = `${counted(forecast.fulls, 'full')} of ${full} and deltas of ${formatBytes(sizes.deltaBytes)}`;
  return { bytes: forecast.bytes, isMost: false, why: `as ${parts}` };
}
