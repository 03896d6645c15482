import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { localClient } from '../../electron/api/client.ts';
import { hostEngine } from '../../electron/api/engine-host.ts';
import { failureOf } from '../support/engine-clients.ts';
import { makeStoreScene, type StoreScene } from '../support/store-scene.ts';

const clientOf = ({ engine }: StoreScene) => localClient(hostEngine(engine));

it('lists the files of a store as a version has them, its versions, and what one changed', async () => {
  await using scene = await makeStoreScene();
  const { git } = clientOf(scene);
  await scene.change({ 'notes/Über.md': 'first\n', 'notes/sub/b.md': 'b\n' });
  await scene.backUp();
  const first = await scene.head();
  await scene.change({ 'notes/Über.md': 'second\n' });
  await scene.backUp();
  const latest = await scene.head();

  expect(await git.files({ job: 'NOTES' })).toEqual({
    commit: latest,
    paths: ['notes/kept.md', 'notes/sub/b.md', 'notes/Über.md'].toSorted(),
    pathCount: 3,
  });
  expect(await git.files({ job: 'notes', text: 'üBER' })).toEqual({ commit: latest, paths: ['notes/Über.md'], pathCount: 1 });
  expect(await git.files({ job: 'notes', at: `${first}~1` })).toMatchObject({ paths: ['notes/kept.md'] });

  const versions = await git.versions({ job: 'notes', path: 'notes/Über.md' });
  expect(versions.map(({ commit, paths }) => ({ commit, paths }))).toEqual([
    { commit: latest, paths: ['notes/Über.md'] },
    { commit: first, paths: ['notes/Über.md'] },
  ]);
  expect(await git.versions({ job: 'notes', path: '', limit: 1 })).toMatchObject([{ commit: latest }]);
  const { text } = await git.diff({ job: 'notes', commit: latest, path: 'notes/Über.md' });
  expect(text.split('\n').filter((line) => /^[-+]\w/.test(line))).toEqual(['-first', '+second']);
  expect(await failureOf(git.files({ job: 'notes', at: 'nothing' }))).toMatchObject({ code: 'usage-invalid' });
  expect(await failureOf(git.files({ job: 'nono' }))).toMatchObject({ code: 'job-unknown' });
});

it('brings a version of a file back into a folder, and nothing where our own files are', async () => {
  await using scene = await makeStoreScene();
  const { restores } = clientOf(scene);
  await scene.change({ 'notes/a.md': 'first\n' });
  await scene.backUp();
  const at = await scene.head();
  await scene.change({ 'notes/a.md': 'second\n' });
  await scene.backUp();
  const folder = join(scene.repository.root, 'back');
  await mkdir(folder);
  const asked = { job: 'notes', at, path: 'notes/a.md' };
  expect(await restores.version({ ...asked, target: folder })).toEqual({
    ...{ commit: at, path: join(folder, 'a.md'), files: 1, bytes: 6, skipped: 0 },
  });
  expect(await readFile(join(folder, 'a.md'), 'utf8')).toBe('first\n');
  expect(await failureOf(restores.version({ ...asked, target: folder }))).toMatchObject({ code: 'target-exists' });
  const catalog = scene.engine.home.catalogPath;
  expect(await failureOf(restores.version({ ...asked, target: catalog, force: true }))).toMatchObject({ code: 'target-refused' });
  await symlink(scene.engine.home.path, join(scene.repository.root, 'detour'));
  const detour = join(scene.repository.root, 'detour', 'catalog.db');
  expect(await failureOf(restores.version({ ...asked, target: detour, force: true }))).toMatchObject({ code: 'target-refused' });
  expect(await readFile(join(scene.repository.project, 'notes/a.md'), 'utf8')).toBe('second\n');
});
