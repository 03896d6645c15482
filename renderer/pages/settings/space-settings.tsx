import { Select } from '@mantine/core';
import { useId } from 'react';
import type { Preferences } from '../../../electron/domain/model.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { failureOf } from '../../failure.ts';
import { FailureNote } from '../../parts/failure-note.tsx';
import { Section } from '../../parts/section.tsx';
import { useChangePreference } from './preference.ts';
import { SettingField } from './setting-field.tsx';
import { SettingRow } from './setting-row.tsx';
import { typedSize, typedWhole } from './setting-text.ts';

const levels = Array.from({ length: 9 }, (_, index) => String(index + 1));
const levelWords: Readonly<Record<string, string>> = { '1': '1, fast', '6': '6, as usual', '9': '9, small' };

/** How much room backups take and leave. */
export function SpaceSettings({ preferences }: { readonly preferences: Preferences }) {
  const { gzipLevel, reserveBytes, trashDays, warnFreeBytes } = preferences;
  const change = useChangePreference();
  const levelId = useId();
  return (
    <Section title="Space">
      <SettingField
        label="Reserve"
        effect="A run that would leave less than this free on a disk does not start."
        text={formatBytes(reserveBytes)}
        read={typedSize}
        save={(value) => change.mutateAsync({ key: 'reserveBytes', value })}
      />
      <SettingField
        label="Warn below"
        effect="A run that would leave less than this free starts, and warns."
        text={formatBytes(warnFreeBytes)}
        read={typedSize}
        save={(value) => change.mutateAsync({ key: 'warnFreeBytes', value })}
      />
      <SettingField
        label="Days in the trash"
        effect="What the retention policy expires stays so many days in the trash of a folder; 0 deletes it at once."
        text={String(trashDays)}
        read={(text) => typedWhole(text, 0, 3650)}
        save={(value) => change.mutateAsync({ key: 'trashDays', value })}
      />
      <SettingRow
        label="Compression"
        controlId={levelId}
        effect="How hard gzip tries, from the next run on. Beyond 6 little is won for much time."
        below={change.error && change.variables.key === 'gzipLevel' ? <FailureNote failure={failureOf(change.error)} /> : null}
      >
        <Select
          id={levelId}
          w={200}
          aria-describedby={`${levelId}-effect`}
          allowDeselect={false}
          data={levels.map((value) => ({ value, label: levelWords[value] ?? value }))}
          value={String(gzipLevel)}
          onChange={(value) => change.mutate({ key: 'gzipLevel', value: Number(value) })}
        />
      </SettingRow>
    </Section>
  );
}
