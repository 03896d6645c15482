import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Job } from '../../../electron/domain/model.ts';
import { formatBytes } from '../../../electron/domain/units.ts';
import { sentence } from '../../failure.ts';
import styles from './bandwidth-setting.module.css';
import { useChangeJobs } from './preference.ts';
import { SettingRow } from './setting-row.tsx';
import { typedRate } from './setting-text.ts';
import { describeRule, limitOf, ruleOf, sharedBy, type TransferLimit } from './shared-rules.ts';

const kinds = [
  { value: 'none', label: 'No limit' },
  { value: 'always', label: 'A limit all day' },
  { value: 'hours', label: 'A limit at certain hours' },
] as const;

interface Draft {
  readonly kind: TransferLimit['kind'] | null;
  readonly rate: string;
  readonly from: string;
  readonly to: string;
}

/** How much of the line transfers may use, for every job; where jobs differ it says how. */
export function BandwidthSetting({ jobs }: { readonly jobs: readonly Job[] }) {
  const change = useChangeJobs();
  const shared = sharedBy(jobs, ({ rules }) => rules.bandwidth, []);
  const present = draftOf(shared.kind === 'same' ? limitOf(shared.value) : null);
  const [changed, setChanged] = useState<Partial<Draft> | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const draft = { ...present, ...changed };
  const edit = (part: Partial<Draft>) => {
    setProblem(null);
    setChanged({ ...changed, ...part });
  };
  const keep = (next: Draft) => {
    const limit = readLimit(next);
    if ('problem' in limit) return setProblem(limit.problem);
    const bandwidth = ruleOf(limit.value);
    change.mutate(
      jobs.map((job) => ({ ...job, rules: { ...job.rules, bandwidth } })),
      { onSuccess: () => setChanged(null) },
    );
  };
  return (
    <SettingRow
      label="Bandwidth"
      effect={`How much of the line each transfer takes at most. ${jobs.length === 0 ? 'There is no job yet.' : 'Sets it for every job.'}`}
      below={
        <>
          {shared.kind === 'mixed' || present.kind === null ? <Differing jobs={jobs} /> : null}
          {draft.kind === 'always' || draft.kind === 'hours' ? (
            <LimitFields draft={draft} problem={problem} onEdit={edit}>
              <Button disabled={changed === null} loading={change.isPending} onClick={() => keep(draft)}>
                Limit every job
              </Button>
            </LimitFields>
          ) : null}
          {change.error ? <p role="alert">{sentence(change.error.message)}. That job stays as it was.</p> : null}
        </>
      }
    >
      <Select
        w={200}
        aria-label="Bandwidth"
        placeholder="Jobs differ"
        allowDeselect={false}
        disabled={jobs.length === 0}
        data={[...kinds]}
        value={draft.kind}
        onChange={(value) => {
          const kind = kinds.find((each) => each.value === value)?.value ?? 'none';
          edit({ kind });
          if (kind === 'none') keep({ ...draft, kind });
        }}
      />
    </SettingRow>
  );
}

function Differing({ jobs }: { readonly jobs: readonly Job[] }) {
  return <p className={styles.differing}>{jobs.map(({ name, rules }) => `${name}: ${describeRule(rules.bandwidth)}`).join('; ')}.</p>;
}

interface LimitFieldsProps {
  readonly draft: Draft;
  readonly problem: string | null;
  readonly onEdit: (part: Partial<Draft>) => void;
  readonly children: React.ReactNode;
}

function LimitFields({ children, draft, onEdit, problem }: LimitFieldsProps) {
  return (
    <div className={styles.fields}>
      <TextInput
        label="At most, a second"
        placeholder="2 MB"
        w={150}
        value={draft.rate}
        error={problem}
        onChange={({ currentTarget }) => onEdit({ rate: currentTarget.value })}
      />
      {draft.kind === 'hours' ? (
        <>
          <TextInput
            label="From"
            type="time"
            w={110}
            value={draft.from}
            onChange={({ currentTarget }) => onEdit({ from: currentTarget.value })}
          />
          <TextInput
            label="To"
            type="time"
            w={110}
            value={draft.to}
            onChange={({ currentTarget }) => onEdit({ to: currentTarget.value })}
          />
        </>
      ) : null}
      {children}
    </div>
  );
}

function draftOf(limit: TransferLimit | null): Draft {
  const hours = { from: '08:00', to: '18:00' };
  if (limit === null || limit.kind === 'none') return { kind: limit?.kind ?? null, rate: '', ...hours };
  const rate = formatBytes(limit.bytesPerSecond);
  return limit.kind === 'always' ? { kind: 'always', rate, ...hours } : { kind: 'hours', rate, from: limit.from, to: limit.to };
}

function readLimit({ from, kind, rate, to }: Draft): { readonly value: TransferLimit } | { readonly problem: string } {
  if (kind === null || kind === 'none') return { value: { kind: 'none' } };
  const typed = typedRate(rate);
  if ('problem' in typed) return typed;
  return { value: kind === 'always' ? { kind, bytesPerSecond: typed.value } : { kind, bytesPerSecond: typed.value, from, to } };
}
