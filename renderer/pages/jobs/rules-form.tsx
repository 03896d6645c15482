import { Button, NativeSelect, Switch, TextInput, Title } from '@mantine/core';
import { useId } from 'react';
import type { JobRules } from '../../../electron/domain/job-rules.ts';
import { drillRhythms, isGitJob, isSqliteJob, type Job } from '../../../electron/domain/model.ts';
import type { FieldErrors } from './job-draft.ts';
import { NumberField } from './number-field.tsx';
import styles from './rules-form.module.css';
import { DatabaseRules, StoreRules } from './source-rules.tsx';
import { StorageRules } from './storage-rules.tsx';

export interface RulesProps<J> {
  readonly job: J;
  readonly errors: FieldErrors;
  readonly onChange: (job: J) => void;
}

/** What a job is held to, beside what its sentence says. */
export function RulesForm({ errors, job, onChange }: RulesProps<Job>) {
  return (
    <div className={styles.rules}>
      <Title order={3}>When it may run</Title>
      <TimingRules job={job} errors={errors} onChange={onChange} />
      <BandwidthRules
        limits={job.rules.bandwidth}
        errors={errors}
        onChange={(bandwidth) => onChange({ ...job, rules: { ...job.rules, bandwidth: [...bandwidth] } })}
      />
      <Title order={3}>How it proves itself</Title>
      <NativeSelect
        label="Drill"
        description="Brings everything back in full from every place, and keeps the dated proof"
        value={job.drill}
        data={[
          { value: 'weekly', label: 'Every week' },
          { value: 'monthly', label: 'Every month' },
          { value: 'off', label: 'Never' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...job, drill: drillRhythms.find((rhythm) => rhythm === value) ?? job.drill })
        }
      />
      {isSqliteJob(job) ? <DatabaseRules job={job} errors={errors} onChange={onChange} /> : null}
      {isGitJob(job) ? <StoreRules job={job} errors={errors} onChange={onChange} /> : null}
      {isSqliteJob(job) ? <StorageRules job={job} errors={errors} onChange={onChange} /> : null}
      <Title order={3}>Who is told</Title>
      <TextInput
        label="Health check"
        description="An address that is called when a run starts, succeeds or fails, as healthchecks.io has them"
        placeholder="https://hc-ping.com/…"
        value={job.healthCheckUrl ?? ''}
        error={errors.healthCheckUrl}
        onChange={({ currentTarget: { value } }) => onChange({ ...job, healthCheckUrl: value === '' ? null : value })}
      />
    </div>
  );
}

function TimingRules({ errors, job, onChange }: RulesProps<Job>) {
  const zones = useId();
  const { rules } = job;
  return (
    <>
      <TextInput
        label="Time zone"
        description="Of the schedule, and of the days that are kept"
        value={job.schedule.zone}
        error={errors.schedule?.includes('time zone') ? errors.schedule : undefined}
        list={zones}
        onChange={({ currentTarget: { value } }) => onChange({ ...job, schedule: { ...job.schedule, zone: value } })}
      />
      <datalist id={zones}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <Switch
        label="Only on mains power"
        checked={rules.onlyOnMains}
        onChange={({ currentTarget: { checked } }) => onChange({ ...job, rules: { ...rules, onlyOnMains: checked } })}
      />
      <NumberField
        label="On battery, only from"
        unit="% on"
        value={rules.minBatteryPercent}
        error={errors['rules.minBatteryPercent']}
        disabled={rules.onlyOnMains}
        onChange={(minBatteryPercent) => onChange({ ...job, rules: { ...rules, minBatteryPercent } })}
      />
      <NumberField
        label="A run ends after"
        unit="minutes"
        value={job.limitSeconds / 60}
        error={errors.limitSeconds}
        onChange={(minutes) => onChange({ ...job, limitSeconds: Math.round(minutes * 60) })}
      />
    </>
  );
}

const kilobyte = 1000;
const newLimit = { from: '08:00', to: '18:00', bytesPerSecond: 500 * kilobyte };

function BandwidthRules({
  errors,
  limits,
  onChange,
}: {
  readonly limits: JobRules['bandwidth'];
  readonly errors: FieldErrors;
  readonly onChange: (limits: JobRules['bandwidth']) => void;
}) {
  const set = (index: number, change: Partial<typeof newLimit>) =>
    onChange(limits.map((limit, other) => (other === index ? { ...limit, ...change } : limit)));
  return (
    <fieldset className={styles.limits}>
      <legend>Bandwidth by time of day</legend>
      {limits.map((limit, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: limits have no name, and their order is theirs
        <div key={index} className={styles.limit}>
          <TextInput
            type="time"
            label="From"
            value={limit.from}
            error={errors[`rules.bandwidth.${index}.from`]}
            onChange={({ currentTarget: { value } }) => set(index, { from: value })}
          />
          <TextInput
            type="time"
            label="To"
            value={limit.to}
            error={errors[`rules.bandwidth.${index}.to`]}
            onChange={({ currentTarget: { value } }) => set(index, { to: value })}
          />
          <NumberField
            label="At most"
            unit="kB a second"
            value={limit.bytesPerSecond / kilobyte}
            error={errors[`rules.bandwidth.${index}.bytesPerSecond`]}
            onChange={(kilobytes) => set(index, { bytesPerSecond: Math.round(kilobytes * kilobyte) })}
          />
          <Button variant="subtle" onClick={() => onChange(limits.filter((_, other) => other !== index))}>
            Take this limit away
          </Button>
        </div>
      ))}
      <Button variant="default" onClick={() => onChange([...limits, newLimit])}>
        Add a limit
      </Button>
    </fieldset>
  );
}
