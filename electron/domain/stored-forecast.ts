import type { Manifest } from './manifest.ts';
import { oldestBaseMs } from './snapshot-form.ts';

/** What the snapshots of a job have taken so far, in stored bytes. */
export interface StoredSizes {
  /** Of the last full. */
  readonly fullBytes: number;
  /** Of a delta on average; `null` where there was none yet. */
  readonly deltaBytes: number | null;
  /** How long a full has served as the base: the last one that another one has followed, else as long as one may. */
  readonly seriesMs: number;
}

type Stored = Pick<Manifest, 'delta' | 'object'>;

/** What snapshots have taken, given newest first; `null` where no full is among them. Pure. */
export function storedSizes(snapshots: readonly { readonly createdAtMs: number; readonly manifest: Stored }[]): StoredSizes | null {
  const fulls = snapshots.filter(({ manifest }) => manifest.delta === undefined);
  const deltas = snapshots.filter(({ manifest }) => manifest.delta !== undefined);
  const [last, former] = fulls;
  if (last === undefined) return null;
  const bytes = deltas.reduce((sum, { manifest }) => sum + manifest.object.bytes, 0);
  return {
    fullBytes: last.manifest.object.bytes,
    deltaBytes: deltas.length === 0 ? null : Math.round(bytes / deltas.length),
    seriesMs: former === undefined ? oldestBaseMs : Math.min(oldestBaseMs, Math.max(1, last.createdAtMs - former.createdAtMs)),
  };
}

/** What is stored at one place for snapshots that are kept. */
export interface StoredForecast {
  readonly bytes: number;
  /** Fulls among them, with those that stay only because a kept delta needs them. */
  readonly fulls: number;
  readonly deltas: number;
}

/**
 * What snapshots of these instants take if the job goes on as it did: each full serves as the base for as long as the last one, and stays
 * for any delta on it. Without a delta yet, and with deltas off, each is a full. Pure.
 */
export function forecastStored(createdAtMs: readonly number[], { deltaBytes, fullBytes, seriesMs }: StoredSizes): StoredForecast {
  const kept = createdAtMs.length;
  if (deltaBytes === null) return { bytes: kept * fullBytes, fulls: kept, deltas: 0 };
  const newestMs = Math.max(...createdAtMs);
  const fulls = new Set(createdAtMs.map((atMs) => Math.floor((newestMs - atMs) / seriesMs))).size;
  return { bytes: fulls * fullBytes + kept * deltaBytes, fulls, deltas: kept };
}
