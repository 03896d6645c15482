import { Title } from '@mantine/core';
import { composeHeadline } from '../../../electron/domain/headline.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';
import { useNow, zone } from '../../clock.ts';
import { markWords, StatusMark } from '../../parts/status-mark.tsx';
import styles from './headline-head.module.css';
import { composeNext } from './job-order.ts';
import { withoutCommand } from './without-command.ts';

/** Everything in one sentence, and what is next. */
export function HeadlineHead({ jobs }: { readonly jobs: readonly JobHealth[] }) {
  const nowMs = useNow();
  const { sentence, state } = composeHeadline(jobs, nowMs, zone);
  const next = composeNext(jobs, nowMs, zone);
  return (
    <header className={styles.head} data-state={state}>
      <StatusMark mark={state} size={26} label={markWords[state]} />
      <div aria-live="polite">
        <Title order={1} className={styles.sentence ?? ''}>
          {withoutCommand(sentence)}
        </Title>
        {next === null ? null : <p className={styles.next}>{next}</p>}
      </div>
    </header>
  );
}
