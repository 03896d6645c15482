import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { isGitJob, type Job, sameName } from '../../electron/domain/model.ts';
import type { SnapshotRecord } from '../../electron/domain/snapshot-record.ts';
import { engine } from '../client.ts';
import { failureOf } from '../failure.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { type Route, routeTo } from '../route.ts';
import { DatabaseView } from './restore/database-view.tsx';
import { FromBackups } from './restore/from-backups.tsx';
import { JobRail, type RestorableJob } from './restore/job-rail.tsx';
import pieces from './restore/pieces.module.css';
import { restoreTo } from './restore/restore-route.ts';
import { StoreView } from './restore/store-view.tsx';
import styles from './restore.module.css';

/** The page "Restore": a job, a day or an item of it, and the ways to bring that back. Also a window of its own. */
export function RestorePage({ route }: { readonly route: Route }) {
  if (route.query.get('from') === 'backups') return <FromBackups route={route} />;
  return <Known route={route} />;
}

function Known({ route }: { readonly route: Route }) {
  const jobs = useQuery(engine.jobs.list.queryOptions());
  const snapshots = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  const error = jobs.error ?? snapshots.error;
  const head = (
    <PageHead title="Restore" actions={<OnlyBackups route={route} />}>
      Bring a database or a file back as it was.
    </PageHead>
  );
  if (jobs.data !== undefined && snapshots.data !== undefined) {
    const known = restorable(jobs.data, snapshots.data);
    return (
      <>
        {head}
        {known.length === 0 ? <Nothing route={route} /> : <Jobs route={route} jobs={known} snapshots={snapshots.data} />}
      </>
    );
  }
  return (
    <>
      {head}
      {error === null ? (
        <Waiting what="Reading what can be brought back" />
      ) : (
        <FailureNote failure={failureOf(error)} means="What is stored is not touched by this." />
      )}
    </>
  );
}

function OnlyBackups({ route }: { readonly route: Route }) {
  return (
    <Button component="a" variant="default" href={restoreTo(route, [], { from: 'backups' })}>
      I have only my backups…
    </Button>
  );
}

function Nothing({ route }: { readonly route: Route }) {
  return (
    <>
      <p className={pieces.text}>
        Nothing has been backed up yet, so there is nothing to bring back. The first verified backup takes a minute.
      </p>
      <p className={pieces.text}>
        On a new machine, or after a loss: your backups themselves are enough. Nightjar reads them where they are.
      </p>
      <div className={pieces.actions}>
        <Button component="a" href={routeTo('overview')}>
          Make the first backup
        </Button>
        <OnlyBackups route={route} />
      </div>
    </>
  );
}

/** The jobs that are set up, and those of which there are only snapshots left. */
function restorable(jobs: readonly Job[], snapshots: readonly SnapshotRecord[]): readonly RestorableJob[] {
  const known = new Set(jobs.map(({ name }) => name.toLowerCase()));
  const former = new Set(snapshots.map(({ job }) => job).filter((name) => !known.has(name.toLowerCase())));
  const count = (name: string) => snapshots.filter(({ job }) => sameName(job, name)).length;
  return [
    ...jobs.map((job) => ({ name: job.name, job, snapshots: count(job.name) })),
    ...[...former].toSorted().map((name) => ({ name, job: null, snapshots: count(name) })),
  ];
}

interface JobsProps {
  readonly route: Route;
  readonly jobs: readonly RestorableJob[];
  readonly snapshots: readonly SnapshotRecord[];
}

function Jobs({ jobs, route, snapshots }: JobsProps) {
  const [asked] = route.parts;
  const chosen = asked === undefined ? jobs[0] : jobs.find(({ name }) => sameName(name, asked));
  const rail = <JobRail route={route} jobs={jobs} current={chosen?.name ?? null} />;
  if (chosen === undefined) {
    const failure = { code: 'job-unknown', message: `There is no job ${asked ?? ''}`, hint: 'Choose one at the left' };
    return (
      <div className={styles.page}>
        {rail}
        <FailureNote failure={failure} means="Backups of a job that was renamed are kept under its former name." />
      </div>
    );
  }
  const { job, name } = chosen;
  if (job !== null && isGitJob(job)) return <StoreView key={name} route={route} job={job} rail={rail} layout={styles} />;
  const own = snapshots.filter((snapshot) => sameName(snapshot.job, name));
  return <DatabaseView key={name} route={route} name={name} job={job} snapshots={own} rail={rail} layout={styles} />;
}
