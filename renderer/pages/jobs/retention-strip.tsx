import type { RetentionVerdict } from '../../../electron/domain/retention.ts';
import { useNow } from '../../clock.ts';
import styles from './retention-strip.module.css';

const width = 200;
const dot = 3.5;
const dayMs = 86_400_000;

/** Snapshots on a line of time up to now: full where they stay, hollow where they would go. The list beside it says the same in words. */
export function RetentionStrip({ verdicts }: { readonly verdicts: readonly RetentionVerdict[] }) {
  const nowMs = useNow(3_600_000);
  const oldestMs = Math.min(...verdicts.map(({ createdAtMs }) => createdAtMs));
  const spanMs = Math.max(dayMs, nowMs - oldestMs);
  const xOf = (atMs: number) => width - dot - 1 - (width - 2 * dot - 2) * Math.min(1, Math.max(0, (nowMs - atMs) / spanMs));
  return (
    <svg className={styles.strip} viewBox={`0 0 ${width} 12`} aria-hidden="true">
      <path d={`M0 6H${width}`} />
      {verdicts.map(({ createdAtMs, id, reasons }) => (
        <circle key={id} cx={xOf(createdAtMs)} cy="6" r={dot} data-goes={reasons.length === 0 || undefined} />
      ))}
    </svg>
  );
}
