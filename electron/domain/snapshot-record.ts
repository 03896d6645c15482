import type { Manifest } from './manifest.ts';
import type { Copy } from './model.ts';

/** A snapshot as the catalog knows it: what its manifest says, and where its copies are. */
export interface SnapshotRecord {
  readonly id: string;
  readonly job: string;
  readonly createdAtMs: number;
  readonly pinned: boolean;
  readonly walGrowthBytes: number | null;
  readonly manifest: Manifest;
  readonly copies: readonly Copy[];
}

/** A copy counts as verified while its last proof did not fail. */
export function isVerified(copy: Copy): boolean {
  return copy.state === 'stored' && copy.verified !== undefined && copy.failure === undefined;
}

/** True where a destination holds a copy of the snapshot. */
export function isStoredAt({ copies }: SnapshotRecord, destination: string): boolean {
  return copies.some((copy) => copy.destination === destination && copy.state === 'stored');
}

/** The copies that a restore can use. */
export function storedCopies(snapshot: SnapshotRecord): readonly Copy[] {
  return snapshot.copies.filter(({ state }) => state === 'stored');
}
