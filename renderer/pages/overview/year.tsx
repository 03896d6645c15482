import { Anchor, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sayDay } from '../../calendar-grid.ts';
import { engine } from '../../client.ts';
import { zone } from '../../clock.ts';
import { failureOf } from '../../failure.ts';
import { DayCalendar, DayLegend } from '../../parts/day-calendar.tsx';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { routeTo } from '../../route.ts';
import styles from './year.module.css';

/** One cell a day for the last twelve months, of all jobs or of one; a day that is picked says what it had and leads to its history. */
export function Year() {
  const [job, setJob] = useState('');
  const [picked, setPicked] = useState<string | null>(null);
  const { data: jobs = [] } = useQuery(engine.jobs.list.queryOptions());
  const ofJob = job === '' ? {} : { job };
  const { data: days = [], error } = useQuery(engine.runs.calendar.queryOptions({ input: { zone, days: 371, ...ofJob } }));
  const day = days.find((each) => each.day === picked);
  return (
    <Section title="Last 12 months" actions={jobs.length < 2 ? null : <JobChoice jobs={jobs} job={job} onChange={setJob} />}>
      {error === null ? null : <FailureNote failure={failureOf(error)} />}
      <DayCalendar days={days} picked={picked} onPick={(next) => setPicked(next.day)} label="The last 12 months, one cell a day" />
      <div className={styles.below}>
        <DayLegend />
        <p aria-live="polite">
          {day === undefined ? null : (
            <>
              {sayDay(day)}. <Anchor href={routeTo('history', [], { day: day.day, ...ofJob })}>Open that day in the history</Anchor>
            </>
          )}
        </p>
      </div>
    </Section>
  );
}

interface JobChoiceProps {
  readonly jobs: readonly { readonly name: string }[];
  readonly job: string;
  readonly onChange: (job: string) => void;
}

function JobChoice({ job, jobs, onChange }: JobChoiceProps) {
  return (
    <NativeSelect
      size="xs"
      aria-label="Jobs in the calendar"
      value={job}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: '', label: 'All jobs' }, ...jobs.map(({ name }) => ({ value: name, label: name }))]}
    />
  );
}
