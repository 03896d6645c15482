import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { engine } from '../client.ts';
import { failureOf } from '../failure.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { AboutSettings } from './settings/about-settings.tsx';
import { DoctorSettings } from './settings/doctor-settings.tsx';
import { MachineSettings } from './settings/machine-settings.tsx';
import { RunSettings } from './settings/run-settings.tsx';
import { SpaceSettings } from './settings/space-settings.tsx';
import { ToldSettings } from './settings/told-settings.tsx';
import { TransferSettings } from './settings/transfer-settings.tsx';
import styles from './settings.module.css';

/** What holds for all jobs; each line says its effect, and is in force as soon as it is changed. */
export function SettingsPage() {
  const { data: settings, error, isPending } = useQuery(engine.settings.get.queryOptions());
  return (
    <>
      <PageHead title="Settings">What is changed here is in force at once; a run that is under way ends as it began.</PageHead>
      {isPending ? <Loader size="sm" aria-label="Reading the settings" /> : null}
      {error ? <FailureNote failure={failureOf(error)} /> : null}
      {settings ? (
        <div className={styles.settings}>
          <MachineSettings preferences={settings.preferences} />
          <SpaceSettings preferences={settings.preferences} />
          <RunSettings settings={settings} />
          <ToldSettings settings={settings} />
          <TransferSettings />
          <DoctorSettings />
          <AboutSettings />
        </div>
      ) : null}
    </>
  );
}
