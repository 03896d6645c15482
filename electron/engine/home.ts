import { mkdirSync } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { BackupError } from '../domain/errors.ts';
import { privateFolder } from './platform/atomic-file.ts';
import { runLogFolder } from './platform/log.ts';

/** The data folder of one user: everything that Nightjar keeps, and nothing that it cannot make again from the destinations. */
export interface Home {
  readonly path: string;
  readonly catalogPath: string;
  readonly logFolder: string;
  /** Copies and compressed files of the run that is under way. */
  readonly stagingFolder: string;
  /** Packed snapshots that are still to be sent somewhere. */
  readonly outboxFolder: string;
  /** The page digests of the fulls that the next deltas are made on. */
  readonly pagesFolder: string;
  /** What Chromium keeps for the window of the app; other programs need it not. */
  readonly appFolder: string;
}

/** Where the data folder is: as asked for, else NIGHTJAR_HOME, else the platform's place for application data. */
export function locateHome(asked: string | undefined, environment: NodeJS.ProcessEnv): Home {
  const path = resolve(asked ?? (environment.NIGHTJAR_HOME || envPaths('nightjar', { suffix: '' }).data));
  return {
    path,
    catalogPath: join(path, 'catalog.db'),
    logFolder: join(path, 'logs'),
    stagingFolder: join(path, 'staging'),
    outboxFolder: join(path, 'outbox'),
    pagesFolder: join(path, 'pages'),
    appFolder: join(path, 'app'),
  };
}

/** Makes the folders that are missing, for their owner alone. Throws `home-unusable`. */
export function makeHome(home: Home): void {
  try {
    for (const folder of foldersOf(home)) mkdirSync(folder, { recursive: true, mode: privateFolder });
  } catch (cause) {
    throw new BackupError('home-unusable', `the data folder ${home.path} cannot be made: ${(cause as Error).message}`, {
      cause,
      hint: 'choose another with --home DIR or NIGHTJAR_HOME',
    });
  }
}

/** Removes what dead runs left in staging (S1-29). Only the engine that holds the lock may call it. */
export async function sweepStaging(home: Home): Promise<void> {
  for (const entry of await readdir(home.stagingFolder)) await rm(join(home.stagingFolder, entry), { recursive: true, force: true });
}

/** Narrows a data folder that was made by hand with wider permissions. */
export async function tightenHome(home: Home): Promise<void> {
  for (const folder of foldersOf(home)) await chmod(folder, privateFolder);
}

function foldersOf({ path, logFolder, stagingFolder, outboxFolder, pagesFolder }: Home): readonly string[] {
  return [path, logFolder, runLogFolder(logFolder), stagingFolder, outboxFolder, pagesFolder];
}
