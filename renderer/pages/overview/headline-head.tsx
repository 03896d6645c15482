import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { composeHeadline } from '../../../electron/domain/headline.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { engine } from '../../client.ts';
import { useNow, zone } from '../../clock.ts';
import { markWords, StatusMark } from '../../parts/status-mark.tsx';
import styles from './headline-head.module.css';
import { describeHoldings } from './job-facts.ts';
import { composeNext } from './job-order.ts';
import { inShort } from './short-finding.ts';

/** Everything in one sentence, and what is next. */
export function HeadlineHead({ jobs }: { readonly jobs: readonly JobHealth[] }) {
  const nowMs = useNow();
  const { sentence, state } = composeHeadline(jobs.map(inShort), nowMs, zone);
  const { data: snapshots = [] } = useQuery(engine.snapshots.list.queryOptions({ input: {} }));
  // The headline of one job that is well has told what is next.
  const isTold = state === 'good' && jobs.length === 1;
  const next = isTold ? null : composeNext(jobs, nowMs, zone);
  const more = [next, describeHoldings(snapshots)].filter((part) => part !== null).join(' ');
  return (
    <header className={styles.head} data-state={state}>
      <StatusMark mark={state} size={26} label={markWords[state]} />
      <div aria-live="polite">
        <Title order={1} className={styles.sentence ?? ''} data-long={sentence.length > 110 || undefined}>
          {sentence}
        </Title>
        {more === '' ? null : <p className={styles.next}>{more}</p>}
      </div>
    </header>
  );
}
