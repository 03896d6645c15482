import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import { writeFileAtomically } from '../platform/atomic-file.ts';
import { errnoOf, translateErrno, unlessMissing } from '../platform/errno.ts';
import type { Ids } from '../ports.ts';

const markerName = 'nightjar-destination.json';

/**
 * Makes a folder in one that is there. A folder above it is never made: where one is missing, a disk is away. Throws `destination-absent`,
 * `destination-refused`, `disk-full`.
 */
export async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(root);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    throw translateErrno(error, { absent: 'destination-absent', refused: 'destination-refused', place: `the folder around ${root}` });
  }
}

/** Marks a folder as a destination and resolves to its id; a folder that is one already keeps its id. Throws like a destination. */
export async function markFolder(name: string, root: string, ids: Ids): Promise<string> {
  const place = `the folder ${root}`;
  try {
    await checkRoot(name, root, null);
    const known = await readMarker(root);
    if (known !== null) return known;
    return await writeMarker(root, ids);
  } catch (error) {
    throw translateErrno(error, { absent: 'destination-absent', refused: 'destination-refused', place });
  }
}

/** The folder was there a moment ago: what fails now is the writing. */
async function writeMarker(root: string, ids: Ids): Promise<string> {
  const id = ids.make('dest');
  const marker = { format: 'nightjar-destination', version: 1, id };
  try {
    await writeFileAtomically(join(root, markerName), `${JSON.stringify(marker, null, 2)}\n`, ids.make('part'));
  } catch (error) {
    throw errnoOf(error) === 'ENOENT'
      ? new BackupError('destination-refused', `nothing can be written in ${root}`, { cause: error })
      : error;
  }
  return id;
}

/** Throws `destination-absent` or `destination-foreign` where the folder is not the one that was marked with `id`; `null` takes any folder. */
export async function checkRoot(name: string, root: string, id: string | null): Promise<void> {
  const stats = await unlessMissing(stat(root));
  if (!stats?.isDirectory()) {
    throw new BackupError('destination-absent', `the destination ${name} is not there: no folder ${root}`, {
      retryable: true,
      hint: 'plug in or mount the disk; a new folder has to be made by hand, so that a backup never goes to the wrong place',
    });
  }
  if (id === null) return;
  const found = await readMarker(root);
  if (found === id) return;
  throw new BackupError(
    found === null ? 'destination-absent' : 'destination-foreign',
    found === null
      ? `the destination ${name} is not there: ${root} is a folder without Nightjar's mark (${markerName})`
      : `${root} is another destination than the one that was set up as ${name}`,
    {
      retryable: true,
      hint: 'mount the right disk there; if the folder is right, remove the destination and add it again (its snapshots are found)',
    },
  );
}

/** The id in a folder's marker; `null` without a marker or with one that cannot be read. */
async function readMarker(root: string): Promise<string | null> {
  const text = await unlessMissing(readFile(join(root, markerName), 'utf8'));
  if (text === undefined) return null;
  try {
    const { id } = JSON.parse(text) as { id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
