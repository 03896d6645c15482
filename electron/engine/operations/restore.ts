import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { RestoreOutcome } from '../../domain/outcomes.ts';
import type { TableRows } from '../../domain/table-rows.ts';
import type { Destination } from '../destinations/destination.ts';
import { digestFile, startFingerprint } from '../pipeline/digest.ts';
import { giveName, privateFolder, syncFile, syncFolder } from '../platform/atomic-file.ts';
import { databaseFiles } from '../sqlite/database-file.ts';
import { keepFiles, refuseWhileOpen, swapIn } from './database-swap.ts';
import { checkRaw, fetchRaw, fromAnyCopy } from './fetch.ts';
import { asRestore, partName, type RestoreContext } from './restore-run.ts';
import {
  existing,
  fileWrites,
  guardTarget,
  inPlaceWrites,
  realTarget,
  refuseReadOnly,
  refuseTarget,
  targetTaken,
} from './restore-target.ts';
import type { Steps } from './steps.ts';

export interface RestoreRequest {
  readonly manifest: Manifest;
  /** Where its copies are, the best first. */
  readonly copies: readonly Destination[];
  /** Of a delta: where its base is, the best first; where it is itself in any case. */
  readonly baseCopies?: readonly Destination[];
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Restores a snapshot to a file. An existing one is replaced only with `force`; until the end nothing stands under its name. */
export async function restoreToFile(
  context: RestoreContext,
  request: RestoreRequest & { readonly force: boolean },
): Promise<RestoreOutcome> {
  const target = await realTarget(request.target);
  return asRestore(context, { ...subjectOf(request), mode: 'file', target }, async (steps, { partFolder, beginSwap }) => {
    await steps.take('guard', 'Checking the target and its space', async () => {
      await refuseTarget(target, request.force, context.protectedFolders);
      if (request.force) await refuseWhileOpen(context.ports.handles, target);
      await guardTarget(context, target, fileWrites(request.manifest), steps);
    });
    const tables = await rebuild(context, request, partFolder, steps);
    await steps.take('publish', `Putting it in place as ${target}`, () => {
      beginSwap();
      return publish(context, join(partFolder, partName), target, request.force);
    });
    return { tables, sha256: request.manifest.raw.sha256 };
  });
}

/**
 * Restores a snapshot over the live database. The present one is kept beside it, byte for byte with its sidecars, and `undoRestore`
 * brings it back. Refused while another process has the database open.
 */
export async function restoreInPlace(context: RestoreContext, request: RestoreRequest): Promise<RestoreOutcome> {
  const target = await realTarget(request.target);
  const { raw } = request.manifest;
  return asRestore(context, { ...subjectOf(request), mode: 'in-place', target }, async (steps, { partFolder, keptFolder, beginSwap }) => {
    await steps.take('guard', 'Checking who has it open, and space', async () => {
      await refuseReadOnly(target);
      await refuseWhileOpen(context.ports.handles, target);
      await guardTarget(context, target, await inPlaceWrites(target, request.manifest), steps);
    });
    const tables = await rebuild(context, request, partFolder, steps);
    await steps.take('keep', `Keeping the present database in ${keptFolder}`, async () => {
      await refuseWhileOpen(context.ports.handles, target);
      await keepFiles(target, keptFolder);
    });
    await steps.take('swap', 'Replacing it', () => {
      beginSwap();
      return swapIn(context.ports.workers, join(partFolder, partName), target);
    });
    await steps.complete('recheck', 'Checking it in place', () => recheck(target, raw.sha256, steps));
    return { tables, sha256: raw.sha256 };
  });
}

function subjectOf({ manifest, signal }: RestoreRequest) {
  return { job: manifest.job, snapshotId: manifest.id, signal };
}

/** Brings the database back into the part folder and proves it whole; resolves to its tables. */
async function rebuild(
  { ports }: RestoreContext,
  { baseCopies = [], copies, manifest }: RestoreRequest,
  partFolder: string,
  steps: Steps,
): Promise<readonly TableRows[]> {
  const path = join(partFolder, partName);
  await mkdir(partFolder, { mode: privateFolder });
  return fromAnyCopy(copies, steps.warn, steps.signal, async (destination) => {
    await rm(path, { force: true });
    const from = `Bringing it back from ${destination.name}`;
    await steps.take('fetch', from, (report) => fetchRaw({ baseCopies, destination, manifest }, path, steps, report));
    const facts = await steps.take('check', 'Checking it (integrity_check, rows)', async () => {
      const checked = checkRaw(ports.workers, manifest, path, steps.signal);
      // Both are done before it is put in place, and neither waits for the other.
      return (await Promise.all([checked, syncFile(path)]))[0];
    });
    await syncFolder(partFolder);
    return facts.tables;
  });
}

/** A new file never replaces one that came meanwhile; a forced one replaces a database as one in place does. */
async function publish({ ports }: RestoreContext, part: string, target: string, force: boolean): Promise<void> {
  if (force) return swapIn(ports.workers, part, target);
  await refuseTarget(target, false, []);
  if (!(await giveName(part, target))) throw targetTaken(target);
  await syncFolder(dirname(target));
}

/** The new file must be there as it was proven, and nothing beside it that SQLite would replay. */
async function recheck(target: string, sha256: string, steps: Steps): Promise<void> {
  const beside = await existing(databaseFiles(target).slice(1));
  if (beside.length > 0) {
    steps.warn(`another program has opened ${target} already; it was proven just before it was put in place`);
    return;
  }
  if ((await digestFile(startFingerprint(), target)).sha256 === sha256) return;
  throw new BackupError('digest-mismatch', `${target} is not what was put there a moment ago`, {
    hint: 'check the disk, then restore again',
  });
}
