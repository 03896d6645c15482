import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine.ts';
import { isFile, partName } from './restore.ts';

/**
 * Puts in order what restores left that a crash cut short: their parts go, and the catalog says whether the former or the new
 * database is in place. Resolves to messages for people.
 */
export async function recoverRestores(engine: Engine): Promise<string[]> {
  const messages: string[] = [];
  for (const restore of engine.catalog.restores()) {
    const { id, keptPath, partPath = '', state, targetPath } = restore;
    const isPrepared = await isFile(join(partPath, partName));
    if (partPath !== '') await rm(partPath, { recursive: true, force: true });
    if (state !== 'running' && state !== 'swapping') continue;
    const isReplaced = state === 'swapping' && !isPrepared;
    // Until the swap begins, what was kept is at most a second copy of what is in place.
    if (state === 'running' && keptPath !== undefined) await rm(keptPath, { recursive: true, force: true });
    engine.catalog.setRestoreState(id, isReplaced ? 'done' : 'interrupted', engine.ports.clock.now());
    messages.push(
      isReplaced
        ? `restore ${id} was cut short after it had replaced ${targetPath}; the new database is in place, whole`
        : `restore ${id} was cut short before it replaced ${targetPath}; the former database is in place, whole`,
    );
  }
  return messages;
}
