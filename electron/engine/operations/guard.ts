import {
  type BackupSizes,
  expectedFullBytes,
  judgeWrites,
  type PlannedWrite,
  planBackupWrites,
  planObjectWrites,
  type VolumeNeed,
} from '../../domain/disk-guard.ts';
import { BackupError } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Preferences, SqliteJob } from '../../domain/model.ts';
import { formatBytes } from '../../domain/units.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Engine } from '../engine.ts';
import type { SourceFacts } from '../sqlite/worker-protocol.ts';
import type { FormChoice } from './base.ts';
import type { Steps } from './steps.ts';

/** What the writes of a run depend on. */
export interface NextRun {
  readonly source: SourceFacts;
  readonly destinations: readonly Destination[];
  readonly form: FormChoice;
}

/** Everything that the next run of a job will write, volume by volume, by what is known of the last one. Creates nothing. */
export async function planWrites(engine: Engine, job: SqliteJob, { destinations, form, source }: NextRun): Promise<PlannedWrite[]> {
  const { disk } = engine.ports;
  return planBackupWrites(sizesOf(engine, job, source, form), {
    staging: await disk.of(engine.home.stagingFolder),
    source: await disk.of(job.source.path),
    destinations: await localVolumes(destinations),
  });
}

/** Judges a backup's writes before anything is created; warns, or throws `disk-space-low` with both numbers (S1-31, S1-33). */
export async function guardBackup(engine: Engine, job: SqliteJob, next: NextRun, steps: Steps): Promise<VolumeNeed[]> {
  return guardWrites(engine.settings.current.preferences, await planWrites(engine, job, next), steps);
}

/** Judges what a full will write where a delta had been planned, its copy being there already. Throws `disk-space-low`. */
export async function guardFull(
  engine: Engine,
  job: SqliteJob,
  rawBytes: number,
  destinations: readonly Destination[],
  steps: Steps,
): Promise<void> {
  const staging = await engine.ports.disk.of(engine.home.stagingFolder);
  const writes = planObjectWrites(expectedFullBytes(sizesFor(engine, job, rawBytes)), staging, await localVolumes(destinations));
  guardWrites(engine.settings.current.preferences, writes, steps);
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

/** What the snapshot will take at a destination if it is as the last one of its form; 0 where there is none to go by. */
export function expectedStoredBytes(engine: Engine, job: SqliteJob, { rawBytes }: SourceFacts, form: FormChoice): number {
  const { lastRatio = 0 } = sizesFor(engine, job, rawBytes);
  return 'base' in form ? (lastDelta(engine, job, form)?.object.bytes ?? 0) : Math.floor(rawBytes * lastRatio);
}

function sizesOf(
  engine: Engine,
  job: SqliteJob,
  { journalMode, rawBytes, walBytes, canClone }: SourceFacts,
  form: FormChoice,
): BackupSizes {
  const last = engine.catalog.snapshots(job.name)[0];
  const delta = lastDelta(engine, job, form);
  return {
    ...sizesFor(engine, job, rawBytes),
    isWal: journalMode === 'wal',
    walBytes,
    canClone,
    ...(last && last.walGrowthBytes !== null ? { lastWalGrowthBytes: last.walGrowthBytes } : {}),
    ...('base' in form ? { delta: delta?.delta ? { fileBytes: delta.delta.raw.bytes, storedBytes: delta.object.bytes } : 'unknown' } : {}),
  };
}

/** The size of a database, and how well its last full compressed. */
function sizesFor(engine: Engine, job: SqliteJob, rawBytes: number): Pick<BackupSizes, 'rawBytes' | 'lastRatio'> {
  const full = engine.catalog.snapshots(job.name).find(({ manifest }) => manifest.delta === undefined);
  return { rawBytes, ...(full ? { lastRatio: full.manifest.object.bytes / full.manifest.raw.bytes } : {}) };
}

/** The last delta on the base that the next one will be on; `undefined` where that is the first, or a full. */
function lastDelta({ catalog }: Engine, job: SqliteJob, form: FormChoice): Manifest | undefined {
  if (!('base' in form)) return undefined;
  const { id } = form.base.manifest;
  return catalog.snapshots(job.name).find(({ manifest }) => manifest.delta?.base.id === id)?.manifest;
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
