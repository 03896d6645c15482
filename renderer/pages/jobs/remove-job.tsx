import { Button, Modal } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { isGitJob, type Job, placeOf, type SqliteJob } from '../../../electron/domain/model.ts';
import { isStoredAt, type SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { counted } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { go } from '../../route.ts';
import styles from './panel.module.css';

interface RemoveJobProps {
  readonly job: Job;
  readonly onClose: () => void;
}

/** The second step of removing a job: says what goes and what stays, where, and asks by name. */
export function RemoveJob({ job, onClose }: RemoveJobProps) {
  const { data: snapshots = [] } = useQuery(engine.snapshots.list.queryOptions({ input: { job: job.name } }));
  const remove = useMutation(engine.jobs.remove.mutationOptions({ onSuccess: () => go('jobs') }));
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const stays = isGitJob(job) ? ['its commits stay in the repository'] : staying(job, snapshots);
  const places = settings?.destinations.filter(({ name }) => snapshots.some((snapshot) => isStoredAt(snapshot, name))) ?? [];
  return (
    <Modal opened onClose={onClose} title={`Remove ${job.name}`}>
      <div className={styles.form}>
        <p className={styles.quiet}>
          Nightjar forgets what it was told to do for {job.name}, and backs it up no more. Nothing that is stored is deleted, and all of it
          can still be restored.
        </p>
        <ul className={styles.steps}>
          {places.map((place) => (
            <li key={place.name}>
              {place.name}: {placeOf(place)}
            </li>
          ))}
        </ul>
        {remove.error === null ? null : <FailureNote failure={failureOf(remove.error)} means="The job is as it was." />}
        <div className={styles.line}>
          <Button color="var(--failed)" variant="outline" loading={remove.isPending} onClick={() => remove.mutate({ job: job.name })}>
            Remove {job.name}; {stays.length === 0 ? 'it has no snapshots' : stays.join(', ')}
          </Button>
          <Button variant="subtle" onClick={onClose}>
            Keep the job
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** `its 42 snapshots stay at usb`, for each place that has some. */
function staying({ destinations }: SqliteJob, snapshots: readonly SnapshotRecord[]): string[] {
  const places = new Set([...destinations, ...snapshots.flatMap(({ copies }) => copies.map(({ destination }) => destination))]);
  return [...places].flatMap((place) => {
    const count = snapshots.filter((snapshot) => isStoredAt(snapshot, place)).length;
    return count === 0 ? [] : `its ${counted(count, 'snapshot')} ${count === 1 ? 'stays' : 'stay'} at ${place}`;
  });
}
