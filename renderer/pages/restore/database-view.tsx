import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { isSqliteJob, type Job } from '../../../electron/domain/model.ts';
import { isVerified, type SnapshotRecord, storedCopies } from '../../../electron/domain/snapshot-record.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { localTime } from '../../../electron/domain/zoned-time.ts';
import { useNow, zone } from '../../clock.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import type { Route } from '../../route.ts';
import { formatMoment } from './moment.ts';
import { daysOf } from './month.ts';
import { MonthGrid } from './month-grid.tsx';
import { NoSnapshots } from './no-snapshots.tsx';
import { PastRestores } from './past-restores.tsx';
import railStyles from './rail.module.css';
import { RailList } from './rail.tsx';
import { ReplaceLive } from './replace-live.tsx';
import { RestoreCopy } from './restore-copy.tsx';
import { restoreTo, taskOf } from './restore-route.ts';
import { SnapshotView } from './snapshot-view.tsx';
import { UndoRestore } from './undo-restore.tsx';

interface DatabaseViewProps {
  readonly route: Route;
  readonly name: string;
  /** `null` where it is not set up any more. */
  readonly job: Job | null;
  /** Those of the job, newest first. */
  readonly snapshots: readonly SnapshotRecord[];
  readonly rail: ReactNode;
  readonly layout: Readonly<Record<string, string | undefined>>;
}

/** A database's job: its days and snapshots at the side, and what is done with one of them. */
export function DatabaseView({ job, layout, name, rail, route, snapshots }: DatabaseViewProps) {
  const [, asked] = route.parts;
  const usable = snapshots.filter((snapshot) => storedCopies(snapshot).length > 0);
  const chosen = asked === undefined ? (usable[0] ?? snapshots[0]) : snapshots.find(({ id }) => id === asked);
  const undo = route.query.get('undo');
  return (
    <div className={layout.page}>
      <div className={railStyles.rail}>
        {rail}
        {snapshots.length === 0 ? null : <Days route={route} name={name} snapshots={snapshots} usable={usable} current={chosen ?? null} />}
      </div>
      <div className={layout.body}>
        {undo === null ? <Chosen {...{ job, name, route, snapshots, chosen }} /> : <UndoRestore route={route} job={name} restore={undo} />}
        {undo === null && taskOf(route) === null ? <PastRestores route={route} job={name} /> : null}
      </div>
    </div>
  );
}

interface DaysProps {
  readonly route: Route;
  readonly name: string;
  readonly snapshots: readonly SnapshotRecord[];
  readonly usable: readonly SnapshotRecord[];
  readonly current: SnapshotRecord | null;
}

function Days({ current, name, route, snapshots, usable }: DaysProps) {
  const nowMs = useNow();
  const days = daysOf(
    usable.map((snapshot) => ({ ...snapshot, isVerified: snapshot.copies.some(isVerified) })),
    zone,
  );
  return (
    <>
      <Title order={2}>Days</Title>
      <MonthGrid
        days={days}
        picked={current === null ? null : localTime(current.createdAtMs, zone).day}
        onPick={({ id }) => {
          location.hash = restoreTo(route, [name, id]);
        }}
      />
      <p className={railStyles.legend}>Filled: verified. Outlined: stored, not verified.</p>
      <RailList
        label="Snapshots by date"
        current={current?.id ?? null}
        entries={snapshots.map((snapshot) => ({
          key: snapshot.id,
          href: restoreTo(route, [name, snapshot.id]),
          name: formatMoment(snapshot.createdAtMs, nowMs),
          about: formatBytes(snapshot.manifest.raw.bytes),
          mark: <SnapshotMark snapshot={snapshot} />,
        }))}
      />
    </>
  );
}

function SnapshotMark({ snapshot }: { readonly snapshot: SnapshotRecord }) {
  const stored = storedCopies(snapshot);
  if (stored.length === 0) return <StatusMark mark="paused" size={14} label="Gone:" />;
  if (stored.some(isVerified)) return <StatusMark mark="good" size={14} label="Verified:" />;
  if (stored.some(({ failure }) => failure !== undefined)) return <StatusMark mark="failed" size={14} label="Damaged:" />;
  return <StatusMark mark="unknown" size={14} label="Not verified:" />;
}

interface ChosenProps extends Pick<DatabaseViewProps, 'route' | 'name' | 'job' | 'snapshots'> {
  readonly chosen: SnapshotRecord | undefined;
}

function Chosen({ chosen, job, name, route, snapshots }: ChosenProps) {
  if (chosen === undefined) {
    if (snapshots.length > 0) {
      const failure = { code: 'snapshot-unknown', message: 'This snapshot is not known any more', hint: 'Choose another one at the left' };
      return <FailureNote failure={failure} means="It may have been pruned since." />;
    }
    return <NoSnapshots name={name} job={job} />;
  }
  switch (taskOf(route)) {
    case 'copy':
      return <RestoreCopy key={chosen.id} route={route} snapshot={chosen} job={job} />;
    case 'replace':
      return <ReplaceLive key={chosen.id} route={route} snapshot={chosen} />;
    case null: {
      const before = snapshots[snapshots.indexOf(chosen) + 1] ?? null;
      const base = snapshots.find(({ id }) => id === chosen.manifest.delta?.base.id) ?? null;
      const own = job !== null && isSqliteJob(job) ? job : null;
      return <SnapshotView key={chosen.id} route={route} snapshot={chosen} before={before} base={base} job={own} />;
    }
  }
}
