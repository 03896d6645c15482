import { Anchor } from '@mantine/core';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import { isPaused } from '../../../electron/domain/pause.ts';
import { useNow } from '../../clock.ts';
import { formatShort } from '../../format.ts';
import { useRunningRun } from '../../live.ts';
import { Ago } from '../../parts/ago.tsx';
import { markWords, StatusMark } from '../../parts/status-mark.tsx';
import { nameOfPath } from '../../path-text.ts';
import { routeTo } from '../../route.ts';
import { jobSentence, orderOf, placesOf, runningSentence } from './job-text.ts';
import { partsOfJob } from './jobs-place.ts';
import styles from './rows.module.css';

/** A job in the list: how it is, what it does, and when next. */
export function JobRow({ health, job }: { readonly job: Job; readonly health: JobHealth | undefined }) {
  const nowMs = useNow(60_000);
  const isRunning = useRunningRun(job.name) !== null;
  const mark = isRunning ? 'running' : (health?.state ?? 'unknown');
  return (
    <li className={styles.row}>
      <StatusMark mark={mark} label={markWords[mark]} />
      <div>
        <Anchor href={routeTo('jobs', partsOfJob(job.name))} className={styles.name}>
          {job.name}
        </Anchor>
        <div>{isRunning ? runningSentence : jobSentence(job, health, nowMs)}</div>
        <div className={styles.quiet}>
          {nameOfPath(job.source.path)} → {placesOf(job)}, {orderOf(job)}
          {isGitJob(job) && !job.source.enabled ? '; switched off' : ''}
        </div>
      </div>
      <div className={styles.end}>
        <Next job={job} nextMs={health?.nextMs ?? null} />
      </div>
    </li>
  );
}

function Next({ job, nextMs }: { readonly job: Job; readonly nextMs: number | null }) {
  const nowMs = useNow(60_000);
  if (isPaused(job, nowMs))
    return <span>{job.pausedUntil === null ? 'paused' : `paused until ${formatShort(Date.parse(job.pausedUntil))}`}</span>;
  if (nextMs === null) return null;
  return (
    <span>
      next <Ago atMs={nextMs} />
    </span>
  );
}
