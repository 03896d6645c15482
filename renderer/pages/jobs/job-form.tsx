import { useQuery } from '@tanstack/react-query';
import { isGitJob, isSqliteJob, type Job } from '../../../electron/domain/model.ts';
import { engine } from '../../client.ts';
import { useNow } from '../../clock.ts';
import { InAYear, NextRuns, RetentionToday, type YearProps } from './consequences.tsx';
import { type FieldErrors, scheduleErrors } from './job-draft.ts';
import styles from './job-form.module.css';
import { DatabaseSentence, StoreSentence } from './job-sentence.tsx';
import { RulesForm } from './rules-form.tsx';

interface JobFormProps {
  readonly job: Job;
  readonly errors: FieldErrors;
  readonly onChange: (job: Job) => void;
  /** False for a job that is only being made. */
  readonly isKnown: boolean;
  /** How large its source is, where that was found out. */
  readonly sourceBytes?: number | null;
}

/** A job to be edited: its sentence, what follows from it, and its rules. */
export function JobForm({ errors, isKnown, job, onChange, sourceBytes = null }: JobFormProps) {
  const nowMs = useNow(60_000);
  const isSchedule = Object.keys(scheduleErrors(job, nowMs)).length === 0;
  return (
    <div className={styles.form}>
      <div className={styles.sentence}>
        {isGitJob(job) ? (
          <StoreSentence job={job} errors={errors} onChange={onChange} />
        ) : (
          <DatabaseSentence job={job} errors={errors} onChange={onChange} />
        )}
      </div>
      <aside className={styles.follows} aria-label="What follows from it">
        {isSchedule ? <NextRuns schedule={job.schedule} /> : null}
        {isSqliteJob(job) && isKnown ? <RetentionToday job={job.name} policy={job.retention} /> : null}
        {isSqliteJob(job) && isSchedule ? <Year job={job} isKnown={isKnown} sourceBytes={sourceBytes} /> : null}
        {isGitJob(job) ? <p className={styles.quiet}>Git keeps every version: nothing is ever removed.</p> : null}
      </aside>
      <details className={styles.rules} open={isKnown || Object.keys(errors).some(isRule)}>
        <summary>
          <h2>Rules</h2>
        </summary>
        <RulesForm job={job} errors={errors} onChange={onChange} />
      </details>
    </div>
  );
}

function Year({ isKnown, ...props }: Omit<YearProps, 'snapshots'> & { readonly isKnown: boolean }) {
  const { data = [] } = useQuery({ ...engine.snapshots.list.queryOptions({ input: { job: props.job.name } }), enabled: isKnown });
  return <InAYear {...props} snapshots={data} />;
}

function isRule(field: string): boolean {
  return /^(rules|limit|lockWait|anomaly|compression|healthCheck|source\.(sentinel|message|remoteLimit))/.test(field);
}
