import { type PointerEvent, useState } from 'react';
import { formatBytes } from '../../../electron/domain/units.ts';
import { formatDate, formatShort } from '../../format.ts';
import { areaPath, linePath, type PlotFrame, placePoint, roundUpBytes, type SizePoint, stemPath } from '../../plot.ts';
import styles from './size-chart.module.css';

interface SizeChartProps {
  readonly job: string;
  /** The database, oldest first; at least two. */
  readonly raw: readonly SizePoint[];
  /** What each snapshot of it has added at a destination, at the same instants: little where it is a delta. */
  readonly added: readonly SizePoint[];
}

const width = 720;
const height = 120;

/** Over time: the database as a line, and what each snapshot of it has added at a destination as an upright one. */
export function SizeChart({ job, raw, added }: SizeChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const [first] = raw;
  const last = raw.at(-1);
  if (first === undefined || last === undefined) return null;
  const frame = { fromMs: first.atMs, toMs: last.atMs, maxBytes: roundUpBytes(largestOf([...raw, ...added])), width, height };
  const shown = at ?? raw.length - 1;
  const said = `${job} grew from ${formatBytes(first.bytes)} on ${formatDate(first.atMs)} to ${formatBytes(last.bytes)} on ${formatDate(last.atMs)}`;
  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(nearest(raw, frame.fromMs + ((event.clientX - box.left) / box.width) * (frame.toMs - frame.fromMs)));
  };
  return (
    <figure className={styles.chart}>
      <Readout raw={raw[shown]} added={added[shown]} isLatest={shown === raw.length - 1} />
      <div className={styles.plot}>
        <span className={styles.top}>{formatBytes(frame.maxBytes)}</span>
        <svg
          role="img"
          aria-label={said}
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          onPointerMove={follow}
          onPointerLeave={() => setAt(null)}
        >
          <path
            className={styles.grid}
            d={`M0 0H${width}M0 ${height / 2}H${width}M0 ${height}H${width}`}
            vectorEffect="non-scaling-stroke"
          />
          <path className={styles.area} d={areaPath(raw, frame)} />
          <path className={styles.raw} d={linePath(raw, frame)} vectorEffect="non-scaling-stroke" />
          <path className={styles.added} d={stemPath(added, frame)} vectorEffect="non-scaling-stroke" />
          {at === null ? null : <Cursor points={[raw[at], added[at]]} frame={frame} />}
        </svg>
      </div>
      <div className={styles.dates}>
        <span>{formatDate(first.atMs)}</span>
        <span>{formatDate(last.atMs)}</span>
      </div>
    </figure>
  );
}

interface ReadoutProps {
  readonly raw: SizePoint | undefined;
  readonly added: SizePoint | undefined;
  readonly isLatest: boolean;
}

function Readout({ isLatest, raw, added }: ReadoutProps) {
  if (raw === undefined || added === undefined) return null;
  return (
    <figcaption className={styles.readout}>
      <span className={styles.keyRaw}>Database {formatBytes(raw.bytes)}</span>
      <span className={styles.keyAdded}>Added {formatBytes(added.bytes)}</span>
      <span>{isLatest ? `now, ${formatShort(raw.atMs)}` : formatShort(raw.atMs)}</span>
    </figcaption>
  );
}

function Cursor({ frame, points }: { readonly points: readonly (SizePoint | undefined)[]; readonly frame: PlotFrame }) {
  const places = points.flatMap((point) => (point === undefined ? [] : placePoint(point, frame)));
  return (
    <>
      <path className={styles.cursor} d={`M${places[0]?.x ?? 0} 0V${height}`} vectorEffect="non-scaling-stroke" />
      {places.map(({ x, y }) => (
        <path key={y} className={styles.dot} d={`M${x} ${y}h0`} vectorEffect="non-scaling-stroke" />
      ))}
    </>
  );
}

function largestOf(points: readonly SizePoint[]): number {
  return points.reduce((largest, { bytes }) => Math.max(largest, bytes), 0);
}

function nearest(points: readonly SizePoint[], atMs: number): number {
  let best = 0;
  for (const [index, point] of points.entries()) {
    if (Math.abs(point.atMs - atMs) < Math.abs((points[best]?.atMs ?? 0) - atMs)) best = index;
  }
  return best;
}
