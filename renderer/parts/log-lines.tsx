import { describeLogLine, type LogLine } from '../../electron/domain/log-line.ts';
import { localTime } from '../../electron/domain/zoned-time.ts';
import { zone } from '../clock.ts';
import { formatInstant } from '../format.ts';
import styles from './log-lines.module.css';

interface LogLinesProps {
  readonly lines: readonly LogLine[];
  readonly label: string;
  /** What is said where there are no lines. */
  readonly none: string;
}

/** Lines of a log, oldest first, as they were written. */
export function LogLines({ label, lines, none }: LogLinesProps) {
  if (lines.length === 0) return <p className={styles.none}>{none}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={styles.lines} aria-label={label} tabIndex={0}>
      {lines.map(({ atMs, fields, level, message }, index) => {
        const { run: _run, restore: _restore, ...others } = fields;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a log only ever gets more lines
          <div key={index} className={styles.line} data-level={level}>
            <time title={Number.isNaN(atMs) ? '' : formatInstant(atMs)}>{clockTime(atMs)}</time>
            <span className={styles.level}>{level}</span>
            <span>{describeLogLine({ atMs, level, message, fields: others })}</span>
          </div>
        );
      })}
    </section>
  );
}

/** `03:17:02`. */
function clockTime(atMs: number): string {
  if (Number.isNaN(atMs)) return '--:--:--';
  const { time } = localTime(atMs, zone);
  return `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}`;
}
