import { NativeSelect, Switch, Title } from '@mantine/core';
import { codecLevels, codecs } from '../../../electron/domain/compression.ts';
import type { SqliteJob } from '../../../electron/domain/model.ts';
import type { RulesProps } from './rules-form.tsx';

const usual = '';

/** How the snapshots of a database are stored. */
export function StorageRules({ errors, job, onChange }: RulesProps<SqliteJob>) {
  const { codec, level } = job.compression;
  const { least, most } = codecLevels[codec];
  const levels = Array.from({ length: most - least + 1 }, (_, index) => String(least + index));
  return (
    <>
      <Title order={3}>How it is stored</Title>
      <Switch
        label="Store only what changed"
        description="A snapshot holds the pages that differ from the last full one, and is restored together with that"
        checked={job.deltas}
        onChange={({ currentTarget: { checked } }) => onChange({ ...job, deltas: checked })}
      />
      <NativeSelect
        label="Compression"
        description="Of full snapshots, from the next one on; what is stored stays as it is"
        value={codec}
        error={errors['compression.codec']}
        data={[
          { value: 'gzip', label: 'gzip: every system reads it' },
          { value: 'zstd', label: 'zstd: several times as fast' },
        ]}
        onChange={({ currentTarget: { value } }) =>
          // A level belongs to its codec.
          onChange({ ...job, compression: { codec: codecs.find((known) => known === value) ?? codec, level: null } })
        }
      />
      <NativeSelect
        label="Level"
        value={level ?? usual}
        error={errors['compression.level']}
        data={[
          { value: usual, label: 'As usual' },
          ...levels.map((value) => ({ value, label: levelText(value, String(least), String(most)) })),
        ]}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...job, compression: { codec, level: value === usual ? null : Number(value) } })
        }
      />
    </>
  );
}

function levelText(value: string, fast: string, small: string): string {
  if (value === fast) return `${value}, fast`;
  return value === small ? `${value}, small` : value;
}
