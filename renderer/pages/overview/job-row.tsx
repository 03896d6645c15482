import type { JobHealth } from '../../../electron/domain/health.ts';
import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import type { SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { useRunningRun } from '../../live.ts';
import { RunProgress } from '../../parts/run-progress.tsx';
import { markWords, StatusMark } from '../../parts/status-mark.tsx';
import { partOfRun } from '../../run-words.ts';
import { JobActions } from './job-actions.tsx';
import { JobFactLine } from './job-fact-line.tsx';
import { routeOfJob, sizesOf } from './job-facts.ts';
import { JobFindings } from './job-findings.tsx';
import styles from './job-row.module.css';
import { SizeTrend } from './size-trend.tsx';

interface JobRowProps {
  readonly job: Job;
  readonly health: JobHealth;
  /** Of every job, newest first. */
  readonly snapshots: readonly SnapshotRecord[];
}

/** A job: what and where, how it is, what is wrong with it, and what can be done. */
export function JobRow({ health, job, snapshots }: JobRowProps) {
  const run = useRunningRun(job.name);
  const latest = snapshots.find((snapshot) => snapshot.job === job.name);
  const { from, to } = routeOfJob(job, latest);
  return (
    <li className={styles.row} aria-label={job.name}>
      <StatusMark mark={health.state} part={(run && partOfRun(run)) ?? 0.1} label={markWords[health.state]} />
      <div className={styles.what}>
        <h3 className={styles.name}>{job.name}</h3>
        <span className={styles.route} title={job.source.path}>
          {from} → {to}
        </span>
      </div>
      <SizeTrend job={job.name} points={isGitJob(job) ? [] : sizesOf(snapshots, job.name)} />
      <JobActions job={job} />
      <JobFactLine job={job} health={health} latest={latest} />
      <JobFindings health={health} isRunning={run !== null} />
      {run === null ? null : (
        <div className={styles.wide}>
          <RunProgress run={run} />
        </div>
      )}
    </li>
  );
}
