import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adaptQueue } from '../../electron/engine/operations/adapt-queue.ts';
import { setUpStore } from '../../electron/engine/operations/set-up-store.ts';
import { inspectQueue } from '../../electron/engine/operations/store-status.ts';
import { addHook } from '../support/git-remote.ts';
import { makeStoreScene, type StoreScene } from '../support/store-scene.ts';

const safe = async (scene: StoreScene, ask = false) => (await inspectQueue(scene.job, scene.engine.catalog, scene.engine.ports, ask)).safe;

describe('a store is not called safe', () => {
  it('at a remote that the job was changed to, before that one has it', async () => {
    await using scene = await makeStoreScene();
    const { git, gitIn, root } = scene.repository;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    expect(await safe(scene)).toBe(true);
    const second = join(root, 'second.git');
    await gitIn(root, 'init', '--quiet', '--bare', second);
    await git('remote', 'add', 'second', second);
    const before = scene.job.source;
    scene.setSource((await setUpStore(scene.engine, { ...scene.job, source: { ...before, remote: 'second' } }, 'take')).source);
    adaptQueue(scene.engine.queue('notes'), before, scene.job.source);
    expect([await safe(scene), scene.item('notes/a.md')]).toMatchObject([false, { pushed: false }]);
    await scene.backUp();
    expect([await safe(scene), scene.item('notes/a.md')]).toMatchObject([true, { pushed: true }]);
    expect(await gitIn(second, 'rev-parse', 'main')).toBe(await scene.head());
  });

  it('while a file has changed that nobody asked for, or a commit is not at the remote', async () => {
    await using scene = await makeStoreScene();
    await scene.backUp('everything');
    expect(await safe(scene)).toBe(true);
    await scene.repository.write({ 'notes/new.md': 'new\n' });
    expect(await safe(scene)).toBe(false);
    await scene.backUp('everything');
    expect(await safe(scene)).toBe(true);
    await scene.repository.git('commit', '--quiet', '--allow-empty', '-m', 'by hand');
    expect([await safe(scene), await safe(scene, true)]).toEqual([false, false]);
  });

  it.each([
    ['--assume-unchanged', 'assume-unchanged'],
    ['--skip-worktree', 'skip-worktree'],
  ])('where git was told not to look at a file (%s)', async (flag) => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    await scene.repository.git('update-index', flag, 'notes/a.md');
    await scene.change({ 'notes/a.md': 'changed\n', 'notes/b.md': 'b\n' });
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'failed', 'notes/b.md': 'success' });
    expect(scene.item('notes/a.md')).toMatchObject({ lastError: { code: 'git-path-refused' }, committed: false });
    await scene.failure('everything');
    expect(scene.engine.catalog.runs()[0]?.warnings).toContainEqual(expect.stringMatching(/^notes\/a.md is not backed up: git was told/));
    await scene.repository.git('update-index', flag.replace('--', '--no-'), 'notes/a.md');
    await scene.backUp('everything');
    expect(await scene.repository.git('show', 'HEAD:notes/a.md')).toBe('changed');
  });

  it('as a folder in which git was told not to look at a file', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/deep/a.md': 'a\n' });
    await scene.backUp();
    await scene.repository.git('update-index', '--assume-unchanged', 'notes/deep/a.md');
    await scene.repository.write({ 'notes/deep/a.md': 'changed\n' });
    scene.enqueue('notes/deep');
    expect(await scene.failure()).toMatchObject({ code: 'git-path-refused', message: expect.stringContaining('notes/deep/a.md') });
    expect(scene.item('notes/deep')).toMatchObject({ state: 'failed', committed: false });
  });

  it('where Git LFS has the content, and no hook uploads it', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.git('config', 'filter.lfs.clean', 'cat');
    await scene.repository.write({ '.gitattributes': '*.bin filter=lfs\n' });
    await scene.change({ 'notes/a.bin': 'large\n', 'notes/b.md': 'b\n' });
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.bin': 'failed', 'notes/b.md': 'success' });
    scene.setSource({ hooks: true });
    await scene.backUp('everything');
    expect(scene.states()).toMatchObject({ 'notes/a.bin': 'success' });
  });
});

describe('what was noticed, and nobody asked for', () => {
  it('is forgotten where it is not to be backed up, and where its deletion is', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.write({ '.gitignore': '*.tmp\n', 'notes/x.tmp': 'x', 'notes/gone.md': 'gone\n' });
    const noticed = ['notes/x.tmp', 'notes/gone.md'].map((path) => ({ item: path, paths: [path], reason: 'changed' }));
    scene.engine.queue('notes').notice(noticed, 1);
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/gone.md': 'success' });
    await rm(join(scene.repository.project, 'notes/gone.md'));
    await scene.backUp('everything');
    expect([scene.states(), await scene.repository.git('log', '-1', '--format=%s')]).toEqual([
      {},
      expect.stringContaining('notes/gone.md'),
    ]);
    expect(await safe(scene)).toBe(true);
  });

  it('fails where somebody asks for it', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.write({ '.gitignore': '*.tmp\n', 'notes/x.tmp': 'x' });
    scene.engine.queue('notes').notice([{ item: 'notes/x.tmp', paths: ['notes/x.tmp'], reason: 'changed' }], 1);
    scene.enqueue('notes/x.tmp');
    await scene.failure();
    expect(scene.states()).toEqual({ 'notes/x.tmp': 'failed' });
  });

  it('warns of a repository in the store', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.gitIn(scene.repository.project, 'init', '--quiet', 'notes/nested');
    await writeFile(join(scene.repository.project, 'notes/nested/a.md'), 'a\n');
    const { run } = await scene.backUp('everything');
    expect(run.warnings).toEqual([expect.stringMatching(/^notes\/nested is a repository of its own/)]);
  });
});

describe('a commit that fails', () => {
  it('leaves nothing announced in the index of the person', async () => {
    await using scene = await makeStoreScene({ source: { hooks: true } });
    const { git, project } = scene.repository;
    await addHook(join(project, '.git'), 'pre-commit', 'exit 1');
    await scene.repository.write({ 'code.txt': 'staged\n' });
    await git('add', 'code.txt');
    const before = await git('status', '--porcelain', '--', ':!notes');
    await scene.change({ 'notes/new.md': 'new\n' });
    await scene.failure();
    expect(await git('status', '--porcelain', '--', 'notes')).toBe('?? notes/new.md');
    expect(await git('status', '--porcelain', '--', ':!notes')).toBe(before);
    await chmod(join(project, '.git/hooks/pre-commit'), 0o644);
    await git('stash', '--quiet');
    await git('stash', 'pop', '--quiet');
    await scene.backUp('everything');
    expect(await git('show', 'HEAD:notes/new.md')).toBe('new');
  });

  it('is taken for one of the repository where everything fails, without trying each item', async () => {
    await using scene = await makeStoreScene({ source: { hooks: true } });
    const { project } = scene.repository;
    const counter = join(project, '.git/tries');
    await addHook(join(project, '.git'), 'pre-commit', `echo x >> "${counter}"; exit 1`);
    await mkdir(join(project, 'notes'), { recursive: true });
    await scene.change(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`notes/${at}.md`, `${at}\n`])));
    expect(await scene.failure()).toMatchObject({ code: 'git-failed' });
    const tries = (await scene.repository.read('.git/tries')).trim().split('\n').length;
    expect([tries, scene.engine.queue('notes').record().problem]).toMatchObject([40, { step: 'commit', code: 'git-failed' }]);
  });
});
