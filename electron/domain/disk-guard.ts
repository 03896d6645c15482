/** The disk guard: what a run will write against what is free, decided before anything is created (S1-31 to S1-35). */

/** A file system, with its free space when the run was planned. */
export interface Volume {
  /** Equal for two paths on the same file system. */
  readonly id: string;
  /** A path on it, for people. */
  readonly path: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** One thing that will be written. */
export interface PlannedWrite {
  readonly volume: Volume;
  readonly what: string;
  readonly bytes: number;
}

export interface VolumeNeed {
  readonly volume: Volume;
  readonly needBytes: number;
  readonly freeAfterBytes: number;
  readonly verdict: 'ok' | 'warn' | 'refuse';
  readonly writes: readonly { readonly what: string; readonly bytes: number }[];
}

/** Free space that is never used, and below which a run warns. */
export interface SpaceLimits {
  readonly reserveBytes: number;
  readonly warnFreeBytes: number;
}

export interface BackupSizes {
  /** Pages times page size as SQLite sees them, so that what is only in the WAL counts (S1-33). */
  readonly rawBytes: number;
  /** Compressed size over raw size of the job's last snapshot. */
  readonly lastRatio?: number;
  /** Growth of the WAL while the last snapshot was held; missing where the source has no WAL to grow. */
  readonly lastWalGrowthBytes?: number;
  readonly isWal: boolean;
  /** The WAL as it is, which is copied as well before it is played in. */
  readonly walBytes: number;
  /** Staging can share the database's blocks. */
  readonly canClone: boolean;
}

const mebibyte = 1024 * 1024;

/** What gzip can make of data that does not compress: stored blocks, a header and a trailer add less than 2 KiB to each 1 MiB member. */
export function worstCompressedBytes(rawBytes: number): number {
  return rawBytes + (Math.ceil(rawBytes / mebibyte) + 1) * 2048;
}

/** The compressed size to plan with: a quarter more than the last ratio says, never more than the worst case. */
export function expectedCompressedBytes(sizes: BackupSizes): number {
  const worst = worstCompressedBytes(sizes.rawBytes);
  return sizes.lastRatio === undefined ? worst : Math.min(worst, Math.ceil(sizes.rawBytes * sizes.lastRatio * 1.25) + mebibyte);
}

/**
 * The growth of the WAL to plan with while the snapshot holds it: twice what was last seen, else a tenth of the database;
 * at least 16 MiB. A rollback journal does not grow, since writers wait.
 */
export function expectedWalGrowthBytes(sizes: BackupSizes): number {
  if (!sizes.isWal) return 0;
  const guess = sizes.lastWalGrowthBytes === undefined ? sizes.rawBytes / 10 : sizes.lastWalGrowthBytes * 2;
  return Math.max(16 * mebibyte, Math.ceil(guess));
}

/** What a clone may take while it is there, as a part of the database: whatever is written to the source meanwhile is written elsewhere. */
const changedShare = 0.05;

/** The copy in staging to plan with: a clone takes no space of its own until pages change. */
export function expectedCopyBytes({ rawBytes, walBytes, canClone }: BackupSizes): number {
  return walBytes + (canClone ? Math.ceil(rawBytes * changedShare) : rawBytes);
}

/** Everything a backup will write, volume by volume. The first destination on the staging volume takes the staged file over without a copy. */
export function planBackupWrites(
  sizes: BackupSizes,
  volumes: {
    readonly staging: Volume;
    readonly source: Volume;
    readonly destinations: readonly { readonly name: string; readonly volume: Volume }[];
  },
): PlannedWrite[] {
  const compressed = expectedCompressedBytes(sizes);
  const writes: PlannedWrite[] = [
    {
      volume: volumes.staging,
      what: sizes.canClone ? 'changes while it is cloned' : 'copy of the database',
      bytes: expectedCopyBytes(sizes),
    },
    { volume: volumes.staging, what: 'compressed snapshot', bytes: compressed },
    { volume: volumes.source, what: 'growth of the write-ahead log', bytes: expectedWalGrowthBytes(sizes) },
  ];
  const takesOver = volumes.destinations.find(({ volume }) => volume.id === volumes.staging.id);
  for (const destination of volumes.destinations) {
    if (destination !== takesOver) writes.push({ volume: destination.volume, what: `snapshot at ${destination.name}`, bytes: compressed });
  }
  return writes.filter(({ bytes }) => bytes > 0);
}

/** Adds the writes up for each volume and judges them against its free space less the reserve. */
export function judgeWrites(writes: readonly PlannedWrite[], limits: SpaceLimits): VolumeNeed[] {
  const byVolume = Map.groupBy(writes, ({ volume }) => volume.id);
  return [...byVolume.values()].map((group) => {
    const volume = group[0]?.volume as Volume;
    const needBytes = group.reduce((sum, { bytes }) => sum + bytes, 0);
    const freeAfterBytes = volume.freeBytes - needBytes;
    const isTight = freeAfterBytes < limits.warnFreeBytes ? 'warn' : 'ok';
    const verdict = freeAfterBytes < limits.reserveBytes ? 'refuse' : isTight;
    return { volume, needBytes, freeAfterBytes, verdict, writes: group.map(({ what, bytes }) => ({ what, bytes })) };
  });
}
