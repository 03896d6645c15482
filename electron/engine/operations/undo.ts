import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BackupError, errorFacts } from '../../domain/errors.ts';
import type { RestoreOutcome } from '../../domain/outcomes.ts';
import type { RestoreRecord } from '../catalog/rows.ts';
import type { Engine } from '../engine.ts';
import { digestFile, startFingerprint } from '../pipeline/digest.ts';
import { privateFile, privateFolder, syncFile, syncFolder } from '../platform/atomic-file.ts';
import { unlessMissing } from '../platform/errno.ts';
import { databaseFiles, sidecarEndings } from '../sqlite/database-file.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import { copyWhole, keepFiles, refuseWhileOpen, swapIn, swapOut } from './database-swap.ts';
import { asRestore, partName, type RestoreContext } from './restore-run.ts';
import { guardTarget, totalBytes } from './restore-target.ts';

/**
 * Brings back what was in place before a restore, byte for byte with its sidecars. What is in place now is kept in turn, so that an
 * undo can be undone as well. Throws `undo-impossible`, `target-in-use`, `disk-space-low`.
 */
export async function undoRestore(
  engine: Engine,
  context: RestoreContext,
  restore: RestoreRecord,
  signal: AbortSignal,
): Promise<RestoreOutcome> {
  const { targetPath: target } = restore;
  const formerFolder = await formerFolderOf(restore);
  const subject = { job: restore.job, mode: 'undo', target, signal } as const;
  const outcome = await asRestore(context, subject, async (steps, { partFolder, keptFolder, beginSwap }) => {
    await steps.take('guard', 'Checking who has it open, and space', async () => {
      await refuseWhileOpen(context.ports.handles, target);
      const formerBytes = await totalBytes(join(formerFolder, basename(target)));
      const writes = { 'the former database': 2 * formerBytes, 'the present one, kept': await totalBytes(target) };
      await guardTarget(context, target, writes, steps);
    });
    const part = await steps.take('fetch', 'Copying the former database', () => copyFormer(context, formerFolder, target, partFolder));
    await steps.take('keep', `Keeping the present database in ${keptFolder}`, async () => {
      await refuseWhileOpen(context.ports.handles, target);
      await keepFiles(target, keptFolder);
    });
    await steps.take('swap', 'Replacing it', () => {
      beginSwap();
      return putBack(context, part, target);
    });
    const sha256 = await steps.complete('recheck', 'Comparing every byte', () => compare(formerFolder, target));
    return { tables: [], sha256 };
  });
  engine.catalog.setRestoreState(restore.id, 'undone');
  return outcome;
}

/** Forgets what a restore kept, and frees its space; from then on that restore cannot be undone. */
export async function discardKept(engine: Engine, restore: RestoreRecord): Promise<void> {
  const folder = await formerFolderOf(restore);
  engine.catalog.setRestoreState(restore.id, 'discarded');
  await rm(folder, { recursive: true, force: true });
}

async function formerFolderOf({ id, keptPath, state }: RestoreRecord): Promise<string> {
  if (keptPath === undefined) {
    throw new BackupError('undo-impossible', `restore ${id} made a new file and replaced no database, so there is nothing to undo`);
  }
  if (state === 'discarded') throw new BackupError('undo-impossible', `what restore ${id} had kept was discarded`);
  if (await unlessMissing(stat(keptPath))) return keptPath;
  throw new BackupError('undo-impossible', `restore ${id} has nothing to bring back: there is no folder ${keptPath}`);
}

interface FormerPart {
  /** The former files, under their own names. */
  readonly files: readonly string[];
  /** The former database as one file with its log played in; `null` where there was none. */
  readonly whole: string | null;
  readonly folder: string;
}

async function copyFormer(context: RestoreContext, formerFolder: string, target: string, partFolder: string): Promise<FormerPart> {
  const name = basename(target);
  await mkdir(partFolder, { mode: privateFolder });
  const files = (await readdir(formerFolder)).filter((file) => databaseFiles(name).includes(file));
  for (const file of files) {
    await copyWhole(join(formerFolder, file), join(partFolder, file));
  }
  // Where there was no database, an empty part stands for the one that does not come: a restart judges by it.
  if (!files.includes(name)) {
    await writeFile(join(partFolder, partName), '', { mode: privateFile });
    return { files, whole: null, folder: partFolder };
  }
  const whole = join(partFolder, partName);
  for (const ending of ['', '-wal', '-journal']) {
    if (files.includes(name + ending)) await copyFile(join(formerFolder, name + ending), whole + ending, constants.COPYFILE_FICLONE);
  }
  // One that may only be read is kept so, but its copy has to take its log in.
  await chmod(whole, privateFile);
  await settleCopy(context, whole);
  await syncFile(whole);
  await syncFolder(partFolder);
  return { files, whole, folder: partFolder };
}

/** A former database that was damaged cannot have its log played in; then its bytes are all that can be brought back. */
async function settleCopy(context: RestoreContext, whole: string): Promise<void> {
  try {
    await runSqliteTask(context.ports.workers, { kind: 'recover', path: whole });
  } catch (error) {
    const { code } = errorFacts(error);
    if (code !== 'source-corrupt' && code !== 'source-not-database' && code !== 'source-unreadable') throw error;
    for (const ending of sidecarEndings) await rm(whole + ending, { force: true });
  }
}

/**
 * The former database becomes the live one in renames of which each leaves a whole database: first as one file with its log played
 * in; then its log, which SQLite may replay over that file without changing a thing; then the file as it was before the log.
 */
async function putBack(context: RestoreContext, part: FormerPart, target: string): Promise<void> {
  const name = basename(target);
  if (part.whole === null) {
    await swapOut(context.ports.workers, target, join(part.folder, 'taken-away'));
    await rm(join(part.folder, partName), { force: true });
  } else {
    await swapIn(context.ports.workers, part.whole, target);
  }
  for (const ending of ['-wal', '-journal', '', '-shm']) {
    if (part.files.includes(name + ending)) await rename(join(part.folder, name + ending), target + ending);
  }
  await syncFolder(dirname(target));
}

/** Resolves to the digest of the database's own file; `null` where there was none. */
async function compare(formerFolder: string, target: string): Promise<string | null> {
  let sha256: string | null = null;
  for (const file of await readdir(formerFolder)) {
    const former = await digestFile(startFingerprint(), join(formerFolder, file));
    const live = await digestFile(startFingerprint(), join(dirname(target), file));
    if (former.sha256 !== live.sha256) {
      throw new BackupError('digest-mismatch', `${file} is not what it was before; the former files are still in ${formerFolder}`);
    }
    if (file === basename(target)) sha256 = live.sha256;
  }
  return sha256;
}
