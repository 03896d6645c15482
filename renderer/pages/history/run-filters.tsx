import { Button, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { localTime } from '../../../electron/domain/zoned-time.ts';
import { engine } from '../../client.ts';
import { useNow, zone } from '../../clock.ts';
import { type Outcome, outcomes, type RunFilter } from './run-filter.ts';
import styles from './run-filters.module.css';

const outcomeWords: Readonly<Record<Outcome, string>> = {
  succeeded: 'Succeeded',
  warning: 'With a warning',
  failed: 'Failed or interrupted',
  cancelled: 'Cancelled or left out',
};

interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
}

/** What the runs are narrowed to. */
export function RunFilters({ filter, onChange }: RunFiltersProps) {
  const { data: jobs = [] } = useQuery(engine.jobs.list.queryOptions());
  const today = localTime(useNow(), zone).day;
  const names = [...new Set([...jobs.map(({ name }) => name), ...(filter.job === null ? [] : [filter.job])])];
  const isNarrowed = filter.job !== null || filter.outcome !== null || filter.day !== null;
  return (
    <div className={styles.filters}>
      <Select
        aria-label="Job"
        placeholder="Every job"
        data={names}
        value={filter.job}
        onChange={(job) => onChange({ ...filter, job })}
        clearable
        clearButtonProps={{ 'aria-label': 'Every job' }}
      />
      <Select
        aria-label="How it ended"
        placeholder="However it ended"
        data={outcomes.map((value) => ({ value, label: outcomeWords[value] }))}
        value={filter.outcome}
        onChange={(value) => onChange({ ...filter, outcome: outcomes.find((outcome) => outcome === value) ?? null })}
        clearable
        clearButtonProps={{ 'aria-label': 'However it ended' }}
      />
      <TextInput
        aria-label="Day"
        type="date"
        max={today}
        value={filter.day ?? ''}
        onChange={({ currentTarget: { value } }) => onChange({ ...filter, day: value === '' ? null : value })}
      />
      {isNarrowed ? (
        <Button variant="subtle" onClick={() => onChange({ ...filter, job: null, outcome: null, day: null })}>
          Show every run
        </Button>
      ) : null}
    </div>
  );
}
