import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { engine } from '../client.ts';
import { failureOf } from '../failure.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { AccessNote } from './overview/access-note.tsx';
import { DiskGuard, useDiskGuard } from './overview/disk-guard.tsx';
import { FirstRun } from './overview/first-run.tsx';
import { HeadlineHead } from './overview/headline-head.tsx';
import { JobList } from './overview/job-list.tsx';
import { SizeOverTime } from './overview/size-over-time.tsx';
import { TrayNote } from './overview/tray-note.tsx';
import { Year } from './overview/year.tsx';

/** Whether everything is safe, in one sentence and then job by job; with no job yet, the way to the first verified snapshot. */
export function OverviewPage() {
  const jobs = useQuery(engine.jobs.list.queryOptions());
  const [isFirstRun, setFirstRun] = useState(false);
  if (jobs.data === undefined) {
    return jobs.error === null ? <Waiting what="Reading the jobs" /> : <FailureNote failure={failureOf(jobs.error)} />;
  }
  if (jobs.data.length === 0 || isFirstRun) {
    return <FirstRun onBegin={() => setFirstRun(true)} onDone={() => setFirstRun(false)} />;
  }
  return <Overview />;
}

function Overview() {
  const status = useQuery(engine.engine.status.queryOptions());
  const guard = useDiskGuard();
  if (status.data === undefined) {
    return status.error === null ? <Waiting what="Judging the jobs" /> : <FailureNote failure={failureOf(status.error)} />;
  }
  const isRoomShort = guard.data?.volumes.some(({ verdict }) => verdict !== 'ok') ?? false;
  const disks = <DiskGuard jobs={status.data} />;
  return (
    <>
      <HeadlineHead jobs={status.data} />
      <TrayNote />
      <AccessNote jobs={status.data} />
      {isRoomShort ? disks : null}
      <JobList jobs={status.data} />
      <Year />
      <SizeOverTime />
      {isRoomShort ? null : disks}
    </>
  );
}
