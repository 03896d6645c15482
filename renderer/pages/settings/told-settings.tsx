import type { Job, Settings } from '../../../electron/domain/model.ts';
import { Section } from '../../parts/section.tsx';
import { useChangeJob, useChangePreference } from './preference.ts';
import { SettingField } from './setting-field.tsx';
import { typedAddress, typedCommand, writeCommand } from './setting-text.ts';
import styles from './told-settings.module.css';

/** Who hears of runs and failures beside the person at this machine. */
export function ToldSettings({ settings: { jobs, preferences } }: { readonly settings: Settings }) {
  const { onFailure } = preferences;
  const change = useChangePreference();
  const set = (part: Partial<typeof onFailure>) => change.mutateAsync({ key: 'onFailure', value: { ...onFailure, ...part } });
  return (
    <Section title="Who else is told">
      <SettingField
        isWide
        label="Address on failure"
        effect="Each trouble is posted there once, as JSON: an https address, or one of this machine. Empty tells nobody."
        placeholder="https://example.org/hook"
        text={onFailure.webhook ?? ''}
        read={typedAddress}
        save={(webhook) => set({ webhook })}
      />
      <SettingField
        isWide
        label="Program on failure"
        effect="Is started once for each trouble, without a shell, and reads it as JSON. What has blanks in it goes in quotes."
        placeholder='/usr/local/bin/tell-me "now"'
        text={writeCommand(onFailure.command)}
        read={typedCommand}
        save={(command) => set({ command })}
      />
      {jobs.length === 0 ? null : (
        <details className={styles.checks} open={jobs.some(({ healthCheckUrl }) => healthCheckUrl !== null)}>
          <summary>Health checks</summary>
          {jobs.map((job) => (
            <HealthCheck key={job.name} job={job} />
          ))}
        </details>
      )}
    </Section>
  );
}

function HealthCheck({ job }: { readonly job: Job }) {
  const change = useChangeJob();
  return (
    <SettingField
      isWide
      label={`Health check of ${job.name}`}
      effect="Its runs report there that they start, succeed or fail, as healthchecks does: who hears nothing in time can raise the alarm."
      placeholder="https://hc-ping.com/..."
      text={job.healthCheckUrl ?? ''}
      read={typedAddress}
      save={(healthCheckUrl) => change.mutateAsync({ ...job, healthCheckUrl })}
    />
  );
}
