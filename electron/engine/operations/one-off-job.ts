import { existsSync, realpathSync, statSync } from 'node:fs';
import { BackupError } from '../../domain/errors.ts';
import { type Settings, type SqliteJob, sqliteJobSchema } from '../../domain/model.ts';
import { defaultCron } from '../../domain/schedule.ts';

export interface OneOff {
  readonly name: string;
  /** Absolute path of the database. */
  readonly path: string;
  /** Absolute paths of the folders that it goes to. */
  readonly folders: readonly string[];
  readonly zone: string;
  readonly limitSeconds?: number | undefined;
}

/** Throws `source-missing` or `destination-absent` where the database or a folder is not there; creates nothing. */
export function expectPlaces({ folders, path }: Pick<OneOff, 'folders' | 'path'>): void {
  if (!existsSync(path)) {
    throw new BackupError('source-missing', `there is no file ${path}`, {
      hint: 'check the path; a disk that is not mounted looks the same',
    });
  }
  for (const folder of folders) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    throw new BackupError('destination-absent', `there is no folder ${folder}`, {
      hint: 'plug in or mount the disk; a new folder has to be made by hand, so that a backup never goes to the wrong place',
    });
  }
}

/**
 * A job that exists for one run. A folder that is set up as a destination goes by its name there; any other stands for itself. Throws as
 * `expectPlaces`.
 */
export function oneOffJob({ destinations }: Settings, { folders, limitSeconds, name, path, zone }: OneOff): SqliteJob {
  expectPlaces({ folders, path });
  const known = new Map(
    destinations.flatMap((config) =>
      config.kind === 'folder' && existsSync(config.path) ? [[realpathSync(config.path), config.name]] : [],
    ),
  );
  const real = folders.map((folder) => realpathSync(folder));
  const job = sqliteJobSchema.parse({
    name,
    source: { kind: 'sqlite', path },
    destinations: ['one-off'],
    schedule: { cron: defaultCron, zone },
    retention: {},
    // What is asked for once stands for itself.
    deltas: false,
    limitSeconds,
  });
  return { ...job, destinations: [...new Set(real.map((folder) => known.get(folder) ?? folder))] };
}
