import type { ReactNode } from 'react';
import { Fragment, useState } from 'react';
import type { GitJob, SqliteJob } from '../../../electron/domain/model.ts';
import { nameOfPath } from '../../path-text.ts';
import { DestinationChoice } from './destination-choice.tsx';
import { InlineNumber, InlineSelect, InlineText, InlineToggle } from './inline-inputs.tsx';
import type { FieldErrors } from './job-draft.ts';
import styles from './job-sentence.module.css';
import { ScheduleInput } from './schedule-input.tsx';
import { SourceEditor } from './source-editor.tsx';

interface SentenceProps<J> {
  readonly job: J;
  readonly errors: FieldErrors;
  readonly onChange: (job: J) => void;
}

type Panel = 'source' | 'destinations' | null;

/** A job for a database as a sentence whose words can be changed. */
export function DatabaseSentence({ errors, job, onChange }: SentenceProps<SqliteJob>) {
  const [panel, setPanel] = useState<Panel>(job.destinations.length === 0 ? 'destinations' : null);
  const [isWhole, setWhole] = useState(job.retention.weekly > 0 || job.retention.yearly > 0);
  const toggle = (other: Panel) => setPanel(panel === other ? null : other);
  const chosen = job.destinations.length === 0 ? ['choose a place'] : job.destinations;
  return (
    <Sentence
      errors={errors}
      fields={['source.path', 'destinations', 'schedule', ...tiers.map(([tier]) => `retention.${tier}`), 'retention']}
    >
      <p className={styles.words}>
        Back up{' '}
        <InlineToggle
          label={`Source: ${job.source.path}`}
          isInvalid={'source.path' in errors}
          isOpen={panel === 'source'}
          onToggle={() => toggle('source')}
        >
          {nameOfPath(job.source.path) || 'choose a database'}
        </InlineToggle>{' '}
        to{' '}
        {chosen.map((name, index) => (
          <Fragment key={name}>
            {joint(index, chosen.length)}
            <InlineToggle
              label={`Place: ${name}`}
              isInvalid={'destinations' in errors}
              isOpen={panel === 'destinations'}
              onToggle={() => toggle('destinations')}
            >
              {name}
            </InlineToggle>
          </Fragment>
        ))}{' '}
        <ScheduleInput schedule={job.schedule} isInvalid={'schedule' in errors} onChange={(schedule) => onChange({ ...job, schedule })} />,{' '}
        <RetentionInput job={job} errors={errors} onChange={onChange} isWhole={isWhole} />.{' '}
        {isWhole ? null : (
          <button type="button" className={styles.more} onClick={() => setWhole(true)}>
            Weeks, years…
          </button>
        )}
      </p>
      {panel === 'source' ? (
        <SourceEditor
          path={job.source.path}
          error={errors['source.path']}
          onChange={(path) => onChange({ ...job, source: { ...job.source, path } })}
        />
      ) : null}
      {panel === 'destinations' ? (
        <DestinationChoice chosen={job.destinations} onChange={(destinations) => onChange({ ...job, destinations: [...destinations] })} />
      ) : null}
    </Sentence>
  );
}

const tiers = [
  ['daily', 'days'],
  ['weekly', 'weeks'],
  ['monthly', 'months'],
  ['yearly', 'years'],
] as const;

/** Weeks and years are asked for where they are kept, or wanted. */
function RetentionInput({ errors, isWhole, job, onChange }: SentenceProps<SqliteJob> & { readonly isWhole: boolean }) {
  const { retention } = job;
  const shown = tiers.filter(([tier]) => isWhole || tier === 'daily' || tier === 'monthly');
  const set = (change: Partial<typeof retention>) => onChange({ ...job, retention: { ...retention, ...change } });
  return (
    <>
      keep{' '}
      {shown.map(([tier, unit], index) => (
        <Fragment key={tier}>
          {joint(index, shown.length)}
          <InlineNumber
            label={`How many ${unit} to keep`}
            isInvalid={`retention.${tier}` in errors || 'retention' in errors}
            value={retention[tier]}
            onChange={(count) => set({ [tier]: count })}
          />{' '}
          {unit}
        </Fragment>
      ))}
      {isWhole ? (
        <>
          , never fewer than{' '}
          <InlineNumber
            label="Verified snapshots that always stay"
            isInvalid={'retention.minVerified' in errors}
            value={retention.minVerified}
            onChange={(minVerified) => set({ minVerified })}
          />{' '}
          verified
        </>
      ) : null}
    </>
  );
}

/** A job for a git repository as a sentence whose words can be changed. */
export function StoreSentence({ errors, job, onChange }: SentenceProps<GitJob>) {
  const [isOpen, setOpen] = useState(false);
  const { source } = job;
  const set = (change: Partial<GitJob['source']>) => onChange({ ...job, source: { ...source, ...change } });
  const what = source.stores.map((store) => store || 'everything').join(', ');
  return (
    <Sentence errors={errors} fields={['source.path', 'source.stores', 'source.branch', 'source.remote', 'schedule']}>
      <p className={styles.words}>
        Commit{' '}
        <InlineToggle
          label={`Source: ${what} in ${source.path}`}
          isInvalid={'source.path' in errors || 'source.stores' in errors}
          isOpen={isOpen}
          onToggle={() => setOpen(!isOpen)}
        >
          {what} in {nameOfPath(source.path)}
        </InlineToggle>{' '}
        on the branch{' '}
        <InlineText label="Branch" isInvalid={'source.branch' in errors} value={source.branch} onChange={(branch) => set({ branch })} />{' '}
        after every change and{' '}
        <ScheduleInput schedule={job.schedule} isInvalid={'schedule' in errors} onChange={(schedule) => onChange({ ...job, schedule })} />,
        and{' '}
        <InlineSelect
          label="Push"
          options={[
            ['push', 'push it to'],
            ['keep', 'keep it on this machine'],
          ]}
          value={source.push ? 'push' : 'keep'}
          onChange={(push) => set({ push: push === 'push' })}
        />
        {source.push ? (
          <>
            {' '}
            <InlineText label="Remote" isInvalid={'source.remote' in errors} value={source.remote} onChange={(remote) => set({ remote })} />
          </>
        ) : null}
        .
      </p>
      {isOpen ? (
        <SourceEditor
          path={source.path}
          error={errors['source.path']}
          stores={{ paths: source.stores, error: errors['source.stores'], onChange: (stores) => set({ stores: [...stores] }) }}
          onChange={(path) => set({ path })}
        />
      ) : null}
    </Sentence>
  );
}

/** The words, and under them what is wrong with which. */
function Sentence({
  children,
  errors,
  fields,
}: {
  readonly children: ReactNode;
  readonly errors: FieldErrors;
  readonly fields: readonly string[];
}) {
  const said = [...new Set(fields.flatMap((field) => errors[field] ?? []))];
  return (
    <div className={styles.sentence}>
      {children}
      {said.length === 0 ? null : (
        <div role="alert" className={styles.errors}>
          {said.map((message) => (
            <p key={message}>{message}</p>
          ))}
        </div>
      )}
    </div>
  );
}

/** What stands before one of several: nothing, a comma, `and`. */
function joint(index: number, count: number): string {
  if (index === 0) return '';
  return index === count - 1 ? ' and ' : ', ';
}
