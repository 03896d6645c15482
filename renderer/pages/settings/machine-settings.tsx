import { Button, Code, SegmentedControl, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import type { DesktopInfo, LoginItemState } from '../../../electron/domain/desktop.ts';
import { appearances, type Preferences } from '../../../electron/domain/model.ts';
import { client, engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { useChangePreference } from './preference.ts';
import { SettingRow } from './setting-row.tsx';

const appearanceWords = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;

/** What concerns this machine and its window. */
export function MachineSettings({ preferences }: { readonly preferences: Preferences }) {
  const { data: desktop } = useQuery(engine.desktop.info.queryOptions());
  const change = useChangePreference();
  const notificationsId = useId();
  const isApp = desktop?.kind === 'app';
  return (
    <Section title="This machine">
      {desktop === undefined ? null : <StartAtLogin desktop={desktop} />}
      <SettingRow
        label="Notifications"
        controlId={notificationsId}
        effect={`Tells of a failure, of data that went missing and of a sign-in that ended, once each.${isApp ? '' : ' Only the app shows them.'}`}
      >
        <Switch
          id={notificationsId}
          aria-describedby={`${notificationsId}-effect`}
          checked={preferences.notifications}
          onChange={({ currentTarget }) => change.mutate({ key: 'notifications', value: currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow label="Appearance" effect="How this window looks.">
        <SegmentedControl
          size="xs"
          aria-label="Appearance"
          value={preferences.appearance}
          data={appearances.map((value) => ({ value, label: appearanceWords[value] }))}
          onChange={(value) => change.mutate({ key: 'appearance', value })}
        />
      </SettingRow>
      {change.error ? <FailureNote failure={failureOf(change.error)} means="The setting is as it was." /> : null}
    </Section>
  );
}

const loginWords: Readonly<Record<LoginItemState, string>> = {
  on: 'Nightjar begins when you log in, and works in the background.',
  off: 'Nightjar begins only when you open it: until then nothing is backed up.',
  'needs-approval': 'It is set, but the system still asks for your approval: until then Nightjar does not begin by itself.',
  unavailable: 'This cannot be set from here.',
};

function StartAtLogin({ desktop: { kind, loginItem } }: { readonly desktop: DesktopInfo }) {
  const id = useId();
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (on: boolean) => client.desktop.setLoginItem({ on }),
    onSettled: () => queries.invalidateQueries(),
  });
  const open = useMutation(engine.desktop.openSystemPage.mutationOptions());
  if (kind === 'browser') {
    return (
      <SettingRow
        label="Start at login"
        effect={
          <>
            What serves this window begins at login as a service of the system, which <Code>nightjar serve --print-unit</Code> prints.
          </>
        }
      />
    );
  }
  const failed = set.error ?? open.error;
  const says = [loginWords[loginItem.state], ...(loginItem.message === null ? [] : [`${sentence(loginItem.message)}.`])];
  return (
    <SettingRow
      label="Start at login"
      controlId={id}
      effect={says.join(' ')}
      below={failed ? <FailureNote failure={failureOf(failed)} /> : null}
    >
      <Switch
        id={id}
        aria-describedby={`${id}-effect`}
        checked={loginItem.state === 'on' || loginItem.state === 'needs-approval'}
        disabled={loginItem.state === 'unavailable' || set.isPending}
        onChange={({ currentTarget }) => set.mutate(currentTarget.checked)}
      />
      {loginItem.state === 'needs-approval' ? (
        <Button variant="default" onClick={() => open.mutate({ page: 'login-items' })}>
          Open Login Items...
        </Button>
      ) : null}
    </SettingRow>
  );
}
