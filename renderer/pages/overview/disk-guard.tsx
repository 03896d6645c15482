import { useQuery } from '@tanstack/react-query';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import styles from './disk-guard.module.css';
import { DriveQuota } from './drive-quota.tsx';
import { VolumeRow } from './volume-row.tsx';

/** Others write on the same disks, of which no event tells. */
const measureEveryMs = 120_000;

/** The disks as they were last measured: at every event, and now and then while the window is looked at. */
export function useDiskGuard() {
  return useQuery({ ...engine.engine.diskGuard.queryOptions(), refetchInterval: measureEveryMs });
}

/** The room on every volume and in every account that runs write on, with what the next ones need. */
export function DiskGuard({ jobs }: { readonly jobs: readonly JobHealth[] }) {
  const guard = useDiskGuard();
  const { data: settings } = useQuery(engine.settings.get.queryOptions());
  const drives = settings?.destinations.filter(({ kind }) => kind === 'drive') ?? [];
  const hasNothing = guard.data?.volumes.length === 0 && guard.data.unknown.length === 0 && drives.length === 0;
  if (hasNothing) return null;
  return (
    <Section title="Disk guard">
      {guard.error === null ? null : (
        <FailureNote failure={failureOf(guard.error)} means="Each run still looks for itself before it starts." />
      )}
      {guard.data === undefined && guard.error === null ? <Waiting what="Measuring the disks" /> : null}
      <ul className={styles.places}>
        {guard.data?.volumes.map((gauge) => (
          <VolumeRow key={gauge.path} gauge={gauge} jobs={jobs} />
        ))}
        {drives.map(({ name }) => (
          <DriveQuota key={name} name={name} />
        ))}
      </ul>
      {[...Map.groupBy(guard.data?.unknown ?? [], ({ message }) => message)].map(([message, each]) => (
        <p key={message} className={styles.quiet}>
          It cannot be told what {each.map(({ job }) => job).join(' and ')} will need: {message}.
        </p>
      ))}
    </Section>
  );
}
