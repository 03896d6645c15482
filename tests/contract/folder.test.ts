import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import fs, { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folderDestination } from '../../electron/engine/destinations/folder.ts';
import { markFolder } from '../../electron/engine/destinations/folder-marker.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { systemDiskSpace } from '../../electron/engine/platform/disk-space.ts';
import { randomIds } from '../../electron/engine/platform/ids.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { destinationContract } from './destination.contract.ts';
import { type DestinationHarness, everyCall, readObject, stageFile } from './destination-harness.ts';

const ports = { ids: randomIds, disk: systemDiskSpace };
const name = 'notes/2026-11-22.db.gz';
const farFuture = systemClock.now() + 1e12;

interface FolderHarness extends DestinationHarness, AsyncDisposable {
  readonly root: string;
  readonly id: string;
}

async function makeHarness(stagingParent: string = tmpdir()): Promise<FolderHarness> {
  const folder = await makeTempFolder();
  const root = join(folder.path, 'usb');
  await mkdir(root);
  const id = await markFolder('usb', root, randomIds);
  const write = async (path: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'not an object');
  };
  return {
    root,
    id,
    stagingParent,
    destination: folderDestination('usb', root, id, ports),
    makeAbsent: () => rename(root, join(folder.path, 'unplugged')),
    addForeignFile: (file) => write(join(root, file)),
    hasForeignFile: async (file) => existsSync(join(root, file)),
    addStalePart: async (job, ageMs) => {
      const path = join(root, job, `.nightjar-${randomIds.make('part')}.tmp`);
      await write(path);
      const diedAt = new Date(systemClock.now() - ageMs);
      await utimes(path, diedAt, diedAt);
    },
    cleanup: () => folder[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** Makes a call of the file system fail as it does on another one, for the paths that match, until disposed of. */
function failing(call: 'link' | 'open', code: string, paths: RegExp): Disposable {
  const original = fs[call] as (...args: unknown[]) => Promise<unknown>;
  const replace = (act: typeof original) => {
    Object.assign(fs, { [call]: act });
    syncBuiltinESMExports();
  };
  replace((...args) =>
    paths.test(String(args[0])) ? Promise.reject(Object.assign(new Error(`${code}: not here`), { code })) : original(...args),
  );
  return { [Symbol.dispose]: () => replace(original) };
}

/** A folder that can be written to on another volume than the one for temporary files. */
const otherVolume = ['/dev/shm', process.cwd()].find((path) => {
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).dev !== statSync(tmpdir()).dev;
  } catch {
    return false;
  }
});

destinationContract('a folder on the volume of the staged file', makeHarness);

if (otherVolume) destinationContract('a folder on another volume than the staged file', () => makeHarness(otherVolume));
else
  it('a folder on another volume than the staged file', ({ skip }) =>
    skip(`${tmpdir()}, /dev/shm and ${process.cwd()} are all on one volume`));

destinationContract('a folder on a file system without links', async () => {
  const harness = await makeHarness();
  const restore = failing('link', 'EPERM', /./);
  return {
    ...harness,
    cleanup: async () => {
      restore[Symbol.dispose]();
      await harness.cleanup();
    },
  };
});

// Linux says EPERM, macOS ENOTSUP, FUSE ENOSYS; Windows says ERROR_INVALID_FUNCTION, which libuv makes EISDIR (src/win/error.c).
it.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EISDIR'])(
  'a folder where links fail with %s takes an object, and never another over it',
  async (errno) => {
    await using harness = await makeHarness();
    const { destination } = harness;
    using _failing = failing('link', errno, /./);
    await destination.put(name, { kind: 'text', text: 'first' });
    await expect(destination.put(name, { kind: 'text', text: 'second' })).rejects.toMatchObject({ code: 'object-exists' });
    expect((await readObject(destination, name)).toString()).toBe('first');
  },
);

describe('a disk that is not there', () => {
  const replaceByFile = async (path: string) => {
    await rm(path, { recursive: true });
    await writeFile(path, '');
  };

  it.each<[string, string, (harness: FolderHarness) => Promise<void>]>([
    ['its mount point gone', 'destination-absent', ({ root }) => rm(root, { recursive: true })],
    ['its mount point empty', 'destination-absent', ({ root }) => rm(join(root, 'nightjar-destination.json'))],
    ['its mark unreadable', 'destination-absent', ({ root }) => writeFile(join(root, 'nightjar-destination.json'), '{ "id":')],
    ['a file in its place', 'destination-absent', ({ root }) => replaceByFile(root)],
    [
      'another disk in its place',
      'destination-foreign',
      ({ root }) => writeFile(join(root, 'nightjar-destination.json'), '{ "id": "dest-other" }'),
    ],
  ])('%s: every call throws %s, and nothing is created', async (_, code, unplug) => {
    await using harness = await makeHarness();
    const parent = dirname(harness.root);
    const staged = await stageFile(parent, Buffer.from('new'));
    await unplug(harness);
    const before = await readdir(parent, { recursive: true });
    for (const [call, act] of everyCall(harness.destination, name, staged)) {
      await expect(act(), call).rejects.toMatchObject({ code, hint: expect.any(String), retryable: true });
    }
    expect(await readdir(parent, { recursive: true })).toEqual(before);
  });

  it('is not needed where any folder will do', async () => {
    await using folder = await makeTempFolder();
    await expect(folderDestination('there', folder.path, null, ports).check()).resolves.toBeUndefined();
  });
});

describe('markFolder', () => {
  it('keeps the mark of a folder that is a destination already', async () => {
    await using harness = await makeHarness();
    expect(await markFolder('again', harness.root, randomIds)).toBe(harness.id);
  });

  it('does not make the folder', async () => {
    await using folder = await makeTempFolder();
    await expect(markFolder('usb', join(folder.path, 'usb'), randomIds)).rejects.toMatchObject({ code: 'destination-absent' });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('what a folder destination writes', () => {
  it('is for its owner alone (S1-112)', async () => {
    await using harness = await makeHarness();
    const { destination, root } = harness;
    await using staging = await makeTempFolder(otherVolume);
    await destination.put(name, await stageFile(staging.path, randomBytes(10)));
    await destination.put('notes/2026-11-22.json', { kind: 'text', text: '{}' });
    await destination.put('notes/old.json', { kind: 'text', text: '{}' });
    await destination.trash('notes/old.json', systemClock.now());
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const modes = await Promise.all(
      entries.map(async (entry) => [entry.isFile(), (await stat(join(entry.parentPath, entry.name))).mode & 0o777]),
    );
    expect(modes.filter(([isFile, mode]) => mode !== (isFile ? 0o600 : 0o700))).toEqual([]);
    expect(modes.length).toBe(8);
  });

  it('takes a staged file of the same volume over without a copy', async () => {
    await using harness = await makeHarness();
    const { destination, root } = harness;
    const staged = await stageFile(dirname(root), randomBytes(10));
    await destination.put(name, staged);
    expect((await stat(join(root, name))).ino).toBe((await stat(staged.path)).ino);
  });

  it('shares no bytes with another object, though both came from one staged file', async () => {
    await using harness = await makeHarness();
    const { destination, root } = harness;
    const staged = await stageFile(dirname(root), randomBytes(10));
    for (const object of [name, 'photos/2026-11-22.db.gz']) await destination.put(object, staged);
    expect((await stat(join(root, name))).ino).not.toBe((await stat(join(root, 'photos/2026-11-22.db.gz'))).ino);
  });

  it('is one whole object where several puts want one name at once', async () => {
    await using harness = await makeHarness();
    const { destination } = harness;
    const puts = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((text) => destination.put(name, { kind: 'text', text }).then(() => text)),
    );
    const won = puts.flatMap((put) => (put.status === 'fulfilled' ? put.value : []));
    const lost = puts.flatMap((put) => (put.status === 'rejected' ? (put.reason as { code: string }).code : []));
    expect(lost).toEqual(['object-exists', 'object-exists', 'object-exists']);
    expect([(await readObject(destination, name)).toString()]).toEqual(won);
  });

  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EFBIG', 'destination-refused'],
    ['EROFS', 'destination-refused'],
    ['EACCES', 'destination-refused'],
    ['EIO', 'destination-absent'],
  ])('is nothing where the file system says %s, which is %s', async (errno, code) => {
    await using harness = await makeHarness();
    const { destination } = harness;
    {
      using _failing = failing('open', errno, /\.nightjar-part-/);
      await expect(destination.put(name, { kind: 'text', text: 'new' })).rejects.toMatchObject({ code });
    }
    expect([await destination.list(), await destination.sweep(farFuture)]).toEqual([[], []]);
  });

  it.each([['the same volume', tmpdir()], ...(otherVolume ? [['another volume', otherVolume]] : [])])(
    'is nothing under the name where the program is killed in the middle of a put from %s',
    async (_, stagingParent = '') => {
      await using harness = await makeHarness();
      const { destination, root } = harness;
      await using staging = await makeTempFolder(stagingParent);
      const staged = await stageFile(staging.path, randomBytes(4 * 1024 * 1024));
      const child = spawn(process.execPath, [fileURLToPath(new URL('./dying-put.ts', import.meta.url)), root, staged.path, name], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(child, 'close');
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);

      expect([await destination.stat(name), await destination.list()]).toEqual([null, []]);
      expect(await destination.sweep(farFuture)).toEqual([expect.stringMatching(/^notes\/\.nightjar-part-\w+\.tmp$/)]);
      await destination.put(name, staged);
      expect(staged.digests).toMatchObject(await destination.digest(name));
    },
  );
});
