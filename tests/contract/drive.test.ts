import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DriveServer, startDriveServer } from '../support/drive-server.ts';
import { hurryingClock } from '../support/hurrying-clock.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { openTestDrive } from '../support/test-drive.ts';
import { destinationContract } from './destination.contract.ts';
import type { DestinationHarness } from './destination-harness.ts';

type TakeAway = (server: DriveServer, folderId: string) => void | Promise<void>;

/** A destination in Drive of its own; `takeAway` makes it absent. */
async function makeHarness(takeAway: TakeAway): Promise<DestinationHarness> {
  const folder = await makeTempFolder();
  const server = await startDriveServer({ folder: join(folder.path, 'google') });
  const drive = await openTestDrive(server, join(folder.path, 'home'), { ports: { clock: hurryingClock() } });
  const rootId = drive.config.folderId ?? '';
  const foreign = new Map<string, string>();
  return {
    destination: drive.destination,
    makeAbsent: async () => takeAway(server, rootId),
    addForeignFile: async (name) => {
      let parent = rootId;
      const parts = name.split('/');
      for (const part of parts.slice(0, -1)) parent = (await folderIn(server, parent, part)).id;
      const { id } = await server.addFile({
        name: parts.at(-1) ?? name,
        parents: [parent],
        content: 'not an object',
        clientId: server.clientId,
      });
      foreign.set(name, id);
    },
    hasForeignFile: async (name) => server.files().some(({ explicitlyTrashed, id }) => id === foreign.get(name) && !explicitlyTrashed),
    cleanup: async () => {
      drive.close();
      await server.close();
      await rm(folder.path, { recursive: true, force: true });
    },
  };
}

/** The folder of this name, which the web interface would not make twice. */
async function folderIn(server: DriveServer, parent: string, name: string) {
  const there = server.files().find((file) => file.parent === parent && file.name === name && file.content === undefined);
  return there ?? server.addFile({ name, parents: [parent], clientId: server.clientId });
}

destinationContract('a folder in Google Drive, gone with the network', () => makeHarness((server) => server.close()));

destinationContract('a folder in Google Drive that is put into the trash', () =>
  makeHarness((server, folderId) => server.setTrashed(folderId)),
);

destinationContract('a folder in Google Drive that is deleted', () => makeHarness((server, folderId) => server.remove(folderId)));
