import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mountFolders } from '../platform/usual-places.ts';
import { withinLimit } from '../platform/within-limit.ts';
import type { Ports } from '../ports.ts';

/** Whoever chooses does not wait for a disk that does not answer. */
const lookWithinMs = 3000;

/** What the folder is called; somebody's checkout of this program may be called Nightjar. */
const folderName = 'Nightjar Backups';

/**
 * Folders that snapshots may go to, the best first: one on each other disk that is plugged in and can be written, then one in the person's
 * own folder. They need not be there. Makes nothing, and throws only the signal's reason.
 */
export async function suggestFolders(ports: Ports, signal: AbortSignal): Promise<string[]> {
  const { clock, environment, userHome } = ports;
  const disks: string[] = [];
  await withinLimit(clock, lookWithinMs, signal, async () => {
    const own = await ports.disk.of(userHome);
    for (const parent of mountFolders(environment, process.platform)) {
      const names = await readdir(parent).catch(() => []);
      for (const path of names.map((name) => join(parent, name))) {
        if (await isOtherDisk(ports, path, own.id)) disks.push(path);
      }
    }
  }).catch(() => signal.throwIfAborted());
  return [...disks, userHome].map((path) => join(path, folderName));
}

async function isOtherDisk({ disk }: Ports, path: string, ownId: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return (await disk.of(path)).id !== ownId;
  } catch {
    return false;
  }
}
