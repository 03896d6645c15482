import { Button, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { isVerified } from '../../../electron/domain/snapshot-record.ts';
import { engine } from '../../client.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import { FirstJob } from './first-job.tsx';
import styles from './first-run.module.css';

interface FirstSnapshotsProps {
  readonly jobs: readonly string[];
  readonly onDone: () => void;
}

/** The first runs while they last, and then what they have proven. */
export function FirstSnapshots({ jobs, onDone }: FirstSnapshotsProps) {
  const { data: snapshots = [] } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  const { data: status = [] } = useQuery(engine.engine.status.queryOptions());
  const isGood = (job: string) =>
    snapshots.some((snapshot) => snapshot.job === job && snapshot.copies.some(isVerified)) ||
    status.some((health) => health.job === job && health.lastGoodMs !== null);
  const isOver = jobs.every(isGood);
  return (
    <>
      <header className={styles.head} aria-live="polite">
        <StatusMark mark={isOver ? 'good' : 'running'} size={26} />
        <div>
          <Title order={1}>{isOver ? 'The first backup is made and verified.' : 'Making the first backup'}</Title>
          <p className={styles.hint}>
            {isOver
              ? 'What was stored has been read back and compared. The next one comes by itself at 03:17.'
              : 'You may close this window: the backup goes on without it.'}
          </p>
        </div>
      </header>
      <ul className={styles.made} aria-label="First backups">
        {jobs.map((job) => (
          <FirstJob key={job} job={job} snapshot={snapshots.find((snapshot) => snapshot.job === job)} isGood={isGood(job)} />
        ))}
      </ul>
      <div className={styles.begin}>
        <Button size="sm" variant={isOver ? 'filled' : 'default'} onClick={onDone}>
          Go to the overview
        </Button>
      </div>
    </>
  );
}
