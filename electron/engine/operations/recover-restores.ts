import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestoreRecord } from '../catalog/rows.ts';
import type { Engine } from '../engine.ts';
import { partName } from './restore-run.ts';
import { isFile } from './restore-target.ts';

/**
 * Puts in order what restores left that a crash cut short: their parts go, and the catalog says whether the former or the new
 * database is in place. Resolves to messages for people.
 */
export async function recoverRestores(engine: Engine): Promise<string[]> {
  const messages: string[] = [];
  for (const restore of engine.catalog.restores()) {
    if (restore.state === 'running' || restore.state === 'swapping') messages.push(await judge(engine, restore));
    if (restore.partPath !== undefined) await rm(restore.partPath, { recursive: true, force: true });
  }
  return messages;
}

/** Decides by the part, which the next start may need for it once more, and records that before the part goes. */
async function judge(engine: Engine, { id, keptPath, partPath = '', state, targetPath }: RestoreRecord): Promise<string> {
  const isReplaced = state === 'swapping' && !(await isFile(join(partPath, partName)));
  // Until the swap begins, what was kept is at most a second copy of what is in place.
  if (state === 'running' && keptPath !== undefined) await rm(keptPath, { recursive: true, force: true });
  engine.catalog.setRestoreState(id, isReplaced ? 'done' : 'interrupted', engine.ports.clock.now());
  if (isReplaced) return `restore ${id} was cut short after ${targetPath} had been put in place; the new database is there, whole`;
  return `restore ${id} was cut short before it changed ${targetPath}; what was there still is, whole`;
}
