import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { searchFolders } from '../../electron/engine/platform/search-folders.ts';
import { type Place, usualPlaces } from '../../electron/engine/platform/usual-places.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

/** The folders below a root that a search looks at, in its order. */
async function searched(
  root: string,
  places: readonly Place[],
  isSkipped = (_: string) => false,
  signal = new AbortController().signal,
): Promise<string[]> {
  const seen: string[] = [];
  const visit = async (folder: string) => void seen.push(relative(root, folder).replaceAll(sep, '/'));
  await searchFolders(places, (_, name) => isSkipped(name), visit, signal);
  return seen;
}

describe('a search of folders', () => {
  it('looks at each once, the near ones first, as deep as each place says, and follows no link', async () => {
    await using folder = await makeTempFolder();
    const { path } = folder;
    await mkdir(join(path, 'apps', 'a', 'b', 'c'), { recursive: true });
    await mkdir(join(path, 'music', 'x', 'y'), { recursive: true });
    await symlink(path, join(path, 'apps', 'loop'));
    const places = [
      { path: join(path, 'apps'), depth: 2 },
      { path: join(path, 'nowhere'), depth: 2 },
      { path, depth: 1 },
    ];
    expect(await searched(path, places)).toEqual(['apps', '', 'apps/a', 'music', 'apps/a/b']);
    expect(await searched(path, places, (name) => name === 'a')).toEqual(['apps', '', 'music']);
  });

  it('leaves out what has very many entries, and ends when it is told to', async () => {
    await using folder = await makeTempFolder();
    const { path } = folder;
    await mkdir(join(path, 'many'));
    await mkdir(join(path, 'few', 'below'), { recursive: true });
    await Promise.all(Array.from({ length: 2001 }, (_, index) => writeFile(join(path, 'many', `${index}`), '')));
    await mkdir(join(path, 'many', 'below'));
    const found: number[] = [];
    await searchFolders(
      [{ path, depth: 3 }],
      () => false,
      async (_, entries) => void found.push(entries.length),
      new AbortController().signal,
    );
    expect(found.toSorted()).toEqual([0, 0, 1, 2]);
    expect(await searched(path, [{ path, depth: 3 }], undefined, AbortSignal.abort())).toEqual([]);
  });

  it('stays on the file system on which it began', async ({ skip }) => {
    await using folder = await makeTempFolder();
    const disk = await mountSmallDisk(join(folder.path, 'disk'), 1_000_000);
    if (typeof disk === 'string') {
      process.stdout.write(`NOT TRIED, a search beside another file system: ${disk}\n`);
      return skip(disk);
    }
    await using _ = disk;
    await mkdir(join(folder.path, 'disk', 'below'));
    expect(await searched(folder.path, [{ path: folder.path, depth: 3 }])).not.toContain('disk/below');
    expect(await searched(folder.path, [{ path: join(folder.path, 'disk'), depth: 3 }])).toEqual(['disk', 'disk/below']);
  });
});

describe('the usual places', () => {
  it.each([
    ['darwin', {}, ['/u/Library/Application Support', '/u/Documents', '/u']],
    ['linux', {}, ['/u/.local/share', '/u/.config', '/u/Documents', '/u']],
    ['linux', { XDG_DATA_HOME: '/data', XDG_CONFIG_HOME: '/config' }, ['/data', '/config', '/u/Documents', '/u']],
    ['win32', {}, ['\\u\\AppData\\Roaming', '\\u\\AppData\\Local', '\\u\\Documents', '/u']],
    ['win32', { APPDATA: 'D:\\roaming' }, ['D:\\roaming', '\\u\\AppData\\Local', '\\u\\Documents', '/u']],
  ] as const)('of %s with %j', (platform, environment, expected) => {
    expect(usualPlaces('/u', environment, platform).map(({ path }) => path)).toEqual(expected);
  });
});
