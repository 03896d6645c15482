import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DestinationReport } from '../../../electron/domain/outcomes.ts';
import { counted, formatBytes } from '../../../electron/domain/units.ts';
import { engine } from '../../client.ts';
import { failureOf, sentence } from '../../failure.ts';
import { Gauge } from '../../parts/gauge.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { routeTo } from '../../route.ts';
import { partsOfDestination } from '../jobs/jobs-place.ts';
import styles from './disk-guard.module.css';

/** The room of an account at Google, with what its trash holds. Asked for once; an account that does not answer is a quiet sentence. */
export function DriveQuota({ name }: { readonly name: string }) {
  const { data, error } = useQuery(engine.destinations.inspect.queryOptions({ input: { name } }));
  const why = data?.error?.message ?? (error === null ? null : failureOf(error).message);
  if (why !== null) {
    return (
      <li className={styles.quiet}>
        The room at {name} is not known: {sentence(why)}. <Anchor href={routeTo('jobs', partsOfDestination(name))}>Look at {name}</Anchor>
      </li>
    );
  }
  if (data === undefined) return <li className={styles.quiet} role="status">{`Asking ${name} for its room…`}</li>;
  return <Quota report={data} />;
}

function Quota({ report: { bytes, config, snapshots, space } }: { readonly report: DestinationReport }) {
  const account = config.kind === 'drive' ? (config.account?.email ?? '') : '';
  const held = `${counted(snapshots, 'snapshot')} there, ${formatBytes(bytes)}.`;
  if (space === null) {
    return <li className={styles.quiet}>{`${config.name} has no limit of its own; ${held}`}</li>;
  }
  const { freeBytes, totalBytes, trashBytes = 0 } = space;
  const usedBytes = totalBytes - freeBytes;
  const trash = trashBytes === 0 ? '' : `, trash ${formatBytes(trashBytes)}`;
  const free = `${formatBytes(usedBytes)} of ${formatBytes(totalBytes)}${trash}`;
  return (
    <li className={styles.place} aria-label={config.name}>
      <StatusMark mark="good" label="Signed in" />
      <span className={styles.name} title={account}>
        {config.name}
      </span>
      <Gauge label={`${config.name}: ${free}`} totalBytes={totalBytes} usedBytes={usedBytes} part={{ bytes: trashBytes, kind: 'trash' }} />
      <span className={styles.free}>{free}</span>
      <p className={styles.sentence}>
        {account === '' ? '' : `${account}: `}
        {held} {trashBytes === 0 ? '' : 'Emptying the trash of that account gives its part back.'}
      </p>
    </li>
  );
}
