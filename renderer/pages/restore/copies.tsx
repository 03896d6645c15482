import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DrillOutcome } from '../../../electron/domain/drill.ts';
import { type Copy, placeOf, type VerifyLevel } from '../../../electron/domain/model.ts';
import type { VerifyOutcome } from '../../../electron/domain/outcomes.ts';
import type { SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { client, engine } from '../../client.ts';
import { Ago } from '../../parts/ago.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';
import { Section } from '../../parts/section.tsx';
import { type Mark, StatusMark } from '../../parts/status-mark.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { type Activity, proofs } from './activity.ts';
import styles from './pieces.module.css';
import { RefusalNote } from './refusal-note.tsx';

const levels: Readonly<Record<VerifyLevel, string>> = { quick: 'by its digest', full: 'in full' };

/** Where the copies of a snapshot are, how and when each was proven, and how to prove them now. */
export function Copies({ snapshot }: { readonly snapshot: SnapshotRecord }) {
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const places = new Map(settings?.destinations.map((config) => [config.name, placeOf(config)]));
  return (
    <Section title="Copies">
      <table className={styles.table} aria-label="Copies of this snapshot">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Proven</th>
            <th scope="col" className={styles.number}>
              Size
            </th>
          </tr>
        </thead>
        <tbody>
          {snapshot.copies.map((copy) => (
            <tr key={copy.destination}>
              <th scope="row">
                {copy.destination}
                {places.has(copy.destination) ? <div className={styles.quiet}>{places.get(copy.destination)}</div> : null}
              </th>
              <td>
                <CopyState copy={copy} />
              </td>
              <td className={styles.number}>{formatBytes(copy.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <LastDrill snapshot={snapshot} />
      <ProveNow snapshot={snapshot} />
    </Section>
  );
}

function CopyState({ copy }: { readonly copy: Copy }) {
  const { failure, state, verified } = copy;
  if (state !== 'stored') return <State mark="paused">{state === 'missing' ? 'Missing there' : 'Pruned'}</State>;
  if (failure !== undefined) {
    return (
      <State mark="failed">
        {failure.message}, <Ago atMs={failure.atMs} />
      </State>
    );
  }
  if (verified === undefined) return <State mark="unknown">Not verified yet</State>;
  return (
    <State mark="good">
      Verified {levels[verified.level]} <Ago atMs={verified.atMs} />
    </State>
  );
}

function State({ children, mark }: { readonly mark: Mark; readonly children: React.ReactNode }) {
  return (
    <>
      <StatusMark mark={mark} size={14} /> {children}
    </>
  );
}

const drillMarks: Readonly<Record<DrillOutcome, Mark>> = { proven: 'good', failed: 'failed', postponed: 'warning' };

function LastDrill({ snapshot }: { readonly snapshot: SnapshotRecord }) {
  const { data: drills } = useQuery(engine.drills.list.queryOptions({ input: { job: snapshot.job } }));
  const drill = drills?.find(({ snapshotId }) => snapshotId === snapshot.id) ?? drills?.[0];
  if (drill === undefined) return null;
  const about = drill.snapshotId === snapshot.id ? 'Drill with this snapshot' : 'Last drill of the job';
  return (
    <p className={styles.text}>
      <StatusMark mark={drillMarks[drill.outcome]} size={14} /> {about}, <Ago atMs={drill.endedAtMs} />: {drill.message}.
    </p>
  );
}

function ProveNow({ snapshot: { id } }: { readonly snapshot: SnapshotRecord }) {
  const activity = proofs.use(id);
  const prove = (level: VerifyLevel) => proofs.begin(id, () => client.snapshots.verify({ snapshot: id, level }));
  if (activity?.status === 'running') {
    return (
      <div className={styles.below}>
        {activity.run === null ? <Waiting what="Waiting for the engine" /> : <RunProgress run={activity.run} />}
      </div>
    );
  }
  return (
    <>
      <Proven activity={activity} />
      <RefusalNote activity={activity} />
      <div className={styles.actions}>
        <Button variant="default" onClick={() => prove('quick')}>
          Verify now
        </Button>
        <Button variant="default" onClick={() => prove('full')}>
          Verify in full
        </Button>
        <span className={styles.quiet}>In full rebuilds the database from each copy and counts its rows.</span>
      </div>
    </>
  );
}

function Proven({ activity }: { readonly activity: Activity<VerifyOutcome> | null }) {
  if (activity?.status !== 'done') return null;
  return (
    <div role="status">
      {activity.outcome.proofs.map(({ destination, message, ok }) => (
        <p key={destination} className={styles.text}>
          <StatusMark mark={ok ? 'good' : 'failed'} size={14} /> {destination}: {ok ? goodWords(activity.outcome) : message}
        </p>
      ))}
    </div>
  );
}

function goodWords({ found, level, snapshot }: VerifyOutcome): string {
  const isDelta = snapshot.manifest.delta !== undefined;
  if (level === 'quick' || found === null)
    return isDelta ? 'its digest and that of its base are as they were stored' : 'its digest is as it was stored';
  return `it was rebuilt${isDelta ? ' together with its base' : ''}, and its ${counted(countRows(found), 'row')} are as they were stored`;
}
