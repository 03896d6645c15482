import { useQuery } from '@tanstack/react-query';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { engine } from '../../client.ts';
import { useKeptFocus } from '../../kept-focus.ts';
import { Section } from '../../parts/section.tsx';
import styles from './job-list.module.css';
import { orderByNeed } from './job-order.ts';
import { JobRow } from './job-row.tsx';

/** Every job, those first that need somebody. */
export function JobList({ jobs }: { readonly jobs: readonly JobHealth[] }) {
  const known = useQuery(engine.jobs.list.queryOptions());
  const { data: snapshots = [] } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  const ordered = orderByNeed(jobs);
  // A row that takes another place loses its focus with that.
  const keepFocus = useKeptFocus(ordered.map(({ job }) => job).join(' '));
  return (
    <Section title={jobs.length === 1 ? 'Job' : `${jobs.length} jobs`}>
      <ul className={styles.list} onFocus={keepFocus}>
        {ordered.map((health) => {
          const job = known.data?.find(({ name }) => name === health.job);
          return job === undefined ? null : <JobRow key={job.name} job={job} health={health} snapshots={snapshots} />;
        })}
      </ul>
    </Section>
  );
}
