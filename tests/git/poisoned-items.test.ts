import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countsOf } from '../support/git-queue.ts';
import type { GitScene } from '../support/git-remote.ts';
import { makeStoreScene, type StoreScene } from '../support/store-scene.ts';

/** What can be wrong with an item that only shows when it is its turn, each with a path that has it. */
const poisons: Readonly<Record<string, { path: string; prepare: (repository: GitScene) => Promise<unknown>; message: RegExp }>> = {
  'leads out of the repository': {
    path: 'notes/out/x.md',
    prepare: async ({ project, root }) => {
      await mkdir(join(root, 'outside'));
      await symlink(join(root, 'outside'), join(project, 'notes/out'));
    },
    message: /^notes\/out\/x\.md leads out of the repository through a symbolic link$/,
  },
  'is ignored': {
    path: 'notes/050.tmp',
    prepare: ({ write }) => write({ '.gitignore': '*.tmp\n', 'notes/050.tmp': 'x' }),
    message: /^notes\/050\.tmp is ignored by git$/,
  },
  'belongs to another repository': {
    path: 'notes/nested/x.md',
    prepare: async ({ gitIn, project, write }) => {
      await gitIn(project, 'init', '--quiet', 'notes/nested');
      await write({ 'notes/nested/x.md': 'x' });
    },
    message: /^notes\/nested\/x\.md belongs to the repository notes\/nested$/,
  },
  'is internal': {
    path: 'notes/.operations/x.md',
    prepare: ({ write }) => write({ 'notes/.operations/x.md': 'x' }),
    message: /^notes\/\.operations\/x\.md is internal to the store or to git$/,
  },
};

/** Writes so many good files and asks for their backup, with bad items at these places between them. Resolves to the good ones. */
async function enqueueAmong(scene: StoreScene, count: number, bad: Readonly<Record<number, string>>): Promise<readonly string[]> {
  await scene.repository.git('config', 'core.fsync', 'none');
  const good = Array.from({ length: count }, (_, number) => `notes/${String(number).padStart(3, '0')}.md`);
  await scene.repository.write(Object.fromEntries(good.map((path) => [path, path])));
  scene.enqueue(...good.flatMap((path, at) => [...(bad[at] === undefined ? [] : [bad[at]]), path]));
  return good;
}

async function committedFiles(scene: StoreScene): Promise<readonly string[]> {
  return (await scene.repository.git('ls-tree', '-r', '--name-only', 'HEAD', 'notes/'))
    .split('\n')
    .filter((path) => path !== 'notes/kept.md');
}

describe('an item that cannot be committed', () => {
  it.each(Object.entries(poisons))('because it %s, fails alone among 100 good ones', async (_, { message, path, prepare }) => {
    await using scene = await makeStoreScene();
    await prepare(scene.repository);
    const good = await enqueueAmong(scene, 100, { 50: path });
    const { failed, run, saved } = await scene.backUp();
    expect([run.status, saved, failed.map(({ item }) => item)]).toEqual(['warning', 100, [path]]);
    expect(run.warnings).toEqual([expect.stringMatching(`^${path} was not backed up: `)]);
    expect(await committedFiles(scene)).toEqual(good);
    expect(await scene.remoteHead()).toBe(await scene.head());
    expect(countsOf(scene.engine.queue('notes'))).toEqual({ success: 100, failed: 1 });
    expect(scene.item(path)).toMatchObject({
      state: 'failed',
      committed: false,
      pushed: false,
      lastBackupAtMs: null,
      lastError: { code: 'git-path-refused', message: expect.stringMatching(message) },
    });
    // What is wrong with an item is nothing that is wrong with the repository.
    expect(scene.engine.queue('notes').record()).toMatchObject({ problem: null, failures: 0, retryAtMs: null, safeAtMs: null });
  });

  it('fails alone also where there are several', async () => {
    await using scene = await makeStoreScene();
    for (const { prepare } of Object.values(poisons)) await prepare(scene.repository);
    const paths = Object.values(poisons).map(({ path }) => path);
    const good = await enqueueAmong(scene, 100, Object.fromEntries(paths.map((path, at) => [at * 33, path])));
    const { failed, saved } = await scene.backUp();
    expect([saved, failed.map(({ item }) => item).toSorted()]).toEqual([100, paths.toSorted()]);
    expect(await committedFiles(scene)).toEqual(good);
  });

  it('takes its other paths with it: an item is whole or not backed up', async () => {
    await using scene = await makeStoreScene();
    await poisons['is ignored']?.prepare(scene.repository);
    await scene.repository.write({ 'notes/a.md': 'a', 'notes/b.md': 'b' });
    scene.enqueue({ item: 'bad', paths: ['notes/a.md', 'notes/050.tmp'], reason: 'x' }, 'notes/b.md');
    await scene.backUp();
    expect([scene.states(), await committedFiles(scene)]).toEqual([{ bad: 'failed', 'notes/b.md': 'success' }, ['notes/b.md']]);
  });

  it('makes the run fail where there was nothing else', async () => {
    await using scene = await makeStoreScene();
    await poisons['is ignored']?.prepare(scene.repository);
    scene.enqueue('notes/050.tmp');
    expect(await scene.failure()).toMatchObject({ code: 'git-path-refused' });
    expect(scene.engine.catalog.runs()[0]).toMatchObject({ status: 'failed', error: { code: 'git-path-refused' } });
  });

  it('is a success as soon as it can be committed', async () => {
    await using scene = await makeStoreScene();
    await poisons['is ignored']?.prepare(scene.repository);
    scene.enqueue('notes/050.tmp');
    await scene.failure();
    await scene.repository.write({ '.gitignore': '' });
    await scene.backUp('everything');
    expect(scene.item('notes/050.tmp')).toMatchObject({ state: 'success', lastError: null, committed: true, pushed: true });
  });

  it('does not stop the good ones for ever, however many there are', async () => {
    await using scene = await makeStoreScene({ source: { push: false } });
    await scene.repository.write({ '.gitignore': '*.tmp\n' });
    const bad = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [at, `notes/${String(at).padStart(3, '0')}.a.tmp`]));
    const good = await enqueueAmong(scene, 65, bad);
    await scene.backUp();
    // It fails where all the good ones were backed up before.
    await scene.backUp('everything').catch(() => {});
    expect(await committedFiles(scene)).toEqual(good);
    expect(countsOf(scene.engine.queue('notes'))).toEqual({ success: 65, failed: 65 });
  });
});
