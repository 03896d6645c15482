import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mountFolders } from '../../electron/engine/platform/usual-places.ts';
import { transports } from '../support/engine-clients.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

it('suggests a folder of the person that is made when it becomes a destination, and not before', async () => {
  await using temp = await makeTempFolder();
  await using scene = await transports['in its process']({ ports: { userHome: temp.path, environment: {} } });
  const folders = await scene.client.sources.folders();
  expect({ folders, made: await readdir(temp.path) }).toEqual({ folders: [join(temp.path, 'Nightjar Backups')], made: [] });

  const [path = ''] = folders;
  const { config } = await scene.client.destinations.addFolder({ name: 'here', path, make: true });
  expect({ config, made: await readdir(path) }).toMatchObject({ config: { name: 'here', path }, made: ['nightjar-destination.json'] });
});

it('makes no folder above it, and none that nobody asked for', async () => {
  await using temp = await makeTempFolder();
  await using scene = await transports['in its process']({ ports: { userHome: temp.path, environment: {} } });
  const add = (path: string, make: boolean) => scene.client.destinations.addFolder({ name: 'usb', path, make });
  await expect(add(join(temp.path, 'usb', 'Backups'), true)).rejects.toMatchObject({ code: 'destination-absent' });
  await expect(add(join(temp.path, 'Backups'), false)).rejects.toMatchObject({ code: 'destination-absent' });
  expect(await readdir(temp.path)).toEqual([]);
});

it('knows where disks are put that are plugged in', () => {
  expect([
    mountFolders({}, 'darwin'),
    mountFolders({ USER: 'ada' }, 'linux'),
    mountFolders({}, 'linux'),
    mountFolders({ USER: 'ada' }, 'win32'),
  ]).toEqual([['/Volumes'], ['/run/media/ada', '/media/ada'], [], []]);
});
