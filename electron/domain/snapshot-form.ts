import type { Manifest } from './manifest.ts';
import { formatStamp, parseObjectName } from './object-name.ts';
import { formatBytes, formatCount } from './units.ts';

/** How a snapshot is stored: whole, or as the pages in which it differs from a whole one, its base. */
export type SnapshotForm = 'full' | 'delta';

/** How a snapshot is stored. Pure. */
export function formOf({ delta }: Pick<Manifest, 'delta'>): SnapshotForm {
  return delta === undefined ? 'full' : 'delta';
}

/** `full`, or `delta on 2026-11-01`. Pure. */
export function describeForm({ delta }: Pick<Manifest, 'delta'>): string {
  return delta === undefined ? 'full' : `delta on ${describeBase(delta)}`;
}

/** A delta's base as a person names it: `2026-11-01`, or `2026-11-01_031700`. Pure. */
export function describeBase({ base }: NonNullable<Manifest['delta']>): string {
  const stamp = parseObjectName(base.name)?.stamp;
  return stamp === undefined ? base.name : formatStamp(stamp);
}

/** `40 of 447 pages changed`. Pure. */
export function describeChangedPages(changed: number, pages: number): string {
  return `${formatCount(changed)} of ${formatCount(pages)} pages changed`;
}

/** What is known of a job's last full snapshot. */
export interface LastFull {
  readonly createdAtMs: number;
  readonly pageSize: number;
  /** Whether the digests of its pages were stored with it. */
  readonly hasPages: boolean;
  /** Those of the destinations that the next snapshot goes to at which it is not proven to be. */
  readonly lackingAt: readonly string[];
}

/** What the next snapshot is like before it is taken. */
export interface NextSnapshot {
  readonly deltas: boolean;
  readonly pageSize: number;
  readonly nowMs: number;
}

const dayMs = 86_400_000;
/** A base is not older than this, so that no restore depends on bytes that nobody has renewed for long (issue 7). */
export const oldestBaseMs = 31 * dayMs;

/** Why a snapshot is full of a job that somebody has told to store no deltas, and of none at all. */
export const deltasOff = 'deltas are off';

/** Why the next snapshot has to be full whatever has changed, as words for people; `null` where it may be a delta. Pure (issue 7). */
export function whyFull(last: LastFull | null, next: NextSnapshot): string | null {
  if (!next.deltas) return deltasOff;
  if (last === null) return 'there is no full snapshot yet';
  if (last.lackingAt.length > 0) return `the last full one is not proven at ${last.lackingAt.join(', ')}`;
  if (!last.hasPages) return 'the last full one was stored without the digests of its pages';
  if (next.nowMs - last.createdAtMs > oldestBaseMs) return `the last full one is older than ${oldestBaseMs / dayMs} days`;
  if (last.pageSize !== next.pageSize) return `the page size is ${next.pageSize} bytes, and was ${last.pageSize}`;
  return null;
}

/** What a full and the deltas on it have cost so far, in stored bytes. */
export interface SeriesCost {
  readonly fullBytes: number;
  readonly deltaBytes: number;
  readonly deltas: number;
}

/**
 * Why a finished delta gives way to a full, as words for people; `null` where it is the cheaper way. Pure.
 *
 * Deltas on one base grow, as more and more pages differ from it. A series of a full and its deltas costs least for each snapshot where it
 * ends with the last delta that is not larger than the average so far: a larger one would raise the average, and so would every one after
 * it. The proof is in ARCHITECTURE.md, "When a new full is made".
 */
export function whyTooLarge(deltaBytes: number, { deltaBytes: soFarBytes, deltas, fullBytes }: SeriesCost): string | null {
  const average = (fullBytes + soFarBytes) / (1 + deltas);
  if (deltaBytes <= average) return null;
  return `what has changed takes ${formatBytes(deltaBytes)}, more than a snapshot of this series on average (${formatBytes(Math.round(average))})`;
}
