import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Settings } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { Section } from '../../parts/section.tsx';
import { routeTo } from '../../route.ts';
import { DestinationRow } from './destination-row.tsx';
import { JobRow } from './job-row.tsx';
import styles from './rows.module.css';

/** Every job and every place that keeps snapshots. */
export function JobsOverview() {
  const { data: settings, error } = useQuery(engine.settings.get.queryOptions());
  return (
    <>
      <PageHead
        title="Jobs"
        actions={
          <Button component="a" href={routeTo('jobs', ['new'])}>
            New job
          </Button>
        }
      >
        What is backed up, where to, when, and how long it is kept.
      </PageHead>
      {error === null ? null : <FailureNote failure={failureOf(error)} />}
      {settings === undefined ? null : <Lists settings={settings} />}
    </>
  );
}

function Lists({ settings: { destinations, jobs } }: { readonly settings: Settings }) {
  const { data: health = [] } = useQuery(engine.engine.status.queryOptions());
  const { data: snapshots } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  return (
    <>
      {jobs.length === 0 ? (
        <p className={styles.empty}>No jobs yet. A job backs up one database, or one git repository.</p>
      ) : (
        <ul className={styles.rows} aria-label="Jobs">
          {jobs.map((job) => (
            <JobRow key={job.name} job={job} health={health.find((each) => each.job === job.name)} />
          ))}
        </ul>
      )}
      <Section
        title="Destinations"
        actions={
          <Button component="a" variant="default" size="compact-xs" href={routeTo('jobs', ['destinations', 'new'])}>
            Add a destination
          </Button>
        }
      >
        {destinations.length === 0 ? (
          <p className={styles.empty}>
            No destinations yet. A folder on another disk is a good beginning; Google Drive keeps a copy elsewhere.
          </p>
        ) : (
          <ul className={styles.rows} aria-label="Destinations">
            {destinations.map((config) => (
              <DestinationRow key={config.name} config={config} snapshots={snapshots} />
            ))}
          </ul>
        )}
      </Section>
    </>
  );
}
