import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import type { WatchOptions } from '../../electron/engine/git/store-watcher.ts';
import { intendItem } from '../../electron/engine/operations/enqueue.ts';
import { addGate, addGitJob, gitJobOf, recordGit } from '../support/store-scene.ts';
import { expectAllSafe, keep, listenTo, makeKeptScene, runsOf } from './keeper-scene.ts';

describe('the keeper of a store', () => {
  it('takes up what has changed, waits or has failed since the last time', async () => {
    await using scene = await makeKeptScene();
    const { repository } = scene;
    await repository.write({ 'notes/deleted.md': 'x', 'notes/renamed.md': 'long enough to be known again\n' });
    await repository.git('add', '.');
    await repository.git('commit', '--quiet', '-m', 'third');
    // What a dead process leaves: an item that was being worked on, one that waits, one that has failed, and one that was meant.
    await scene.change({ 'notes/running.md': 'x' });
    const queue = scene.engine.queue('notes');
    expect(queue.take(1)).toHaveLength(1);
    await scene.change({ 'notes/failed.md': 'x' });
    queue.take(1);
    queue.fail(['notes/failed.md'], { error: { code: 'git-failed', message: 'it failed' }, retryAtMs: scene.clock.now() + 3_600_000 });
    await scene.change({ 'notes/queued.md': 'x' });
    intendItem(scene.engine, scene.job, { item: 'memory 7', paths: ['notes/meant.md'], reason: 'created' });
    await scene.reopen();
    await repository.write({ 'notes/meant.md': 'x', 'notes/kept.md': 'changed\n', 'notes/new/new.md': 'x' });
    await rm(join(repository.project, 'notes/deleted.md'));
    await rename(join(repository.project, 'notes/renamed.md'), join(repository.project, 'notes/elsewhere.md'));

    const events = listenTo(scene.engine);
    await using _keeper = keep(scene.engine, [scene.job]);
    expect(await events.run()).toMatchObject({ status: 'succeeded', trigger: 'api' });
    const changed = ['deleted', 'elsewhere', 'failed', 'kept', 'meant', 'new/new', 'queued', 'renamed', 'running'];
    expect(await repository.pathsOf('HEAD')).toEqual(changed.map((name) => `notes/${name}.md`));
    // Of what was noticed and is gone, nothing is left to be backed up.
    const gone = new Set(['meant', 'deleted', 'renamed']);
    const items = [...changed.filter((name) => !gone.has(name)).map((name) => `notes/${name}.md`), 'memory 7'];
    expect(scene.states()).toEqual(Object.fromEntries(items.map((item) => [item, 'success'])));
    await expectAllSafe(scene);
  });

  it('commits and pushes what is written, by itself', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    await using _keeper = keep(scene.engine, [scene.job]);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await scene.repository.write({ 'notes/a.md': 'a\n', 'outside.md': 'x' });
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    expect(await scene.repository.pathsOf('HEAD')).toEqual(['notes/a.md']);
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'success', committed: true, pushed: true, reason: 'changed' });
    await scene.repository.write({ 'notes/a.md': 'more\n' });
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    expect(await scene.commits()).toEqual(['back up notes/a.md (changed)', 'back up notes/a.md (changed)']);
    await expectAllSafe(scene);
  });

  it('makes one commit of all that waits: a burst, and both ends of a rename', async () => {
    await using scene = await makeKeptScene();
    const { engine, repository } = scene;
    const events = listenTo(engine);
    await using _keeper = keep(engine, [scene.job]);
    await events.run();
    const names = Array.from({ length: 40 }, (_, at) => `notes/burst/${at % 4}/${at}.md`).toSorted();
    // Another piece of work on the repository has its turn meanwhile.
    await engine.turns(repository.project, async () => {
      await repository.write(Object.fromEntries(names.map((name) => [name, 'a line of text\n'])));
      while (Object.keys(scene.states()).length < names.length) await events.queued();
    });
    await events.run();
    expect(await repository.pathsOf('HEAD')).toEqual(names);
    expect(await scene.commits()).toHaveLength(1);

    await engine.turns(repository.project, async () => {
      await rename(join(repository.project, 'notes/kept.md'), join(repository.project, 'notes/moved.md'));
      const states = () => ['notes/kept.md', 'notes/moved.md'].map((name) => scene.states()[name]);
      while (states().join() !== 'queued,queued') await events.queued();
    });
    await events.run();
    expect(await repository.git('show', '--format=', '--name-status', '-M', 'HEAD')).toBe('R100\tnotes/kept.md\tnotes/moved.md');
    await expectAllSafe(scene);
  });

  it('never loses a change that comes while it is at work', async () => {
    await using scene = await makeKeptScene();
    const { engine, repository } = scene;
    const events = listenTo(engine);
    await using _keeper = keep(engine, [scene.job]);
    await events.run();
    await using gate = await addGate(repository.remote, 'pre-receive');
    await repository.write({ 'notes/a.md': 'first\n', 'notes/b.md': 'b\n' });
    await gate.reached;
    await repository.write({ 'notes/a.md': 'second\n', 'notes/c.md': 'c\n' });
    const waits = () => engine.queue('notes').item('notes/c.md')?.state;
    while (waits() !== 'queued') await events.queued();
    gate.open();
    while ((await events.run()).status !== 'succeeded' || engine.queue('notes').unfinished().length > 0);
    expect(await repository.git('show', 'HEAD:notes/a.md')).toBe('second');
    await expectAllSafe(scene);
  });

  it('does not look at jobs that are paused or switched off', async () => {
    await using scene = await makeKeptScene();
    const { env, calls } = await recordGit(scene.repository);
    await scene.reopen({ environment: env, clock: scene.clock });
    const { engine, repository } = scene;
    const project = join(repository.root, 'idle');
    await repository.gitIn(repository.root, 'init', '--quiet', project);
    const idle = (name: string) => gitJobOf(name, { path: project, stores: [name] });
    const jobs = [
      { ...idle('paused'), paused: true },
      { ...idle('off'), source: { ...idle('off').source, enabled: false } },
    ];
    for (const name of ['paused', 'off']) await mkdir(join(project, name));
    const events = listenTo(engine);
    await using keeper = keep(engine, [...jobs, scene.job]);
    await events.run();
    for (const folder of ['../idle/paused', '../idle/off', 'notes']) await repository.write({ [`${folder}/a.md`]: 'a\n' });
    expect(await events.run()).toMatchObject({ job: 'notes', status: 'succeeded' });
    keeper.retryNow();
    await repository.write({ 'notes/a.md': 'b\n' });
    expect(await events.run()).toMatchObject({ job: 'notes', status: 'succeeded' });
    await keeper.close();
    expect(engine.catalog.runs().filter(({ job }) => job !== 'notes')).toEqual([]);
    expect(jobs.flatMap(({ name }) => engine.queue(name).items())).toEqual([]);
    expect((await calls()).filter((call) => call.includes('idle'))).toEqual([]);
  });

  it('goes on with one repository where another one is broken, and with that one when it is mended', async () => {
    await using scene = await makeKeptScene();
    const { engine, repository } = scene;
    const other = join(repository.root, 'other');
    await repository.gitIn(repository.root, 'clone', '--quiet', repository.project, other);
    const broken = await addGitJob(engine, gitJobOf('broken', { path: other, stores: ['notes'] }));
    await rename(join(other, '.git'), join(repository.root, 'taken.git'));
    const events = listenTo(engine);
    await using _keeper = keep(engine, [broken, scene.job]);
    const first = [await events.run(), await events.run()];
    expect(new Map(first.map(({ job, status }) => [job, status]))).toEqual(
      new Map([
        ['broken', 'failed'],
        ['notes', 'succeeded'],
      ]),
    );
    await repository.write({ '../other/notes/a.md': 'a\n' });
    await events.queued();
    await repository.write({ 'notes/a.md': 'a\n' });
    expect(await events.run()).toMatchObject({ job: 'notes', status: 'succeeded' });
    expect(runsOf(scene, 'broken')).toEqual(['failed api git-not-root']);
    await rename(join(repository.root, 'taken.git'), join(other, '.git'));
    scene.clock.skip(60_000);
    expect(await events.run()).toMatchObject({ job: 'broken', status: 'succeeded' });
    expect(await repository.gitIn(other, 'status', '--porcelain')).toBe('');
    await expectAllSafe(scene);
  });
});

/** A watch that notices nothing by itself, and what it was asked for. */
function watchNothing() {
  const watched = Promise.withResolvers<WatchOptions>();
  const watch = async (options: WatchOptions) => {
    watched.resolve(options);
    return { close: async () => {} };
  };
  return { watch, watched: watched.promise };
}

describe('the keeper of a store that cannot be watched', () => {
  const trouble = new BackupError('source-unreadable', 'some changes may go unnoticed', { hint: 'raise the limit' });

  it('looks at the whole store from time to time', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    await using _keeper = keep(scene.engine, [scene.job], { watch: () => Promise.reject(trouble) });
    await events.run();
    await scene.repository.write({ 'notes/1.md': 'x' });
    scene.clock.skip(15 * 60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    expect(scene.states()).toEqual({ 'notes/1.md': 'success' });
    await scene.repository.write({ 'notes/2.md': 'x' });
    scene.clock.skip(15 * 60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await expectAllSafe(scene);
  });

  it('does so also where the trouble begins later', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    const { watch, watched } = watchNothing();
    await using _keeper = keep(scene.engine, [scene.job], { watch });
    await events.run();
    await scene.repository.write({ 'notes/1.md': 'x' });
    (await watched).onTrouble(trouble);
    // What went unnoticed before is found at once.
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await scene.repository.write({ 'notes/2.md': 'x' });
    scene.clock.skip(15 * 60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await expectAllSafe(scene);
  });

  it('does so now and then also where it can be watched: a watch may miss something', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    const { watch } = watchNothing();
    await using _keeper = keep(scene.engine, [scene.job], { watch });
    await events.run();
    await scene.repository.write({ 'notes/1.md': 'x' });
    scene.clock.skip(6 * 3_600_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await expectAllSafe(scene);
  });

  it('passes over what it is told that is none of the store', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    const { watch, watched } = watchNothing();
    await using _keeper = keep(scene.engine, [scene.job], { watch });
    await events.run();
    await scene.repository.write({ 'notes/1.md': 'x', 'outside.md': 'x' });
    (await watched).onSettled(['notes/1.md', 'outside.md']);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    expect(scene.states()).toEqual({ 'notes/1.md': 'success' });
    await expectAllSafe(scene);
  });
});
