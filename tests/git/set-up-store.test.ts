import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../electron/domain/errors.ts';
import type { GitJob } from '../../electron/domain/model.ts';
import type { GitSource } from '../../electron/domain/source.ts';
import { fingerprintOf } from '../../electron/engine/git/store.ts';
import { setUpStore } from '../../electron/engine/operations/set-up-store.ts';
import { failureOf, gitJobOf, makeStoreScene, type StoreScene } from '../support/store-scene.ts';

/** Another job for the scene's repository. */
function jobOf({ repository }: StoreScene, source: Partial<GitSource>, name = 'other'): GitJob {
  return gitJobOf(name, { path: repository.project, stores: ['other'], ...source });
}

/** One scene for all that is refused: nothing of it changes anything. */
async function makeScene(): Promise<StoreScene> {
  const scene = await makeStoreScene();
  const { gitIn, project, root, write } = scene.repository;
  await write({ 'other/a.md': 'a', 'ignored/a.md': 'a', 'notes/deep/a.md': 'a', '.gitignore': 'ignored/\n' });
  await mkdir(join(root, 'outside'));
  await writeFile(join(root, 'outside/x'), 'x');
  await symlink('other', join(project, 'link'));
  await symlink(join(root, 'outside'), join(project, 'out'));
  await gitIn(project, 'init', '--quiet', 'nested');
  return scene;
}

describe('what cannot be set up', () => {
  let scene: StoreScene;

  beforeAll(async () => {
    scene = await makeScene();
    return () => scene[Symbol.asyncDispose]();
  });

  it.each<[what: string, change: Partial<GitSource>, code: ErrorCode, message: RegExp]>([
    ['a branch that cannot be one', { branch: 'a..b' }, 'usage-invalid', /"a\.\.b" cannot be a branch/],
    ['a branch that is an option', { branch: '--force' }, 'usage-invalid', /cannot be a branch/],
    ['a branch that is not checked out', { branch: 'side' }, 'git-branch', /is on the branch main, and side is to be backed up/],
    ['a remote that cannot be one', { remote: 'https://example.org/a.git' }, 'usage-invalid', /cannot be a remote/],
    ['a remote that is an option', { remote: '--upload-pack=x' }, 'usage-invalid', /cannot be a remote/],
    ['a store that is not there', { stores: ['others'] }, 'source-missing', /there is no .*others/],
    ['a store that is a link', { stores: ['link'] }, 'git-path-refused', /is a symbolic link/],
    ['a store outside', { stores: ['../x'] }, 'git-path-refused', /goes upwards/],
    ['a store outside, through a link', { stores: ['out/x'] }, 'git-path-refused', /leads out of the repository/],
    ['a store that is ignored', { stores: ['ignored'] }, 'git-path-refused', /is ignored by git/],
    ['a store in another repository', { stores: ['nested'] }, 'git-path-refused', /belongs to the repository nested/],
    ["git's own folder", { stores: ['.git'] }, 'git-path-refused', /is internal/],
    ['a folder in the repository', { path: 'other' }, 'git-not-root', /lies in the repository/],
    ['a folder beside it', { path: '..' }, 'git-not-root', /is not a git repository/],
    ['no folder at all', { path: 'gone' }, 'source-missing', /is not there/],
  ])('is refused: %s', async (_, change, code, message) => {
    const job = jobOf(scene, { ...change, path: join(scene.repository.project, change.path ?? '') });
    expect(await failureOf(setUpStore(scene.engine, job, 'take'))).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    [['notes'], 'notes'],
    [['notes/deep'], 'notes/deep'],
    [['.'], 'notes'],
    [['other', 'notes/kept.md'], 'notes/kept.md'],
  ])('is refused where another job has it: %j', async (stores, shared) => {
    expect(await failureOf(setUpStore(scene.engine, jobOf(scene, { stores }), 'take'))).toMatchObject({
      code: 'job-exists',
      message: `the job notes backs up ${shared} already`,
    });
    // The job itself may be changed to them.
    const own = await setUpStore(scene.engine, jobOf(scene, { stores }, 'notes'), 'take');
    expect(own.source.stores).toEqual(stores.map((store) => (store === '.' ? '' : store)));
  });
});

describe('setUpStore', () => {
  it('resolves to what it found: the real root, the paths as git has them, and where the remote leads (S2-53)', async () => {
    await using scene = await makeStoreScene();
    const { project, remote, root, write } = scene.repository;
    await write({ 'other/deep/a.md': 'a', 'more/b.md': 'b', 'single.md': 'c' });
    await symlink(project, join(root, 'link'));
    await symlink('other', join(project, 'alias'));
    const before = scene.engine.settings.current;
    const source = { path: join(root, 'link'), stores: ['./other//', 'other/deep', 'more', 'alias/deep', 'single.md'], push: true };
    const job = jobOf(scene, source);
    const found = await setUpStore(scene.engine, job, 'take');
    expect(found).toEqual({
      ...job,
      source: { ...job.source, path: project, stores: ['other', 'more', 'single.md'], remoteFingerprint: fingerprintOf([remote]) },
    });
    expect(scene.engine.settings.current).toEqual(before);
    expect(JSON.stringify(found)).not.toContain(remote);
  });

  it('takes the fingerprint of the remote anew, or keeps it', async () => {
    await using scene = await makeStoreScene();
    const { git, root } = scene.repository;
    const known = scene.job.source.remoteFingerprint;
    const elsewhere = join(root, 'elsewhere.git');
    await git('remote', 'set-url', 'origin', elsewhere);
    expect(await failureOf(setUpStore(scene.engine, scene.job, 'keep'))).toMatchObject({ code: 'git-remote-changed' });
    expect((await setUpStore(scene.engine, scene.job, 'take')).source.remoteFingerprint).toBe(fingerprintOf([elsewhere]));
    await git('remote', 'remove', 'origin');
    expect((await setUpStore(scene.engine, scene.job, 'keep')).source.remoteFingerprint).toBe(known);
    expect((await setUpStore(scene.engine, scene.job, 'take')).source.remoteFingerprint).toBeNull();
    await git('remote', 'add', 'origin', elsewhere);
    scene.setSource({ remoteFingerprint: null });
    expect((await setUpStore(scene.engine, scene.job, 'keep')).source.remoteFingerprint).toBe(fingerprintOf([elsewhere]));
  });

  it('takes paths beside those of another job', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.write({ 'notes2/a.md': 'a', 'other/notes/a.md': 'a' });
    const stores = ['notes2', 'other/notes'];
    expect((await setUpStore(scene.engine, jobOf(scene, { stores }), 'take')).source.stores).toEqual(stores);
  });

  it('takes the whole project of a repository without a commit, and contacts no remote', async () => {
    await using scene = await makeStoreScene();
    const { gitIn, root } = scene.repository;
    const path = join(root, 'fresh');
    await gitIn(root, 'init', '--quiet', path);
    await gitIn(path, 'remote', 'add', 'origin', 'http://127.0.0.1:1/a.git');
    const { source } = await setUpStore(scene.engine, jobOf(scene, { path, stores: [''], push: true }), 'take');
    expect(source).toMatchObject({ path, stores: [''], remoteFingerprint: fingerprintOf(['http://127.0.0.1:1/a.git']) });
  });
});
