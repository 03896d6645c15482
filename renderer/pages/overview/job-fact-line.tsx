import type { ReactNode } from 'react';
import { formatWhen } from '../../../electron/domain/headline.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import { isPaused } from '../../../electron/domain/pause.ts';
import type { SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { counted } from '../../../electron/domain/units.ts';
import { useNow, zone } from '../../clock.ts';
import { formatInstant } from '../../format.ts';
import { Ago } from '../../parts/ago.tsx';
import styles from './job-fact-line.module.css';
import { rowsOf } from './job-facts.ts';

interface JobFactLineProps {
  readonly job: Job;
  readonly health: JobHealth;
  readonly latest: SnapshotRecord | undefined;
}

/** How old the last good state is, what is in it, when it was proven, and what is next. */
export function JobFactLine({ health, job, latest }: JobFactLineProps) {
  const rows = latest === undefined ? null : rowsOf(latest);
  return (
    <ul className={styles.facts} aria-label={`How ${job.name} is`}>
      {isGitJob(job) ? <StoreFacts job={job} health={health} /> : <Verified atMs={health.lastGoodMs} />}
      {rows === null ? null : <li title={rows.tables}>{rows.text}</li>}
      <li title="The last time that everything was brought back in full, from every place">
        {health.lastProvenMs === null ? (
          'not proven yet'
        ) : (
          <>
            proven <Ago atMs={health.lastProvenMs} />
          </>
        )}
      </li>
      <Next job={job} nextMs={health.nextMs} />
    </ul>
  );
}

function Verified({ atMs }: { readonly atMs: number | null }): ReactNode {
  // That there is none is the loudest of its findings.
  if (atMs === null) return null;
  return (
    <li>
      verified <Ago atMs={atMs} />
    </li>
  );
}

function StoreFacts({ health, job }: { readonly job: Job; readonly health: JobHealth }) {
  const isPushed = isGitJob(job) && job.source.push;
  const waiting = health.unpushed.length;
  return (
    <>
      <li>
        {health.lastGoodMs === null ? (
          'not safe as a whole yet'
        ) : (
          <>
            {isPushed ? 'pushed' : 'committed'} <Ago atMs={health.lastGoodMs} />
          </>
        )}
      </li>
      {waiting === 0 ? null : <li title={health.unpushed.slice(0, 20).join('\n')}>{counted(waiting, 'item waits', 'items wait')}</li>}
    </>
  );
}

function Next({ job, nextMs }: { readonly job: Job; readonly nextMs: number | null }) {
  const nowMs = useNow();
  if (isPaused(job, nowMs)) {
    return <li>{job.pausedUntil === null ? 'paused' : `paused until ${formatWhen(Date.parse(job.pausedUntil), nowMs, zone)}`}</li>;
  }
  return nextMs === null ? null : <li title={formatInstant(nextMs)}>next {formatWhen(nextMs, nowMs, zone)}</li>;
}
