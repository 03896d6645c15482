import { Button, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { JobHealth } from '../../../electron/domain/health.ts';
import type { RunStatus } from '../../../electron/domain/model.ts';
import { isVerified } from '../../../electron/domain/snapshot-record.ts';
import { engine } from '../../client.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import { FirstJob, type FirstState, stateWords } from './first-job.tsx';
import styles from './first-run.module.css';

interface FirstSnapshotsProps {
  readonly jobs: readonly string[];
  readonly onDone: () => void;
}

const headWords: Readonly<Record<FirstState, { readonly title: string; readonly hint: string }>> = {
  good: {
    title: 'The first backup is made and verified.',
    hint: 'What was stored has been read back and compared. The next one comes by itself at 03:17.',
  },
  stopped: {
    title: 'The first backup did not come to its end.',
    hint: 'Below is why. It is tried again by itself at 03:17, or now by the button.',
  },
  running: { title: 'Making the first backup', hint: 'You may close this window: the backup goes on without it.' },
};

const stopped: readonly RunStatus[] = ['failed', 'cancelled', 'interrupted', 'skipped'];

function isStopped(health: JobHealth | undefined): boolean {
  return health?.lastRun ? stopped.includes(health.lastRun.status) : false;
}

/** The first runs while they last, and then what they have proven. */
export function FirstSnapshots({ jobs, onDone }: FirstSnapshotsProps) {
  const { data: snapshots = [] } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  const { data: status = [] } = useQuery(engine.engine.status.queryOptions());
  const isGood = (job: string) =>
    snapshots.some((snapshot) => snapshot.job === job && snapshot.copies.some(isVerified)) ||
    status.some((health) => health.job === job && health.lastGoodMs !== null);
  const stateOf = (job: string): FirstState => {
    if (isGood(job)) return 'good';
    return isStopped(status.find((health) => health.job === job)) ? 'stopped' : 'running';
  };
  const states = jobs.map(stateOf);
  const state = (['running', 'stopped'] as const).find((each) => states.includes(each)) ?? 'good';
  const { hint, title } = headWords[state];
  return (
    <>
      <header className={styles.head} aria-live="polite">
        <StatusMark mark={stateWords[state].mark} size={26} />
        <div>
          <Title order={1}>{title}</Title>
          <p className={styles.hint}>{hint}</p>
        </div>
      </header>
      <ul className={styles.made} aria-label="First backups">
        {jobs.map((job) => (
          <FirstJob key={job} job={job} snapshot={snapshots.find((snapshot) => snapshot.job === job)} state={stateOf(job)} />
        ))}
      </ul>
      <div className={styles.begin}>
        <Button size="sm" variant={state === 'good' ? 'filled' : 'default'} onClick={onDone}>
          Go to the overview
        </Button>
      </div>
    </>
  );
}
