import { SegmentedControl } from '@mantine/core';
import { PageHead } from '../parts/page-head.tsx';
import { go, type Route } from '../route.ts';
import { DrillTable } from './history/drill-table.tsx';
import { RestoreTable } from './history/restore-table.tsx';
import { RunDetail } from './history/run-detail.tsx';
import { filterQuery, type HistoryList, lists, parseFilter, type RunFilter } from './history/run-filter.ts';
import { RunFilters } from './history/run-filters.tsx';
import { RunTable } from './history/run-table.tsx';
import { RunsUnderWay } from './history/runs-under-way.tsx';

const listWords: Readonly<Record<HistoryList, { readonly label: string; readonly says: string }>> = {
  runs: { label: 'Runs', says: 'Every time a job was backed up, or was to be; a failure stays here whatever came after it.' },
  restores: { label: 'Restores', says: 'Everything that was brought back, and what can still be undone.' },
  proofs: { label: 'Drills', says: 'Dated proofs that everything comes back in full from a place.' },
};

/** What happened: every run, restore and drill, narrowed as the address says; or one run with all that is known of it. */
export function HistoryPage({ route }: { readonly route: Route }) {
  const [run] = route.parts;
  return run === undefined ? <HistoryLists filter={parseFilter(route.query)} /> : <RunDetail key={run} id={run} />;
}

function HistoryLists({ filter }: { readonly filter: RunFilter }) {
  const show = (next: RunFilter) => go('history', [], filterQuery(next));
  const choice = (
    <SegmentedControl
      size="xs"
      aria-label="What is listed"
      value={filter.list}
      data={lists.map((value) => ({ value, label: listWords[value].label }))}
      onChange={(list) => show({ ...filter, list })}
    />
  );
  return (
    <>
      <PageHead title="History" actions={choice}>
        {listWords[filter.list].says}
      </PageHead>
      <RunsUnderWay />
      {filter.list === 'runs' ? (
        <>
          <RunFilters filter={filter} onChange={show} />
          <RunTable key={JSON.stringify(filter)} filter={filter} />
        </>
      ) : null}
      {filter.list === 'restores' ? <RestoreTable /> : null}
      {filter.list === 'proofs' ? <DrillTable /> : null}
    </>
  );
}
