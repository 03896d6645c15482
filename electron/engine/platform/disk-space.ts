import { stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DiskSpace } from '../ports.ts';
import { unlessMissing } from './errno.ts';

/** Free space as an unprivileged process may use it. */
export const systemDiskSpace: DiskSpace = {
  of: async (path) => {
    const existing = await nearestExisting(resolve(path));
    const [{ dev }, { bavail, blocks, bsize }] = await Promise.all([stat(existing), statfs(existing)]);
    return { id: String(dev), path: existing, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};

async function nearestExisting(path: string): Promise<string> {
  if (await unlessMissing(stat(path))) return path;
  const parent = dirname(path);
  return parent === path ? path : nearestExisting(parent);
}
