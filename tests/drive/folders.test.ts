import { describe, expect, it } from 'vitest';
import { driveConfigSchema } from '../../electron/domain/model.ts';
import { openDriveApi } from '../../electron/engine/destinations/drive/drive-api.ts';
import { resolveFolder } from '../../electron/engine/destinations/drive/drive-folders.ts';
import { driveTokens, openDriveCalls } from '../../electron/engine/destinations/open-destination.ts';
import { silentLog } from '../../electron/engine/platform/log.ts';
import { testPorts } from '../support/test-engine.ts';
import { objectName, openUploadScene, type UploadScene } from './upload-scene.ts';

/** Resolves a path in the account of a scene, as a sign-in does. */
async function resolve({ clock, drive }: UploadScene, path: string) {
  const ports = { ...testPorts({ clock }), log: silentLog };
  const calls = openDriveCalls(drive.config, ports, driveTokens(drive.config, ports, drive.secrets));
  return resolveFolder(await openDriveApi(calls, 'gdrive'), path, 'gdrive');
}

const small = { kind: 'text', text: 'small' } as const;

describe('the folder of a destination', () => {
  it('is made once, level by level, and found again', async () => {
    await using scene = await openUploadScene();
    const first = await resolve(scene, "A/B's \\ C/Ünïcode");
    const second = await resolve(scene, "A/B's \\ C/Ünïcode");
    expect(second.id).toBe(first.id);
    expect(scene.server.files().filter(({ name }) => ['A', "B's \\ C", 'Ünïcode'].includes(name)).length).toBe(3);
  });

  it('lies below the root: a folder of the same name elsewhere does not count (S1-53)', async () => {
    await using scene = await openUploadScene();
    const { server } = scene;
    const elsewhere = await server.addFile({ name: 'Elsewhere', clientId: server.clientId });
    const same = await server.addFile({ name: 'A', parents: [elsewhere.id], clientId: server.clientId });
    const found = await resolve(scene, 'A');
    expect(found.id).not.toBe(same.id);
    expect(found.parents).toEqual([server.rootId]);
  });

  it('that is there twice is reported with the ids, and nothing is made', async () => {
    await using scene = await openUploadScene();
    const { server } = scene;
    const [one, two] = [
      await server.addFile({ name: 'A', clientId: server.clientId }),
      await server.addFile({ name: 'A', clientId: server.clientId }),
    ];
    const before = server.files().length;
    await expect(resolve(scene, 'A/B')).rejects.toMatchObject({
      code: 'destination-ambiguous',
      hint: expect.stringMatching(new RegExp(`${one?.id}.*${two?.id}|${two?.id}.*${one?.id}`)),
    });
    expect(server.files().length).toBe(before);
  });

  it.each(['', '/', 'A//B', '/A', 'A/', 'A/ /B'])('cannot be "%s"', (path) => {
    expect(driveConfigSchema.shape.folder.safeParse(path).success).toBe(false);
  });
});

describe('a name that two files have', () => {
  it('is reported, never guessed, unless one of them is known to be ours', async () => {
    await using scene = await openUploadScene();
    const { drive, server } = scene;
    await drive.destination.put(objectName, small);
    const [ours] = server.files().filter(({ content }) => content !== undefined);
    await server.addFile({ name: '2026-11-22.db.gz', parents: [ours?.parent ?? ''], content: 'another', clientId: server.clientId });
    expect(await drive.destination.stat(objectName)).toMatchObject({ bytes: 5 });
    expect((await drive.destination.list('notes')).map(({ bytes }) => bytes)).toEqual([5]);
    // What was remembered is lost, as with the catalog.
    drive.catalog.remote('gdrive').forgetFile(objectName);
    await expect(drive.destination.stat(objectName)).rejects.toMatchObject({ code: 'destination-ambiguous' });
    await expect(drive.destination.put(objectName, small)).rejects.toMatchObject({ code: 'destination-ambiguous' });
    await expect(drive.destination.trash(objectName, 0)).rejects.toMatchObject({ code: 'destination-ambiguous' });
    expect(server.files().filter(({ explicitlyTrashed }) => explicitlyTrashed)).toEqual([]);
  });

  it('is reported for the folder of a job too', async () => {
    await using scene = await openUploadScene();
    const { drive, server } = scene;
    const parents = [drive.config.folderId ?? ''];
    for (let i = 0; i < 2; i++) await server.addFile({ name: 'notes', parents, clientId: server.clientId });
    await expect(drive.destination.put(objectName, small)).rejects.toMatchObject({ code: 'destination-ambiguous' });
  });
});

describe('what somebody does in the web interface', () => {
  it.each([
    ['moves an object to the trash', (server: UploadScene['server'], id: string) => server.setTrashed(id)],
    ['deletes an object', (server: UploadScene['server'], id: string) => server.remove(id)],
    ['renames an object', (server: UploadScene['server'], id: string) => server.rename(id, 'Kopie')],
    ['moves an object away', (server: UploadScene['server'], id: string) => server.move(id, server.rootId)],
  ])('%s: it is missing, and the name can be used again', async (_, act) => {
    await using scene = await openUploadScene();
    const { drive, server } = scene;
    await drive.destination.put(objectName, small);
    const [ours] = server.files().filter(({ content }) => content !== undefined);
    act(server, ours?.id ?? '');
    expect(await drive.destination.stat(objectName)).toBeNull();
    await drive.destination.put(objectName, small);
    expect(await drive.destination.stat(objectName)).toMatchObject({ bytes: 5 });
  });

  it('puts an object back from the trash: it is there again', async () => {
    await using scene = await openUploadScene();
    const { drive, server } = scene;
    await drive.destination.put(objectName, small);
    const [ours] = server.files().filter(({ content }) => content !== undefined);
    server.setTrashed(ours?.id ?? '');
    expect(await drive.destination.stat(objectName)).toBeNull();
    server.setTrashed(ours?.id ?? '', false);
    expect(await drive.destination.stat(objectName)).toMatchObject({ bytes: 5 });
  });
});
