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
  /** Where a delta is planned: what the last one on the same base took as a file, and stored; `unknown` for the first. */
  readonly delta?: { readonly fileBytes: number; readonly storedBytes: number } | 'unknown';
}

const mebibyte = 1024 * 1024;

/** What gzip can make of data that does not compress: stored blocks, a header and a trailer add less than 2 KiB to each 1 MiB member. */
export function worstCompressedBytes(rawBytes: number): number {
  return rawBytes + (Math.ceil(rawBytes / mebibyte) + 1) * 2048;
}

/** The compressed size of a full to plan with: a quarter more than the last ratio says, never more than the worst case. */
export function expectedFullBytes(sizes: Pick<BackupSizes, 'rawBytes' | 'lastRatio'>): number {
  const worst = worstCompressedBytes(sizes.rawBytes);
  return sizes.lastRatio === undefined ? worst : Math.min(worst, Math.ceil(sizes.rawBytes * sizes.lastRatio * 1.25) + mebibyte);
}

/**
 * What a delta takes to plan with, as a file and stored: twice what the last one took, for deltas grow, else a tenth of a full; never more
 * than half the database, since it is a full then. `null` where a full is planned.
 */
export function expectedDeltaBytes(sizes: BackupSizes): { readonly fileBytes: number; readonly storedBytes: number } | null {
  const { delta, rawBytes } = sizes;
  if (delta === undefined) return null;
  const full = expectedFullBytes(sizes);
  const guess =
    delta === 'unknown'
      ? { fileBytes: rawBytes / 10, storedBytes: full / 10 }
      : { fileBytes: delta.fileBytes * 2, storedBytes: delta.storedBytes * 2 };
  const most = (bytes: number, half: number) => Math.ceil(Math.min(bytes, half) + mebibyte);
  return { fileBytes: most(guess.fileBytes, rawBytes / 2), storedBytes: most(guess.storedBytes, full) };
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

/** A destination on a file system of this machine. */
export interface LocalDestination {
  readonly name: string;
  readonly volume: Volume;
}

/** Everything a backup will write, volume by volume. */
export function planBackupWrites(
  sizes: BackupSizes,
  volumes: { readonly staging: Volume; readonly source: Volume; readonly destinations: readonly LocalDestination[] },
): PlannedWrite[] {
  const { destinations, source, staging } = volumes;
  const delta = expectedDeltaBytes(sizes);
  const writes: PlannedWrite[] = [
    { volume: staging, what: sizes.canClone ? 'changes while it is cloned' : 'copy of the database', bytes: expectedCopyBytes(sizes) },
    { volume: staging, what: 'changed pages', bytes: delta?.fileBytes ?? 0 },
    { volume: source, what: 'growth of the write-ahead log', bytes: expectedWalGrowthBytes(sizes) },
    ...planObjectWrites(delta?.storedBytes ?? expectedFullBytes(sizes), staging, destinations),
  ];
  return writes.filter(({ bytes }) => bytes > 0);
}

/** The compressed snapshot in staging and at destinations, the first of which on the staging volume takes the staged file over without a copy. */
export function planObjectWrites(bytes: number, staging: Volume, destinations: readonly LocalDestination[]): PlannedWrite[] {
  const takesOver = destinations.find(({ volume }) => volume.id === staging.id);
  return [
    { volume: staging, what: 'compressed snapshot', bytes },
    ...destinations
      .filter((destination) => destination !== takesOver)
      .map(({ name, volume }) => ({ volume, what: `snapshot at ${name}`, bytes })),
  ];
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
