import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobHealth } from '../../../electron/domain/health.ts';
import type { Job } from '../../../electron/domain/model.ts';
import { client, engine } from '../../client.ts';
import { useNow } from '../../clock.ts';
import { failureOf, sentence } from '../../failure.ts';
import { useRunningRun } from '../../live.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { RunProgress } from '../../parts/run-progress.tsx';
import { SignIn } from '../../parts/sign-in.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { withoutCommand } from '../../without-command.ts';
import { BackLink } from './back-link.tsx';
import { JobActions } from './job-actions.tsx';
import { isChanged, withPause } from './job-draft.ts';
import { JobForm } from './job-form.tsx';
import styles from './job-page.module.css';
import { jobSentence, runningSentence } from './job-text.ts';
import { SaveOutcome } from './save-outcome.tsx';
import { type Consent, useJobSave } from './use-job-save.ts';

/** One job: how it is, what can be done with it, and everything that it is told to do. */
export function JobPage({ name }: { readonly name: string }) {
  const { data: job, error } = useQuery(engine.jobs.get.queryOptions({ input: { job: name } }));
  const { data: health } = useQuery(engine.engine.status.queryOptions());
  const run = useRunningRun(job?.name ?? name);
  if (error !== null) {
    return (
      <>
        <BackLink />
        <PageHead title={name} />
        <FailureNote failure={failureOf(error)} />
      </>
    );
  }
  if (job === undefined) return null;
  return (
    <>
      <BackLink />
      <PageHead title={job.name} actions={<JobActions job={job} />}>
        <JobState job={job} health={health?.find((each) => each.job === job.name)} isRunning={run !== null} />
      </PageHead>
      {signedOutOf(health, job.name).map((place) => (
        <div key={place} className={styles.run}>
          <SignIn name={place} label={`Sign in to ${place}`} />
        </div>
      ))}
      {run === null ? null : (
        <div className={styles.run}>
          <RunProgress run={run} />
        </div>
      )}
      <JobEditor job={job} />
    </>
  );
}

/** The places of a job whose account cannot be used. */
function signedOutOf(health: readonly JobHealth[] | undefined, job: string): string[] {
  const places = health?.find((each) => each.job === job)?.places ?? [];
  return places.filter(({ account }) => account?.code.startsWith('sign-in-') === true).map(({ place }) => place);
}

interface JobStateProps {
  readonly job: Job;
  readonly health: JobHealth | undefined;
  readonly isRunning: boolean;
}

/** Everything that is wrong with a job, the loudest first; or how it is. */
function JobState({ health, isRunning, job }: JobStateProps) {
  const nowMs = useNow(60_000);
  if (isRunning) {
    return (
      <>
        <StatusMark mark="running" /> {runningSentence}
      </>
    );
  }
  const others = health?.problems.slice(1) ?? [];
  return (
    <>
      <StatusMark mark={health?.state ?? 'unknown'} /> {jobSentence(job, health, nowMs)}
      {others.map((problem) => ` ${sentence(withoutCommand(problem))}.`).join('')}
    </>
  );
}

/** What is edited lies over the job as it is, until it is saved or undone. */
function JobEditor({ job }: { readonly job: Job }) {
  const [draft, setDraft] = useState<Job | null>(null);
  // What is typed in a field stays there; another edition of the job, or another schedule of it, gets fields of its own.
  const [edition, setEdition] = useState(0);
  const startAnew = () => {
    setDraft(null);
    setEdition(edition + 1);
  };
  const shown = draft ?? job;
  const queries = useQueryClient();
  const save = useJobSave(
    (asked, { identity = 'keep' }) => client.jobs.change({ job: withPause(asked, job), identity }),
    (setUp) => {
      // Until it is read anew, the job would be shown as it was.
      queries.setQueryData(engine.jobs.get.queryKey({ input: { job: job.name } }), setUp.job);
      startAnew();
    },
  );
  const send = (consent?: Consent) => save.save(shown, consent);
  const isDirty = draft !== null && isChanged(draft, job);
  const outcome = <SaveOutcome save={save} means="The job is as it was." onConsent={send} />;
  return (
    <>
      {isDirty ? null : outcome}
      <JobForm
        key={`${edition} ${job.schedule.cron}`}
        isKnown
        job={shown}
        errors={save.errors}
        onChange={(next) => {
          save.forget();
          setDraft(next);
        }}
      />
      {isDirty ? (
        <div className={styles.bar}>
          {outcome}
          <Button loading={save.isPending} onClick={() => send()}>
            Save the changes
          </Button>
          <Button
            variant="subtle"
            onClick={() => {
              save.forget();
              startAnew();
            }}
          >
            Undo the changes
          </Button>
        </div>
      ) : null}
    </>
  );
}
