import styles from './gauge.module.css';

interface GaugeProps {
  /** Everything in one sentence, as it is spoken. */
  readonly label: string;
  readonly totalBytes: number;
  readonly usedBytes: number;
  /** What will be written, or what of the used could be had back; drawn after the used, or as its end. */
  readonly part?: { readonly bytes: number; readonly kind: 'next' | 'trash' };
  /** Free space that is never used: a line, so far from the end. */
  readonly reserveBytes?: number;
  readonly verdict?: 'ok' | 'warn' | 'refuse';
}

/** How full something is. What is to come is hatched, and the reserve is a line. */
export function Gauge({ label, part, reserveBytes, totalBytes, usedBytes, verdict = 'ok' }: GaugeProps) {
  const percent = (bytes: number) => `${Math.min(100, Math.max(0, (bytes / Math.max(1, totalBytes)) * 100)).toFixed(2)}%`;
  const partFromBytes = part?.kind === 'trash' ? usedBytes - part.bytes : usedBytes;
  return (
    <div className={styles.gauge} role="img" aria-label={label} data-verdict={verdict}>
      <div className={styles.used} style={{ width: percent(usedBytes) }} />
      {part === undefined || part.bytes === 0 ? null : (
        <div className={styles.part} data-kind={part.kind} style={{ left: percent(partFromBytes), width: percent(part.bytes) }} />
      )}
      {reserveBytes === undefined || reserveBytes === 0 ? null : (
        <div className={styles.reserve} style={{ left: percent(totalBytes - reserveBytes) }} />
      )}
    </div>
  );
}
