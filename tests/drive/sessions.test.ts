import { copyFile, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { digestsOf } from '../contract/destination-harness.ts';
import { hurryingClock } from '../support/hurrying-clock.ts';
import { reopenTestDrive } from '../support/test-drive.ts';
import { blockBytes, noise, objectName, openUploadScene, type UploadScene, uploadProblems } from './upload-scene.ts';

const fileBytes = 6 * blockBytes + 99;
const reason = new Error('enough');

/** Uploads until three chunks are held, and stops. */
async function uploadHalf({ drive, server }: UploadScene, content: Parameters<typeof drive.destination.put>[1]): Promise<void> {
  const stop = new AbortController();
  const onBytes = (done: number) => {
    if (done >= 3 * blockBytes) stop.abort(reason);
  };
  await expect(drive.destination.put(objectName, content, { signal: stop.signal, onBytes })).rejects.toBe(reason);
  expect(server.uploads().map(({ persistedBytes }) => persistedBytes)).toEqual([3 * blockBytes]);
}

/** The same destination, opened by the next process. */
function reopen({ drive, path }: UploadScene, nowMs?: number) {
  const clock = hurryingClock();
  return reopenTestDrive(`${path}/home`, drive.config, { clock: nowMs === undefined ? clock : { ...clock, now: () => nowMs } });
}

describe('an upload that was stopped half way', () => {
  it('is gone on with by the next process, from what Drive holds', async () => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes);
    await uploadHalf(scene, staged);
    const next = reopen(scene);
    const seen: number[] = [];
    await next.destination.put(objectName, staged, { onBytes: (done) => seen.push(done) });
    expect(uploadProblems(scene.server, objectName, staged.digests)).toEqual([]);
    expect([scene.server.uploads().length, scene.server.numbers().receivedBytes, seen[0]]).toEqual([1, fileBytes, 3 * blockBytes]);
    next.close();
  });

  it('begins anew where the file is another one, though size and time stamps are the same', async () => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes, 1);
    await uploadHalf(scene, staged);
    const other = await scene.stage(fileBytes, 2);
    await copyFile(other.path, staged.path);
    await utimes(staged.path, 1, 1);
    await scene.drive.destination.put(objectName, { ...other, path: staged.path });
    expect(uploadProblems(scene.server, objectName, other.digests)).toEqual([]);
    expect(scene.server.uploads().map(({ state }) => state)).toEqual(['open', 'finished']);
  });

  it('begins anew where the part that was offered has changed and the digest that is claimed has not', async () => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes, 1);
    await uploadHalf(scene, staged);
    const other = await scene.stage(fileBytes, 2);
    await copyFile(other.path, staged.path);
    await expect(scene.drive.destination.put(objectName, staged)).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringMatching(/changed while/),
    });
    expect(await scene.drive.destination.stat(objectName)).toBeNull();
  });

  it('begins anew after six days, whatever Drive may still hold', async () => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes);
    await uploadHalf(scene, staged);
    const next = reopen(scene, Date.now() + 6 * 86_400_000);
    await next.destination.put(objectName, staged);
    expect(uploadProblems(scene.server, objectName, staged.digests)).toEqual([]);
    expect(scene.server.uploads().length).toBe(2);
    next.close();
  });

  it('begins anew where the address of the session is lost', async () => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes);
    await uploadHalf(scene, staged);
    const { fileId = '' } = scene.drive.catalog.remote('gdrive').upload(objectName) ?? {};
    await scene.drive.secrets.remove(`upload/${fileId}`);
    await scene.drive.destination.put(objectName, staged);
    expect(uploadProblems(scene.server, objectName, staged.digests)).toEqual([]);
  });

  it('is nothing that anybody sees, and is forgotten when the object is removed', async () => {
    await using scene = await openUploadScene();
    const staged = await scene.stage(fileBytes);
    await uploadHalf(scene, staged);
    expect(await scene.drive.destination.list()).toEqual([]);
    await scene.drive.destination.remove(objectName);
    expect(scene.drive.catalog.remote('gdrive').upload(objectName)).toBeNull();
    await scene.drive.destination.put(objectName, await scene.stage(fileBytes, 2));
    expect(uploadProblems(scene.server, objectName, digestsOf(noise(fileBytes, 2)))).toEqual([]);
  });
});

it('a file that changes while it is uploaded is never finished under its name', async () => {
  await using scene = await openUploadScene();
  const staged = await scene.stage(fileBytes);
  const claimed = { ...staged, digests: { ...staged.digests, sha256: 'a'.repeat(64) } };
  await expect(scene.drive.destination.put(objectName, claimed)).rejects.toMatchObject({ code: 'internal' });
  expect(await scene.drive.destination.stat(objectName)).toBeNull();
});
