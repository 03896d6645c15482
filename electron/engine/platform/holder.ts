import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { privateFile, writeFileAtomically } from './atomic-file.ts';

const holderSchema = z.object({ pid: z.int().positive(), socket: z.string().min(1).optional() });

/** Who holds a data folder, as it says itself. What a dead one said stays until the next one: only the lock is proof. */
export type Holder = z.infer<typeof holderSchema>;

/** Says that this process holds the data folder. Only a courtesy: the lock is held without it, also on a full disk. */
export function announceHolder(home: string): void {
  try {
    writeFileSync(pathIn(home), format({ pid: process.pid }), { mode: privateFile });
  } catch {
    // As above.
  }
}

/** Says where the holder can be reached as well. `partId` names the file that is not finished yet. */
export async function announceSocket(home: string, socket: string, partId: string): Promise<void> {
  await writeFileAtomically(pathIn(home), format({ pid: process.pid, socket }), partId);
}

/** What the holder of a data folder has said last; `null` where there is nothing, or nothing whole. */
export function readHolder(home: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(pathIn(home), 'utf8')));
  } catch {
    return null; // It has taken the lock and not said its name yet.
  }
}

export function forgetHolder(home: string): void {
  rmSync(pathIn(home), { force: true });
}

function pathIn(home: string): string {
  return join(home, 'engine.json');
}

function format(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}
