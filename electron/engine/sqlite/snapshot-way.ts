import { rm, stat, truncate } from 'node:fs/promises';
import { BackupError } from '../../domain/errors.ts';
import type { Progress } from '../../domain/progress.ts';
import type { Clock } from '../ports.ts';
import { databaseFiles, type FileHeader } from './database-file.ts';
import type { FileCopier } from './file-copier.ts';
import { recover } from './recover.ts';
import type { SnapshotFacts } from './worker-protocol.ts';

/** What a snapshot takes from outside. */
export interface SnapshotTools {
  readonly clock: Clock;
  readonly openCopier: (path: string, target: string) => FileCopier;
  readonly onProgress: (progress: Progress) => void;
}

/** What is to be copied, and to where. */
export interface SnapshotRequest extends Omit<SnapshotTools, 'openCopier'> {
  /** The real path of the database. */
  readonly path: string;
  readonly target: string;
  readonly lockWaitMs: number;
  readonly header: FileHeader;
  readonly copier: FileCopier;
}

/**
 * One way to take a snapshot: resolves to its facts, or, with nothing left behind, to `null` where it does not work here and the next
 * one has its turn. Throws what keeps every other way from working as well.
 */
export type SnapshotWay = (request: SnapshotRequest) => Promise<SnapshotFacts | null>;

/** Makes copied files one whole database without sidecars, and resolves to its size. Throws where they are none. */
export async function finishCopy(target: string): Promise<number> {
  const bytes = recover(target);
  const { size } = await stat(target);
  if (size < bytes) throw new BackupError('source-corrupt', `${target} has ${size} bytes, and its header speaks of ${bytes}`);
  // What lies behind the last page is not part of the database; SQLite leaves it there where it could not cut it off.
  if (size > bytes) await truncate(target, bytes);
  return bytes;
}

/** Removes whatever is there of a copy. */
export async function removeCopy(target: string): Promise<void> {
  for (const file of databaseFiles(target)) await rm(file, { force: true });
}
