import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { engine } from '../../client.ts';
import { Section } from '../../parts/section.tsx';
import { sizesOf } from './job-facts.ts';
import { SizeChart } from './size-chart.tsx';

/** How a database has grown, and what its snapshots have added; shown from the third snapshot of any job on. */
export function SizeOverTime() {
  const { data: snapshots = [] } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  const [asked, setAsked] = useState<string | null>(null);
  const counts = Map.groupBy(snapshots, ({ job }) => job);
  const jobs = [...counts].filter(([, each]) => each.length > 2).map(([job]) => job);
  const job = asked !== null && jobs.includes(asked) ? asked : largestOf(snapshots, jobs);
  if (job === undefined) return null;
  const choice = (
    <NativeSelect
      size="xs"
      aria-label="Job in the chart of sizes"
      value={job}
      onChange={(event) => setAsked(event.currentTarget.value)}
      data={jobs.toSorted((a, b) => a.localeCompare(b))}
    />
  );
  return (
    <Section title="Size over time" actions={jobs.length < 2 ? null : choice}>
      <SizeChart job={job} raw={sizesOf(snapshots, job)} added={sizesOf(snapshots, job, 'object')} />
    </Section>
  );
}

/** The job whose latest snapshot is the largest: there the room goes. */
function largestOf(snapshots: readonly SnapshotRecord[], jobs: readonly string[]): string | undefined {
  const bytesOf = (job: string) => snapshots.find((snapshot) => snapshot.job === job)?.manifest.raw.bytes ?? 0;
  return jobs.toSorted((a, b) => bytesOf(b) - bytesOf(a))[0];
}
