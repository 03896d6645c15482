import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BackupError } from '../../domain/errors.ts';
import type { GitItem } from '../../domain/git-item.ts';
import type { GitJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { openStore } from '../git/open-store.ts';
import { isBelowStores, partPrefix, placeItems, resolveItems, toRepositoryPath } from '../git/store-items.ts';
import { createFile, syncFolder } from '../platform/atomic-file.ts';
import { errnoOf, translateErrno, unlessMissing } from '../platform/errno.ts';
import { enqueueAround, itemStatus } from './enqueue.ts';

export interface NewNote {
  /** Where it goes: a path in the repository, or in the first of the store's folders. */
  readonly file: string;
  readonly text: string;
}

/**
 * Writes a new file into a git store and asks for its backup (S2-66). The intent is in the catalog before the file is there; the file
 * has its whole text or does not exist, and never takes the place of another one. Throws `target-exists`, `git-path-refused`,
 * `target-refused`, `usage-invalid`, `disk-full`; then there is no such file.
 */
export async function addNote(engine: Engine, job: GitJob, { file, text }: NewNote): Promise<GitItem> {
  const path = await placeOf(engine, job, pathOf(job, file));
  const target = join(job.source.path, path);
  // Before anything is kept: an intent of a note that cannot be would stay.
  if (await unlessMissing(lstat(target))) throw taken(target);
  const intent = { item: path, paths: [path], reason: 'noted' };
  await enqueueAround(engine, job, intent, () => publish(target, text, engine.ports.ids.make('part')));
  const item = itemStatus(engine, job, path);
  if (item === undefined) throw new TypeError(`${path} was enqueued and is not in the queue`);
  return item;
}

/** The path as git has it; where the job is switched off, without asking git (S2-24). */
async function placeOf({ ports }: Engine, { source }: GitJob, path: string): Promise<string> {
  const [placed = []] = source.enabled
    ? [await resolveItems(openStore(source, ports), source.stores, [path])]
    : await placeItems(source.path, source.stores, [[path]]);
  if (placed instanceof BackupError) throw placed;
  return placed[0] ?? path;
}

/** What is not in any of the store's paths already is meant to be in the first of them. */
function pathOf({ source }: GitJob, file: string): string {
  const path = toRepositoryPath(file);
  if (path === '') throw new BackupError('usage-invalid', 'a note needs the name of a file', { hint: 'such as 2026-11-22.md' });
  const [first = ''] = source.stores;
  return isBelowStores(path, source.stores) ? path : [first, path].filter((part) => part !== '').join('/');
}

/** The part has a name that is never backed up. */
async function publish(target: string, text: string, partId: string): Promise<void> {
  const folder = dirname(target);
  await makeFolder(folder);
  const part = join(folder, `${partPrefix}${partId}.tmp`);
  try {
    if (!(await createFile(target, text, 0o666, part))) throw taken(target);
    await syncFolder(folder);
  } catch (error) {
    throw translateErrno(error, { absent: 'target-refused', refused: 'target-refused', place: target });
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EEXIST' && errno !== 'ENOTDIR') {
      throw translateErrno(error, { absent: 'target-refused', refused: 'target-refused', place: folder });
    }
    throw new BackupError('target-refused', `${folder} cannot be a folder: there is a file in its place, or on the way to it`, {
      cause: error,
      hint: 'choose another name',
    });
  }
}

function taken(target: string): BackupError {
  return new BackupError('target-exists', `${target} is there already, and was left as it is`, { hint: 'choose another name' });
}
