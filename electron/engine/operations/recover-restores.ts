import { rm } from 'node:fs/promises';
import { errorFacts } from '../../domain/errors.ts';
import type { RestoreRecord } from '../catalog/rows.ts';
import type { Engine } from '../engine.ts';
import { isInPlace } from './restore-run.ts';

/**
 * Puts in order what restores left that a crash cut short: their parts go, and the catalog says whether the former or the new
 * database is in place. Resolves to messages for people.
 */
export async function recoverRestores(engine: Engine): Promise<string[]> {
  const messages: string[] = [];
  for (const restore of engine.catalog.restores()) {
    const { id, partPath = '', state, targetPath } = restore;
    if (state !== 'running' && state !== 'swapping' && state !== 'interrupted') continue;
    try {
      if (state !== 'interrupted') messages.push(await judge(engine, restore));
      await rm(partPath, { recursive: true, force: true });
    } catch (error) {
      // A disk that is away today may be back tomorrow; it must not keep everything else from working.
      messages.push(`restore ${id} was cut short, and ${targetPath} cannot be looked at now: ${errorFacts(error).message}`);
    }
  }
  return messages;
}

/** Decides by the part. It goes before "done" is recorded and after "interrupted" is, so that a start after a crash decides the same. */
async function judge(engine: Engine, { id, keptPath, partPath = '', state, targetPath }: RestoreRecord): Promise<string> {
  const nowMs = engine.ports.clock.now();
  if (state === 'swapping' && (await isInPlace(partPath, targetPath))) {
    await rm(partPath, { recursive: true, force: true });
    engine.catalog.setRestoreState(id, 'done', nowMs);
    return `restore ${id} was cut short after ${targetPath} had been put in place; the new database is there, whole`;
  }
  // Until the swap begins, what was kept is at most a second copy of what is in place.
  if (state === 'running' && keptPath !== undefined) await rm(keptPath, { recursive: true, force: true });
  engine.catalog.setRestoreState(id, 'interrupted', nowMs);
  return `restore ${id} was cut short before it changed ${targetPath}; what was there still is, whole`;
}
