import { execFile } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The file systems that can clone files and that this machine may have. */
export type CloningKind = 'xfs' | 'btrfs';

const makeCommands: Readonly<Record<CloningKind, readonly [string, ...string[]]>> = {
  xfs: ['mkfs.xfs', '-q', '-m', 'reflink=1'],
  btrfs: ['mkfs.btrfs', '-q', '-f'],
};

/**
 * Makes a file system that can clone in a file of its own, and mounts it at a folder; disposing of it unmounts it, and with that its loop
 * device goes. Resolves to the reason where this machine or this user may not.
 */
export async function mountCloningDisk(kind: CloningKind, path: string, bytes: number): Promise<AsyncDisposable | string> {
  if (process.platform !== 'linux') return `no loop devices on ${process.platform}`;
  const image = `${path}.image`;
  const [program, ...args] = makeCommands[kind];
  try {
    await mkdir(path, { recursive: true });
    await writeFile(image, '', { flag: 'wx' });
    // It takes only what is written to it.
    await truncate(image, bytes);
    await run(program, [...args, image]);
    await run('mount', ['-o', 'loop', image, path]);
  } catch (error) {
    await rm(image, { force: true });
    return `${kind} could not be made and mounted: ${(error as Error).message.trim()}`;
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', path]);
      await rm(image, { force: true });
    },
  };
}
