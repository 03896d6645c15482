import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { watchStore } from '../../electron/engine/git/store-watcher.ts';
import { enqueueItems } from '../../electron/engine/operations/enqueue.ts';
import { startSilentServer } from '../support/git-remote.ts';
import { addGate, intentOf, type StoreScene } from '../support/store-scene.ts';
import { beginMerge, expectAllSafe, keep, listenTo, makeKeptScene, moveRemote, runsOf, writeAsked } from './keeper-scene.ts';

/** Nobody asks for the backup of what another watch of the same store has told. */
async function expectUnwatched({ engine, job, repository, states }: StoreScene): Promise<void> {
  const told = new Set<string>();
  const watcher = await watchStore({
    projectPath: repository.project,
    storePaths: job.source.stores,
    ports: engine.ports,
    quietMs: 100,
    onSettled: (paths) => {
      for (const path of paths) told.add(path);
    },
    onTrouble: () => {},
  });
  for (const name of ['notes/3.md', 'notes/4.md']) {
    await repository.write({ [name]: 'x' });
    await vi.waitFor(() => expect(told).toContain(name), { timeout: 60_000, interval: 50 });
  }
  await watcher.close();
  expect(states()).not.toHaveProperty(['notes/3.md']);
}

describe('the keeper of a store that is blocked', () => {
  it('makes no run for each change, and goes on with the next change after that', async () => {
    await using scene = await makeKeptScene();
    const { repository } = scene;
    const events = listenTo(scene.engine);
    await using _keeper = keep(scene.engine, [scene.job]);
    await events.run();
    await beginMerge(scene);
    await repository.write({ 'notes/1.md': 'x' });
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'git-in-progress' } });
    for (const name of ['2', '3', '4']) await writeAsked(scene, events, `notes/${name}.md`);
    expect(scene.states()).toEqual({ 'notes/1.md': 'failed', 'notes/2.md': 'queued', 'notes/3.md': 'queued', 'notes/4.md': 'queued' });
    await repository.git('merge', '--abort');
    await repository.write({ 'notes/5.md': 'x' });
    const isSafe = () => Object.values(scene.states()).join() === 'success,success,success,success,success';
    while (!isSafe()) expect(await events.run()).toMatchObject({ status: 'succeeded' });
    // What had failed is taken along.
    expect(new Set(runsOf(scene))).toEqual(new Set(['succeeded api', 'failed api git-in-progress']));
    expect(runsOf(scene).filter((run) => run.startsWith('failed'))).toHaveLength(1);
    await expectAllSafe(scene);
  });

  it('goes on by itself when it is time for another attempt', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    await using _keeper = keep(scene.engine, [scene.job]);
    await events.run();
    await beginMerge(scene);
    await scene.repository.write({ 'notes/1.md': 'x' });
    await events.run();
    scene.clock.skip(30_000);
    expect(await events.run()).toMatchObject({ status: 'failed', trigger: 'retry', error: { code: 'git-in-progress' } });
    await scene.repository.git('merge', '--abort');
    scene.clock.skip(60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded', trigger: 'retry' });
    await expectAllSafe(scene);
  });

  it('takes up what has changed before its start also where it was blocked then, and nothing waits', async () => {
    await using scene = await makeKeptScene();
    await scene.repository.write({ 'notes/1.md': 'x' });
    await beginMerge(scene);
    const events = listenTo(scene.engine);
    await using _keeper = keep(scene.engine, [scene.job]);
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'git-in-progress' } });
    expect(scene.states()).toEqual({});
    await scene.repository.git('merge', '--abort');
    scene.clock.skip(60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    expect(scene.states()).toEqual({ 'notes/1.md': 'success' });
    await expectAllSafe(scene);
  });

  it('waits for its next attempt also where an item would be due before', async () => {
    await using scene = await makeKeptScene({ before: ({ write }) => write({ '.gitignore': '*.tmp\n' }) });
    const { clock, engine, repository } = scene;
    const events = listenTo(engine);
    await using _keeper = keep(engine, [scene.job]);
    await events.run();
    await repository.write({ 'notes/ignored.tmp': 'x' });
    enqueueItems(engine, scene.job, [intentOf('notes/ignored.tmp')]);
    scene.enqueue('notes/ignored.tmp');
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'git-path-refused' } });
    await beginMerge(scene);
    await repository.write({ 'notes/1.md': 'x' });
    await events.run();
    clock.skip(30_000);
    // The second failure of the repository; it waits for longer than the item.
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'git-in-progress' } });
    const before = clock.sleeps.length;
    for (const name of ['2', '3', '4']) await writeAsked(scene, events, `notes/${name}.md`);
    // Of the sleeps of less than a minute that are not git's, the shortest is the one until the next attempt.
    const sleeps = () => clock.sleeps.slice(before).filter((ms) => ms > 1500 && ms < 60_000);
    await vi.waitFor(() => expect(sleeps()).not.toEqual([]), 10_000);
    expect(Math.min(...sleeps())).toBeGreaterThan(30_000);
    expect(runsOf(scene).filter((run) => run.startsWith('failed'))).toHaveLength(3);
  });
});

describe('the keeper of a store whose remote fails', () => {
  it('tries again, later each time, and meanwhile commits without asking the remote', async () => {
    await using scene = await makeKeptScene();
    const { clock, engine, repository } = scene;
    const events = listenTo(engine);
    await moveRemote(scene, 'away');
    await using _keeper = keep(engine, [scene.job]);
    const waitsFor = () => {
      const { problem, retryAtMs } = engine.queue('notes').record();
      return Math.round(((retryAtMs ?? 0) - (problem?.atMs ?? 0)) / 1000);
    };
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'git-unreachable' } });
    expect(waitsFor()).toBeGreaterThanOrEqual(22);
    expect(waitsFor()).toBeLessThanOrEqual(30);
    await repository.write({ 'notes/1.md': 'x' });
    expect(await events.run()).toMatchObject({ status: 'warning', warnings: [expect.stringContaining('waits for its next attempt')] });
    expect(await repository.pathsOf('HEAD')).toEqual(['notes/1.md']);
    expect(scene.item('notes/1.md')).toMatchObject({ state: 'failed', committed: true, pushed: false });
    clock.skip(30_000);
    expect(await events.run()).toMatchObject({ status: 'failed', trigger: 'retry', error: { code: 'git-unreachable' } });
    expect(waitsFor()).toBeGreaterThanOrEqual(45);
    expect(waitsFor()).toBeLessThanOrEqual(60);
    await moveRemote(scene, 'back');
    clock.skip(60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded', trigger: 'retry' });
    expect(engine.queue('notes').record()).toMatchObject({ problem: null, failures: 0, retryAtMs: null });
    await expectAllSafe(scene);
  });

  it('takes up what a run has left that was ended by its limit', async () => {
    await using scene = await makeKeptScene();
    const { clock, engine, repository } = scene;
    engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.map((job) => ({ ...job, limitSeconds: 5 })) }));
    const events = listenTo(engine);
    await using _keeper = keep(engine, [scene.job]);
    await events.run();
    await using gate = await addGate(repository.remote, 'pre-receive');
    await repository.write({ 'notes/1.md': 'x' });
    await gate.reached;
    clock.skip(5000);
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'timed-out' } });
    expect(scene.states()).toEqual({ 'notes/1.md': 'queued' });
    gate.open();
    clock.skip(60_000);
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await expectAllSafe(scene);
  });

  it('tries again at once when it is told to', async () => {
    await using scene = await makeKeptScene();
    const events = listenTo(scene.engine);
    await using keeper = keep(scene.engine, [scene.job]);
    await events.run();
    await moveRemote(scene, 'away');
    await scene.repository.write({ 'notes/1.md': 'x' });
    expect(await events.run()).toMatchObject({ status: 'failed' });
    keeper.retryNow();
    expect(await events.run()).toMatchObject({ status: 'failed', trigger: 'retry' });
    // That was one attempt: what changes now does not ask the remote again.
    await scene.repository.write({ 'notes/2.md': 'x' });
    expect(await events.run()).toMatchObject({ status: 'warning', trigger: 'api' });
    await moveRemote(scene, 'back');
    keeper.retryNow();
    expect(await events.run()).toMatchObject({ status: 'succeeded', trigger: 'retry' });
    await expectAllSafe(scene);
  });

  it('tries again at once also where it is told to in the middle of an attempt that fails', async () => {
    await using scene = await makeKeptScene();
    const { engine, repository } = scene;
    const events = listenTo(engine);
    await using keeper = keep(engine, [scene.job]);
    await events.run();
    await using gate = await addGate(repository.remote, 'pre-receive');
    await repository.write({ 'notes/1.md': 'x' });
    await gate.reached;
    keeper.retryNow();
    gate.open(1);
    expect(await events.run()).toMatchObject({ status: 'failed', error: { code: 'git-rejected' } });
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    await expectAllSafe(scene);
  });

  it('commits at once what has changed during another attempt that fails', async () => {
    await using scene = await makeKeptScene();
    const { clock, engine, repository } = scene;
    const events = listenTo(engine);
    await using _keeper = keep(engine, [scene.job]);
    await events.run();
    await moveRemote(scene, 'away');
    await repository.write({ 'notes/1.md': 'x' });
    expect(await events.run()).toMatchObject({ status: 'failed' });
    await moveRemote(scene, 'back');
    await using gate = await addGate(repository.remote, 'pre-receive');
    clock.skip(30_000);
    await gate.reached;
    await writeAsked(scene, events, 'notes/2.md');
    gate.open(1);
    expect(await events.run()).toMatchObject({ status: 'failed', trigger: 'retry', error: { code: 'git-rejected' } });
    expect(await events.run()).toMatchObject({ status: 'warning' });
    expect(await repository.pathsOf('HEAD')).toEqual(['notes/2.md']);
  });

  it('ends soon in the middle of a push that hangs, and leaves what waits in the queue', async () => {
    await using server = await startSilentServer();
    await using scene = await makeKeptScene({
      before: ({ git }) => git('remote', 'set-url', 'origin', `http://${server.address}/store.git`),
    });
    const { engine, repository } = scene;
    const events = listenTo(engine);
    await repository.write({ 'notes/1.md': 'x' });
    await using keeper = keep(engine, [scene.job]);
    await events.next((event) => event.type === 'step-started' && event.step === 'push');
    await writeAsked(scene, events, 'notes/2.md');
    const startedMs = performance.now();
    await keeper.close();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(runsOf(scene)).toEqual(['cancelled api cancelled']);
    expect(scene.states()).toEqual({ 'notes/1.md': 'queued', 'notes/2.md': 'queued' });
    expect(engine.queue('notes').record()).toMatchObject({ problem: null, failures: 0 });
    expect((await readdir(join(repository.project, '.git'))).filter((name) => name.endsWith('.lock'))).toEqual([]);
    await expectUnwatched(scene);
    scene.setSource({ push: false });
    await using _next = keep(engine, [scene.job]);
    expect(await events.run()).toMatchObject({ status: 'cancelled' });
    expect(await events.run()).toMatchObject({ status: 'succeeded' });
    expect(scene.states()).toEqual({ 'notes/1.md': 'success', 'notes/2.md': 'success', 'notes/3.md': 'success', 'notes/4.md': 'success' });
    expect(await repository.git('status', '--porcelain')).toBe('');
  });
});
