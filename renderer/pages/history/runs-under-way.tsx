import { useLiveRuns } from '../../live.ts';
import { RunProgress } from '../../parts/run-progress.tsx';
import { Section } from '../../parts/section.tsx';
import { StatusMark } from '../../parts/status-mark.tsx';
import { partOfRun } from '../../run-words.ts';
import styles from './runs-under-way.module.css';

/** What goes on now, each with how far it is; nothing where nothing does. */
export function RunsUnderWay() {
  const runs = [...useLiveRuns().values()].filter(({ status }) => status === 'running');
  if (runs.length === 0) return null;
  return (
    <Section title="Under way">
      <ul className={styles.runs}>
        {runs.map((run) => (
          <li key={run.runId} className={styles.run}>
            <StatusMark mark="running" part={partOfRun(run) ?? 0} label="Running" />
            <strong className={styles.job}>{run.job}</strong>
            <div className={styles.progress}>
              <RunProgress run={run} />
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
