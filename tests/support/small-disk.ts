import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own; disposing of it unmounts it. */
export interface SmallDisk extends AsyncDisposable {
  /** Takes so much of its room that only this many bytes are left; a later call lets go of what an earlier one took. */
  leave(bytes: number): Promise<void>;
}

/** Mounts a small file system at a folder. Resolves to the reason where this machine or this user may not. */
export async function mountSmallDisk(path: string, bytes: number): Promise<SmallDisk | string> {
  if (process.platform !== 'linux') return `no tmpfs on ${process.platform}`;
  await mkdir(path, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'nightjar-test', path]);
  } catch (error) {
    return `a tmpfs could not be mounted: ${(error as Error).message.trim()}`;
  }
  const ballast = join(path, '.ballast');
  return {
    leave: async (left) => {
      await rm(ballast, { force: true });
      const { bavail, bsize } = await statfs(path);
      const taken = bavail * bsize - left;
      if (taken > 0) await writeFile(ballast, Buffer.alloc(taken));
    },
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', path]);
    },
  };
}
