import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupSizes, judgeWrites, type PlannedWrite, planBackupWrites, type VolumeNeed } from '../../domain/disk-guard.ts';
import { BackupError } from '../../domain/errors.ts';
import type { Preferences, SqliteJob } from '../../domain/model.ts';
import { formatBytes } from '../../domain/units.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Engine } from '../engine.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import type { SourceFacts } from '../sqlite/worker-protocol.ts';
import type { Steps } from './steps.ts';

/**
 * What the next run of a job will find of its source, and whether that can be cloned into staging. Nothing is left of the trial. Throws
 * what keeps the source from being read, and the signal's reason.
 */
export async function probeSource(engine: Engine, job: SqliteJob, lockWaitMs: number, signal: AbortSignal): Promise<SourceFacts> {
  const trialFolder = join(engine.home.stagingFolder, engine.ports.ids.make('part'));
  try {
    const task = { kind: 'probe', path: job.source.path, lockWaitMs, trialFolder } as const;
    return await runSqliteTask(engine.ports.workers, task, { signal });
  } finally {
    // A worker that was ended in the middle of it could not.
    await rm(trialFolder, { recursive: true, force: true });
  }
}

/** Everything that the next run of a job will write, volume by volume, by what is known of the last one. Creates nothing. */
export async function planWrites(
  engine: Engine,
  job: SqliteJob,
  source: SourceFacts,
  destinations: readonly Destination[],
): Promise<PlannedWrite[]> {
  const { disk } = engine.ports;
  return planBackupWrites(sizesOf(engine, job, source), {
    staging: await disk.of(engine.home.stagingFolder),
    source: await disk.of(job.source.path),
    destinations: await localVolumes(destinations),
  });
}

/** Judges a backup's writes before anything is created; warns, or throws `disk-space-low` with both numbers (S1-31, S1-33). */
export async function guardBackup(
  engine: Engine,
  job: SqliteJob,
  source: SourceFacts,
  destinations: readonly Destination[],
  steps: Steps,
): Promise<VolumeNeed[]> {
  return guardWrites(engine.settings.current.preferences, await planWrites(engine, job, source, destinations), steps);
}

/** Judges any writes; the one place where the guard warns and refuses. */
export function guardWrites(
  { reserveBytes, warnFreeBytes }: Preferences,
  writes: readonly PlannedWrite[],
  steps: Pick<Steps, 'warn'>,
): VolumeNeed[] {
  const needs = judgeWrites(writes, { reserveBytes, warnFreeBytes });
  const refused = needs.find(({ verdict }) => verdict === 'refuse');
  if (refused) throw refusal(refused, reserveBytes);
  for (const need of needs.filter(({ verdict }) => verdict === 'warn')) {
    steps.warn(
      `${need.volume.path} will have ${formatBytes(need.freeAfterBytes)} free after this run, less than ${formatBytes(warnFreeBytes)}`,
    );
  }
  return needs;
}

/**
 * Asks a remote destination whether so many bytes still fit into the account; its volume is nobody's here. Throws `quota-low`, and
 * whatever shows that the account cannot be used.
 */
export async function guardQuota(destination: Destination, needBytes: number): Promise<void> {
  if (destination.kind === 'folder') return;
  const space = await destination.freeSpace();
  if (space === null || space.freeBytes >= needBytes) return;
  const { freeBytes, trashBytes = 0 } = space;
  throw new BackupError(
    'quota-low',
    `${destination.name} needs ${formatBytes(needBytes)}, free ${formatBytes(freeBytes)}, trash holds ${formatBytes(trashBytes)}; nothing was sent`,
    {
      hint: trashBytes > 0 ? 'empty the trash of that account, or free some of its space' : 'free some space of that account',
      details: { needBytes, freeBytes, trashBytes },
    },
  );
}

/**
 * Watches a volume while a snapshot holds its WAL: `onLow` is called once when less than half the reserve is free, so that the
 * snapshot lets go before the writer itself runs out of space. Returns how to stop watching.
 */
export function watchSpace(engine: Engine, path: string, onLow: (error: BackupError) => void): () => void {
  const floorBytes = engine.settings.current.preferences.reserveBytes / 2;
  const look = async () => {
    const volume = await engine.ports.disk.of(path).catch(() => null);
    if (volume === null || volume.freeBytes >= floorBytes) return;
    stop();
    onLow(
      new BackupError(
        'disk-space-low',
        `only ${formatBytes(volume.freeBytes)} were left on ${volume.path} while the snapshot was held, so it was let go`,
        {
          hint: 'free some space; the database and its writer were not touched',
          details: { freeBytes: volume.freeBytes },
        },
      ),
    );
  };
  const stop = engine.ports.clock.every(1000, () => void look());
  return stop;
}

/** What the snapshot will take at a destination if it compresses as the last one did; 0 where there is none to go by. */
export function expectedStoredBytes(engine: Engine, job: SqliteJob, source: SourceFacts): number {
  const { lastRatio = 0, rawBytes } = sizesOf(engine, job, source);
  return Math.floor(rawBytes * lastRatio);
}

function sizesOf(engine: Engine, job: SqliteJob, source: SourceFacts): BackupSizes {
  const last = engine.catalog.snapshots(job.name)[0];
  return {
    rawBytes: source.rawBytes,
    isWal: source.journalMode === 'wal',
    walBytes: source.walBytes,
    canClone: source.canClone,
    ...(last ? { lastRatio: last.manifest.object.bytes / last.manifest.raw.bytes } : {}),
    ...(last && last.walGrowthBytes !== null ? { lastWalGrowthBytes: last.walGrowthBytes } : {}),
  };
}

async function localVolumes(destinations: readonly Destination[]): Promise<{ name: string; volume: VolumeNeed['volume'] }[]> {
  const volumes: { name: string; volume: VolumeNeed['volume'] }[] = [];
  for (const destination of destinations) {
    const volume = await destination.volume();
    if (volume) volumes.push({ name: destination.name, volume });
  }
  return volumes;
}

function refusal(need: VolumeNeed, reserveBytes: number): BackupError {
  const { volume, needBytes, writes } = need;
  const parts = writes.map(({ what, bytes }) => `${what} ${formatBytes(bytes)}`).join(', ');
  return new BackupError(
    'disk-space-low',
    `this needs ${formatBytes(needBytes)} on ${volume.path} and keeps ${formatBytes(reserveBytes)} in reserve, but only ${formatBytes(volume.freeBytes)} are free (${parts}); nothing was created`,
    {
      hint: 'free some space, or lower the reserve with: nightjar settings set reserveBytes 0',
      details: { needBytes, freeBytes: volume.freeBytes, reserveBytes },
    },
  );
}
