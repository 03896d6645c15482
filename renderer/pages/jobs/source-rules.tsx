import { NativeSelect, Switch, TextInput, Title } from '@mantine/core';
import type { GitJob, SqliteJob } from '../../../electron/domain/model.ts';
import { sqliteChecks } from '../../../electron/domain/source.ts';
import { NumberField } from './number-field.tsx';
import type { RulesProps } from './rules-form.tsx';

/** What is checked of a database and its snapshots. */
export function DatabaseRules({ errors, job, onChange }: RulesProps<SqliteJob>) {
  const { anomaly, source } = job;
  return (
    <>
      <NativeSelect
        label="Check of every copy"
        value={source.check}
        data={[
          { value: 'quick_check', label: 'Quick: its pages (quick_check)' },
          { value: 'integrity_check', label: 'Thorough: also its indexes (integrity_check)' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...job, source: { ...source, check: sqliteChecks.find((check) => check === value) ?? source.check } })
        }
      />
      <TextInput
        label="Query that must find something"
        description="A backup fails where its first value is empty or 0; such as SELECT count(*) FROM notes"
        value={source.sentinel ?? ''}
        error={errors['source.sentinel']}
        spellCheck={false}
        onChange={({ currentTarget: { value } }) => onChange({ ...job, source: withSentinel(source, value) })}
      />
      <Switch
        label="Stop pruning when it shrinks"
        description="Nothing is removed until you have looked"
        checked={anomaly.enabled}
        onChange={({ currentTarget: { checked } }) => onChange({ ...job, anomaly: { ...anomaly, enabled: checked } })}
      />
      <NumberField
        label="It shrinks when rows or size fall by"
        unit="%"
        value={anomaly.rowsFellPercent}
        error={errors['anomaly.rowsFellPercent'] ?? errors['anomaly.sizeFellPercent']}
        disabled={!anomaly.enabled}
        onChange={(percent) => onChange({ ...job, anomaly: { ...anomaly, rowsFellPercent: percent, sizeFellPercent: percent } })}
      />
      <NumberField
        label="Wait for a locked database"
        unit="seconds"
        value={job.lockWaitSeconds}
        error={errors.lockWaitSeconds}
        onChange={(lockWaitSeconds) => onChange({ ...job, lockWaitSeconds })}
      />
    </>
  );
}

/** No query is no key: the schema has none that is empty. */
function withSentinel({ sentinel: _, ...source }: SqliteJob['source'], query: string): SqliteJob['source'] {
  return query === '' ? source : { ...source, sentinel: query };
}

/** How commits are made, and where they go. */
export function StoreRules({ errors, job, onChange }: RulesProps<GitJob>) {
  const { source } = job;
  const set = (change: Partial<GitJob['source']>) => onChange({ ...job, source: { ...source, ...change } });
  return (
    <>
      <Title order={3}>How it commits</Title>
      <TextInput
        label="Message of a commit"
        description="{item} and {reason} become what was backed up, and why"
        value={source.message}
        error={errors['source.message']}
        onChange={({ currentTarget: { value } }) => set({ message: value })}
      />
      <Switch
        label="Let the repository's own hooks run"
        checked={source.hooks}
        onChange={({ currentTarget: { checked } }) => set({ hooks: checked })}
      />
      <Switch
        label="Push beside it where the remote has gone another way"
        description="To the branch backup/ with the name of this machine; otherwise it is told, and nothing is pushed"
        checked={source.fallback}
        disabled={!source.push}
        onChange={({ currentTarget: { checked } }) => set({ fallback: checked })}
      />
      <NumberField
        label="A push ends after"
        unit="seconds"
        value={source.remoteLimitSeconds}
        error={errors['source.remoteLimitSeconds']}
        disabled={!source.push}
        onChange={(remoteLimitSeconds) => set({ remoteLimitSeconds })}
      />
      <Switch
        label="Back it up"
        description="Where it is off, no git is ever started for it"
        checked={source.enabled}
        onChange={({ currentTarget: { checked } }) => set({ enabled: checked })}
      />
    </>
  );
}
