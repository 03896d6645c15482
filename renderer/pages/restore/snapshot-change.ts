import type { Manifest } from '../../../electron/domain/manifest.ts';
import { countRows } from '../../../electron/domain/table-rows.ts';

export interface TableChange {
  readonly name: string;
  /** `null` for a table that is gone. */
  readonly rows: number | null;
  /** Rows more than before; `null` for a table that is new. */
  readonly change: number | null;
}

/** A snapshot against the one before it. */
export interface SnapshotChange {
  readonly bytes: number;
  readonly rows: number;
  /** The largest tables first, then those that are gone. */
  readonly tables: readonly TableChange[];
}

type Content = Pick<Manifest, 'raw' | 'sqlite'>;

/** What is more and less in a snapshot than in the one before; without one, nothing is known to have changed. */
export function changeSince(present: Content, before: Content | null): SnapshotChange {
  const now = present.sqlite.tables.toSorted((a, b) => b.rows - a.rows || a.name.localeCompare(b.name));
  if (before === null) return { bytes: 0, rows: 0, tables: now.map(({ name, rows }) => ({ name, rows, change: 0 })) };
  const former = new Map(before.sqlite.tables.map(({ name, rows }) => [name, rows]));
  const left = new Set(now.map(({ name }) => name));
  const gone = before.sqlite.tables.filter(({ name }) => !left.has(name)).map(({ name, rows }) => ({ name, rows: null, change: -rows }));
  const kept = now.map(({ name, rows }) => ({ name, rows, change: former.has(name) ? rows - (former.get(name) ?? 0) : null }));
  return {
    bytes: present.raw.bytes - before.raw.bytes,
    rows: countRows(present.sqlite.tables) - countRows(before.sqlite.tables),
    tables: [...kept, ...gone],
  };
}

/** `+1,204`, `−3`, `the same`: a number that says which way. */
export function formatChange(change: number, format: (amount: number) => string): string {
  if (change === 0) return 'the same';
  return `${change > 0 ? '+' : '−'}${format(Math.abs(change))}`;
}
