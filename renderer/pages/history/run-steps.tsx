import type { Run, RunStep } from '../../../electron/domain/model.ts';
import type { LiveRun } from '../../../electron/domain/run-event.ts';
import { describeFacts, describeStep } from '../../../electron/domain/step-words.ts';
import { useNow } from '../../clock.ts';
import { formatTook } from '../../format.ts';
import { type Mark, StatusMark } from '../../parts/status-mark.tsx';
import styles from './run-steps.module.css';

const marks: Readonly<Record<RunStep['status'], { readonly mark: Mark; readonly word: string }>> = {
  running: { mark: 'running', word: 'running' },
  done: { mark: 'good', word: 'done' },
  failed: { mark: 'failed', word: 'failed' },
};

/** The steps of a run, one below the other, each drawn from when to when it took of the whole. */
export function RunSteps({ live, run }: { readonly run: Run; readonly live: LiveRun | null }) {
  const nowMs = useNow(1000);
  const endMs = run.endedAtMs ?? Math.max(nowMs, run.startedAtMs + 1);
  const wholeMs = Math.max(1, endMs - run.startedAtMs);
  if (run.steps.length === 0) return <p className={styles.facts}>It ended before its first step.</p>;
  return (
    <ol className={styles.steps}>
      {run.steps.map((step, index) => {
        const stepEndMs = step.endedAtMs ?? (run.endedAtMs === undefined ? endMs : step.startedAtMs);
        const fromPercent = ((step.startedAtMs - run.startedAtMs) / wholeMs) * 100;
        const widthPercent = ((stepEndMs - step.startedAtMs) / wholeMs) * 100;
        const status = step.status === 'running' && run.endedAtMs !== undefined ? 'failed' : step.status;
        const name = live?.steps[index]?.label ?? describeStep(step);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a run only ever gets more steps
          <li key={index} className={styles.step}>
            <StatusMark mark={marks[status].mark} label={marks[status].word} />
            <div className={styles.text}>
              <div>{name}</div>
              <div className={styles.facts}>{describeFacts(step).join(' · ')}</div>
            </div>
            <svg className={styles.line} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
              <rect className={styles.whole} x="0" y="2.5" width="100" height="1" />
              <rect
                data-status={status}
                className={styles.part}
                x={Math.min(99.2, fromPercent)}
                y="0"
                width={Math.max(0.8, widthPercent)}
                height="6"
              />
            </svg>
            <span className={styles.took}>{formatTook(stepEndMs - step.startedAtMs)}</span>
          </li>
        );
      })}
    </ol>
  );
}
