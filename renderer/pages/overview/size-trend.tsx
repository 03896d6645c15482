import { formatBytes } from '../../../electron/domain/units.ts';
import { useNow } from '../../clock.ts';
import { areaPath, linePath, placePoint, type SizePoint } from '../../plot.ts';
import styles from './size-trend.module.css';

const days = 90;
const dayMs = 86_400_000;

/** How large the database was in the last 90 days; nothing is drawn of less than a day. */
export function SizeTrend({ job, points }: { readonly job: string; readonly points: readonly SizePoint[] }) {
  const nowMs = useNow(3_600_000);
  const shown = points.filter(({ atMs }) => atMs >= nowMs - days * dayMs);
  const [first] = shown;
  const last = shown.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < dayMs) return <div className={styles.trend} />;
  const frame = {
    fromMs: first.atMs,
    toMs: last.atMs,
    maxBytes: Math.max(...shown.map(({ bytes }) => bytes)) * 1.15,
    width: 120,
    height: 28,
  };
  const said = `Size of ${job} over 90 days: from ${formatBytes(first.bytes)} to ${formatBytes(last.bytes)}`;
  const end = placePoint(last, frame);
  return (
    <svg className={styles.trend} role="img" aria-label={said} viewBox="-2 -2 124 32" preserveAspectRatio="none">
      <title>{said}</title>
      <path className={styles.area} d={areaPath(shown, frame)} />
      <path className={styles.line} d={linePath(shown, frame)} vectorEffect="non-scaling-stroke" />
      <path className={styles.end} d={`M${end.x} ${end.y}h0`} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
