import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { PlannedWrite } from '../../domain/disk-guard.ts';
import { BackupError } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Preferences } from '../../domain/model.ts';
import { unlessMissing } from '../platform/errno.ts';
import type { DiskSpace } from '../ports.ts';
import { databaseFiles } from '../sqlite/database-file.ts';
import { scratchBytes } from './fetch.ts';
import { guardWrites } from './guard.ts';
import type { Steps } from './steps.ts';

/** Throws `target-exists` or `target-refused` for a path that must not be written. */
export async function refuseTarget(target: string, force: boolean, protectedFolders: readonly string[]): Promise<void> {
  const folder = dirname(target);
  refuseOurs(target, protectedFolders);
  if (!(await unlessMissing(stat(folder)))?.isDirectory()) {
    throw new BackupError('target-refused', `there is no folder ${folder} to restore into`, { hint: 'make it first, or choose another' });
  }
  if ((await unlessMissing(stat(target)))?.isDirectory()) {
    throw new BackupError('target-refused', `${target} is a folder`, {
      hint: `give the name of a file, such as ${join(target, 'restored.db')}`,
    });
  }
  if (force) return;
  const [taken] = await existing(databaseFiles(target));
  if (taken !== undefined) throw targetTaken(taken);
}

/** Throws `target-refused` for a path in a folder of ours. */
export function refuseOurs(target: string, protectedFolders: readonly string[]): void {
  const holder = protectedFolders.find((path) => isInside(target, path));
  if (holder === undefined) return;
  throw new BackupError('target-refused', `${target} is in ${holder}, where Nightjar keeps its own files`, {
    hint: 'restore to another folder',
  });
}

/** True where a path is a folder or anything below it. Both are absolute. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/** The error for a file that is in the way. */
export function targetTaken(path: string): BackupError {
  return new BackupError('target-exists', `${path} exists already and was left as it is`, {
    hint: 'choose another name, replace it with --force, or restore the live database with --in-place, which keeps it',
  });
}

/** Throws `target-refused` for a live database that its owner has made read-only. */
export async function refuseReadOnly(target: string): Promise<void> {
  const { mode } = (await unlessMissing(stat(target))) ?? { mode: 0o200 };
  if ((mode & 0o222) !== 0) return;
  throw new BackupError('target-refused', `${target} is read-only and was left as it is`, {
    hint: `make it writable first: chmod u+w ${target}`,
  });
}

/** What a restore to a file writes beside its target. */
export function fileWrites(manifest: Manifest): Readonly<Record<string, number>> {
  return { 'the database': manifest.raw.bytes, ...scratchWrites(manifest) };
}

/** What a restore in place writes beside its target. */
export async function inPlaceWrites(target: string, manifest: Manifest): Promise<Readonly<Record<string, number>>> {
  return { 'the restored database': manifest.raw.bytes, ...scratchWrites(manifest), 'the present one, kept': await totalBytes(target) };
}

function scratchWrites(manifest: Manifest): Readonly<Record<string, number>> {
  const bytes = scratchBytes(manifest);
  return bytes === 0 ? {} : { 'its changed pages': bytes };
}

/** Judges what a restore will write beside its target; throws `disk-space-low`. */
export async function guardTarget(
  { ports, preferences }: { readonly ports: { readonly disk: DiskSpace }; readonly preferences: Preferences },
  target: string,
  writes: Readonly<Record<string, number>>,
  steps: Steps,
): Promise<void> {
  guardWrites(preferences, await writesBeside(ports.disk, target, writes), steps);
}

/** Writes beside a target, on its volume. */
export async function writesBeside(disk: DiskSpace, target: string, writes: Readonly<Record<string, number>>): Promise<PlannedWrite[]> {
  const volume = await disk.of(dirname(target));
  return Object.entries(writes).map(([what, bytes]) => ({ volume, what, bytes }));
}

/** Through symbolic links to the file itself, so that the link stays and the database behind it is what is replaced. */
export async function realTarget(path: string): Promise<string> {
  const absolute = resolve(path);
  const real = await unlessMissing(realpath(absolute));
  if (real !== undefined) return real;
  const folder = await unlessMissing(realpath(dirname(absolute)));
  if (folder !== undefined) return join(folder, basename(absolute));
  throw new BackupError('target-refused', `there is no folder ${dirname(absolute)} to restore into`, {
    hint: 'make it first, or restore with --to FILE',
  });
}

/** The bytes of a database with its sidecars. */
export async function totalBytes(path: string): Promise<number> {
  let sum = 0;
  for (const file of databaseFiles(path)) sum += (await unlessMissing(stat(file)))?.size ?? 0;
  return sum;
}

/** Those of the paths that exist. */
export async function existing(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) if (await unlessMissing(stat(path))) found.push(path);
  return found;
}
