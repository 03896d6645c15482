import { Button, Switch } from '@mantine/core';
import { useId } from 'react';
import type { Job, Settings } from '../../../electron/domain/model.ts';
import { sentence } from '../../failure.ts';
import { Section } from '../../parts/section.tsx';
import { BandwidthSetting } from './bandwidth-setting.tsx';
import { useChangeJobs, useChangePreference } from './preference.ts';
import { SettingField } from './setting-field.tsx';
import { SettingRow } from './setting-row.tsx';
import { typedWhole } from './setting-text.ts';
import { sharedBy } from './shared-rules.ts';

/** When runs start, and how they behave; what is a rule of each job is set for all of them here. */
export function RunSettings({ settings: { jobs, preferences } }: { readonly settings: Settings }) {
  const change = useChangePreference();
  return (
    <Section title="Runs">
      <MainsOnly jobs={jobs} />
      <BandwidthSetting jobs={jobs} />
      <SettingField
        label="Hours until a job is stale"
        effect="A job whose newest verified snapshot is older than this is shown as failed, whatever its last run said."
        text={String(preferences.staleHours)}
        read={(text) => typedWhole(text, 1, 10_000)}
        save={(value) => change.mutateAsync({ key: 'staleHours', value })}
      />
      <SettingField
        label="Minutes not worth catching up"
        effect="A run that was missed is made up for, unless the next one is due within so many minutes."
        text={String(preferences.catchUpNearMinutes)}
        read={(text) => typedWhole(text, 0, 1440)}
        save={(value) => change.mutateAsync({ key: 'catchUpNearMinutes', value })}
      />
    </Section>
  );
}

function MainsOnly({ jobs }: { readonly jobs: readonly Job[] }) {
  const id = useId();
  const change = useChangeJobs();
  const shared = sharedBy(jobs, ({ rules }) => rules.onlyOnMains, false);
  const set = (onlyOnMains: boolean) =>
    change.mutate(
      jobs.filter(({ rules }) => rules.onlyOnMains !== onlyOnMains).map((job) => ({ ...job, rules: { ...job.rules, onlyOnMains } })),
    );
  const mixed = jobs.map(({ name, rules }) => `${name} ${rules.onlyOnMains ? 'waits for mains power' : 'also runs on battery'}`).join(', ');
  return (
    <SettingRow
      label="Only on mains power"
      {...(shared.kind === 'same' ? { controlId: id } : {})}
      effect={`On battery, runs wait; a run that you start yourself does not. ${saysOf(jobs)}`}
      below={
        <>
          {shared.kind === 'mixed' ? <p>Jobs differ: {mixed}.</p> : null}
          {change.error ? <p role="alert">{sentence(change.error.message)}. That job stays as it was.</p> : null}
        </>
      }
    >
      {shared.kind === 'same' ? (
        <Switch
          id={id}
          aria-describedby={`${id}-effect`}
          checked={shared.value}
          disabled={jobs.length === 0 || change.isPending}
          onChange={({ currentTarget }) => set(currentTarget.checked)}
        />
      ) : (
        <>
          <Button variant="default" disabled={change.isPending} onClick={() => set(true)}>
            Wait for mains power in every job
          </Button>
          <Button variant="default" disabled={change.isPending} onClick={() => set(false)}>
            Run on battery in every job
          </Button>
        </>
      )}
    </SettingRow>
  );
}

function saysOf(jobs: readonly Job[]): string {
  return jobs.length === 0 ? 'There is no job yet.' : 'Sets it for every job.';
}
