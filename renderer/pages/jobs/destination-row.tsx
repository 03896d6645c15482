import { Anchor, Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type DestinationConfig, placeOf } from '../../../electron/domain/model.ts';
import { isStoredAt, type SnapshotRecord } from '../../../electron/domain/snapshot-record.ts';
import { counted, describeSpace } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { StatusMark } from '../../parts/status-mark.tsx';
import { routeTo } from '../../route.ts';
import { partsOfDestination } from './jobs-place.ts';
import styles from './rows.module.css';
import { TestChecks } from './test-checks.tsx';

interface DestinationRowProps {
  readonly config: DestinationConfig;
  readonly snapshots: readonly SnapshotRecord[] | undefined;
}

/** A place in the list: where it is, its room, what it holds, and whether it works. */
export function DestinationRow({ config, snapshots }: DestinationRowProps) {
  const { name } = config;
  const { data: report, isPending } = useQuery(engine.destinations.inspect.queryOptions({ input: { name } }));
  const test = useMutation(engine.destinations.test.mutationOptions());
  const held = snapshots?.filter((snapshot) => isStoredAt(snapshot, name)).length ?? report?.snapshots;
  return (
    <li className={styles.row}>
      {isPending ? (
        <StatusMark mark="unknown" label="Looking at it" />
      ) : (
        <StatusMark mark={report?.error === null ? 'good' : 'failed'} label={report?.error === null ? 'There' : 'Cannot be used now'} />
      )}
      <div>
        <Anchor href={routeTo('jobs', partsOfDestination(name))} className={styles.name}>
          {name}
        </Anchor>
        <div>
          {report?.error ? `${sentence(report.error.message)}.` : null}
          {report?.space ? describeSpace(report.space) : null}
        </div>
        <div className={styles.quiet}>{placeOf(config)}</div>
        {test.data === undefined ? null : <TestChecks checks={test.data} />}
        {test.error === null ? null : <p className={styles.error}>{failureOf(test.error).message}</p>}
      </div>
      <div className={styles.end}>
        {held === undefined ? null : counted(held, 'snapshot')}
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={`Test ${name}`}
          loading={test.isPending}
          onClick={() => test.mutate({ name })}
        >
          Test
        </Button>
      </div>
    </li>
  );
}
