import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { drillJob, dueDrills } from '../../electron/engine/operations/drill.ts';
import { makeStoreScene, type StoreScene, type StoreSceneOptions } from '../support/store-scene.ts';

let scene: StoreScene;
const make = async (options: StoreSceneOptions = {}) => {
  scene = await makeStoreScene(options);
};
afterEach(() => scene[Symbol.asyncDispose]());

const drill = async () => (await drillJob(scene.engine, scene.job, { trigger: 'manual' }))[0];
const pushed = async (files: Readonly<Record<string, string>> = { 'notes/a.md': 'a\n' }) => {
  await scene.change(files);
  await scene.backUp();
};
/** Everything in the repository's own git folder that a fetch would write. */
const traces = async () => [
  await scene.repository.git('for-each-ref'),
  await readdir(join(scene.repository.project, '.git')),
  await scene.repository.git('count-objects', '-v'),
];

describe('the drill of a store that is pushed', () => {
  it('clones the remote, finds every file of the store, and leaves the store and staging alone', async () => {
    await make();
    await pushed();
    const before = await traces();
    const commit = await scene.head();
    expect(await drill()).toMatchObject({
      place: 'origin',
      level: 'clone',
      outcome: 'proven',
      snapshotId: commit,
      rows: 2,
      message: `${commit.slice(0, 10)} with 2 files came back from origin`,
    });
    expect(await traces()).toEqual(before);
    expect(await readdir(scene.engine.home.stagingFolder)).toEqual([]);
  });

  it('names what is not pushed yet, which is no failure', async () => {
    await make();
    await pushed();
    await scene.repository.write({ 'notes/b.md': 'b\n', 'other.md': 'not of the store\n' });
    await scene.repository.git('add', '.');
    await scene.repository.git('commit', '--quiet', '-m', 'by hand');
    await scene.change({ 'notes/c.md': 'c\n' });
    expect(await drill()).toMatchObject({ outcome: 'proven', message: expect.stringMatching(/; not pushed yet: notes\/c.md and 1 more$/) });
  });

  it('goes on where somebody else has pushed more', async () => {
    await make();
    await pushed();
    const other = join(scene.repository.root, 'other');
    await scene.repository.gitIn(scene.repository.root, 'clone', '--quiet', scene.repository.remote, other);
    await writeFile(join(other, 'notes', 'theirs.md'), 'theirs\n');
    await scene.repository.gitIn(other, 'add', '.');
    await scene.repository.gitIn(other, 'commit', '--quiet', '-m', 'theirs');
    await scene.repository.gitIn(other, 'push', '--quiet');
    expect(await drill()).toMatchObject({ outcome: 'proven', rows: 2 });
  });

  it('fails where the remote went back behind what was proven', async () => {
    await make();
    await pushed();
    await pushed({ 'notes/b.md': 'b\n' });
    await scene.repository.gitIn(scene.repository.remote, 'update-ref', 'refs/heads/main', 'refs/heads/main~1');
    expect(await drill()).toMatchObject({ outcome: 'failed', code: 'digest-mismatch', message: expect.stringContaining('any more') });
  });

  it('fails where the branch is gone', async () => {
    await make();
    await pushed();
    await scene.repository.gitIn(scene.repository.remote, 'update-ref', '-d', 'refs/heads/main');
    expect(await drill()).toMatchObject({ outcome: 'failed', message: 'origin has no branch main any more' });
  });

  it.each(['missing', 'of other bytes'])('fails where an object of the remote is %s', async (how) => {
    await make();
    await pushed();
    const blob = await scene.repository.git('rev-parse', 'HEAD:notes/a.md');
    const path = join(scene.repository.remote, 'objects', blob.slice(0, 2), blob.slice(2));
    await rm(path);
    if (how === 'of other bytes') await writeFile(path, 'garbage');
    expect(await drill()).toMatchObject({ outcome: 'failed', code: 'digest-mismatch', rows: null });
  });

  it('asks for every object also where the repository itself is content with some', async () => {
    await make();
    await pushed();
    await scene.repository.gitIn(scene.repository.remote, 'config', 'uploadpack.allowFilter', 'true');
    await scene.repository.git('config', 'remote.origin.promisor', 'true');
    await scene.repository.git('config', 'remote.origin.partialclonefilter', 'blob:none');
    expect(await drill()).toMatchObject({ outcome: 'proven' });
    const blob = await scene.repository.git('rev-parse', 'HEAD:notes/a.md');
    await rm(join(scene.repository.remote, 'objects', blob.slice(0, 2), blob.slice(2)));
    expect(await drill()).toMatchObject({ outcome: 'failed', code: 'digest-mismatch' });
  });

  it('is postponed where the remote cannot be reached, or nothing was pushed yet', async () => {
    await make();
    expect(await drill()).toMatchObject({ outcome: 'postponed', message: 'nothing was pushed to origin yet' });
    await pushed();
    await rm(scene.repository.remote, { recursive: true });
    expect(await drill()).toMatchObject({ outcome: 'postponed', code: 'git-unreachable' });
  });

  it('is postponed where a clone has no room', async () => {
    await make();
    await pushed();
    const { engine } = scene;
    const low = { ...engine, ports: { ...engine.ports, disk: { of: async () => ({ id: 'x', path: '/x', freeBytes: 1, totalBytes: 2 }) } } };
    expect((await drillJob(low, scene.job, { trigger: 'manual' }))[0]).toMatchObject({ outcome: 'postponed', code: 'disk-space-low' });
  });

  it("reaches the remote with the repository's own settings, by an address that git reads from its folder", async () => {
    await make();
    await pushed();
    await scene.repository.git('config', 'remote.origin.url', '../remote.git');
    expect(await drill()).toMatchObject({ outcome: 'proven' });
    await scene.repository.git('config', 'remote.origin.url', 'short:remote.git');
    await scene.repository.git('config', `url.${scene.repository.root}/.insteadOf`, 'short:');
    expect(await drill()).toMatchObject({ outcome: 'proven' });
    const odd = 'touch "$HOME/reached"; git-upload-pack';
    await scene.repository.git('config', 'remote.origin.uploadpack', odd);
    await rm(join(scene.repository.root, 'home', 'reached'), { force: true });
    expect(await drill()).toMatchObject({ outcome: 'proven' });
    expect(await readdir(join(scene.repository.root, 'home'))).toContain('reached');
  });
});

describe('a store', () => {
  it('has nothing to prove before the remote has something of it', async () => {
    await make();
    expect(dueDrills(scene.engine, scene.job)).toEqual([]);
    await pushed();
    expect(dueDrills(scene.engine, scene.job)).toEqual(['origin']);
  });
});

describe('the drill of a store that is not pushed', () => {
  it('checks the repository itself, and its commit', async () => {
    await make({ source: { push: false } });
    await pushed();
    expect(await drill()).toMatchObject({ place: scene.repository.project, level: 'local', outcome: 'proven', rows: 2 });
  });

  it('fails where an object is missing', async () => {
    await make({ source: { push: false } });
    await pushed();
    const blob = await scene.repository.git('rev-parse', 'HEAD:notes/a.md');
    await rm(join(scene.repository.project, '.git', 'objects', blob.slice(0, 2), blob.slice(2)));
    expect(await drill()).toMatchObject({ outcome: 'failed', code: 'digest-mismatch', message: expect.stringContaining('not whole') });
  });
});
