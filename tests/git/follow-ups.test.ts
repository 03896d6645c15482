import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StepName } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { enqueueAround, intendItem } from '../../electron/engine/operations/enqueue.ts';
import { countsOf } from '../support/git-queue.ts';
import { addGate, addGitJob, failureOf, gitJobOf, intentOf, makeStoreScene, type StoreScene } from '../support/store-scene.ts';

/** Does something once, when a step of a run begins. */
function atStep(engine: Engine, step: StepName, act: () => void): void {
  const stop = engine.listen((event) => {
    if (event.type !== 'step-started' || event.step !== step) return;
    stop();
    act();
  });
}

/** A scene whose next commit waits at a gate: what is to be committed is chosen, and not committed yet. */
async function makeGatedScene(hook: 'pre-commit' | 'pre-push' = 'pre-commit') {
  const scene = await makeStoreScene({ source: { hooks: true } });
  const gate = await addGate(join(scene.repository.project, '.git'), hook);
  const stack = new AsyncDisposableStack();
  stack.use(scene);
  stack.use(gate);
  return { scene, gate, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Everything of the store is in the last commit and at the remote. */
async function expectSafe(scene: StoreScene, states: Readonly<Record<string, string>>): Promise<void> {
  expect(await scene.repository.git('status', '--porcelain')).toBe('');
  expect(await scene.remoteHead()).toBe(await scene.head());
  expect(scene.states()).toEqual(states);
}

describe('what is asked for during a run', () => {
  it.each([
    ['the same path', ['notes/a.md']],
    ['one of its paths', ['notes/a.md']],
    ['another path', ['notes/b.md']],
  ])('of an item that is being committed is committed by a follow-up: %s [RV P2]', async (which, paths) => {
    await using gated = await makeGatedScene();
    const { gate, scene } = gated;
    const first = which === 'one of its paths' ? ['notes/a.md', 'notes/other.md'] : ['notes/a.md'];
    await scene.repository.write({ 'notes/a.md': 'a\n', 'notes/other.md': 'o\n' });
    scene.enqueue({ item: 'memory-1', paths: first, reason: 'memory_creation' }, 'notes/other.md');
    const running = scene.backUp();
    await gate.reached;
    expect(scene.item('memory-1').state).toBe('running');
    await scene.repository.write(Object.fromEntries(paths.map((path) => [path, 'later\n'])));
    const [asked] = scene.enqueue({ item: 'memory-1', paths, reason: 'highlight_update' });
    expect(asked).toMatchObject({ state: 'running', paths: [...new Set([...first, ...paths])], reason: 'highlight_update' });
    gate.open();
    const { commits, saved } = await running;
    expect([commits.length, saved]).toEqual([2, 3]);
    for (const path of paths) expect(await scene.repository.git('show', `HEAD:${path}`)).toBe('later');
    await expectSafe(scene, { 'memory-1': 'success', 'notes/other.md': 'success' });
    expect(await scene.repository.git('log', '-1', '--format=%s')).toBe('back up memory-1 (highlight_update)');
  });

  it('while it pushes is committed and pushed too, a new item and one that it has', async () => {
    await using scene = await makeStoreScene();
    await using gate = await addGate(scene.repository.remote, 'pre-receive');
    await scene.change({ 'notes/a.md': 'a\n' });
    const running = scene.backUp();
    await gate.reached;
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'running', committed: true });
    await scene.change({ 'notes/a.md': 'a2\n', 'notes/b.md': 'b\n' });
    expect(scene.states()).toEqual({ 'notes/a.md': 'running', 'notes/b.md': 'queued' });
    gate.open();
    expect((await running).commits.length).toBe(2);
    await expectSafe(scene, { 'notes/a.md': 'success', 'notes/b.md': 'success' });
  });

  it('while it pushes waits for the next one where the push fails, and is not failed with it', async () => {
    await using scene = await makeStoreScene();
    await using gate = await addGate(scene.repository.remote, 'pre-receive');
    await scene.change({ 'notes/a.md': 'a\n', 'notes/b.md': 'b\n' });
    const running = failureOf(scene.backUp());
    await gate.reached;
    await scene.change({ 'notes/a.md': 'a2\n', 'notes/c.md': 'c\n' });
    gate.open(1);
    expect((await running).code).toBe('git-rejected');
    expect(scene.states()).toEqual({ 'notes/a.md': 'queued', 'notes/b.md': 'failed', 'notes/c.md': 'queued' });
    await scene.backUp('everything');
    await expectSafe(scene, { 'notes/a.md': 'success', 'notes/b.md': 'success', 'notes/c.md': 'success' });
    expect(await scene.repository.git('show', 'HEAD:notes/a.md')).toBe('a2');
  });

  it('before it commits is in its commit', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.repository.write({ 'notes/b.md': 'b\n' });
    atStep(scene.engine, 'guard', () => scene.enqueue('notes/b.md'));
    expect((await scene.backUp()).commits.length).toBe(1);
    await expectSafe(scene, { 'notes/a.md': 'success', 'notes/b.md': 'success' });
  });

  it('as an intent alone leaves the item pending, never a success (S2-11)', async () => {
    await using gated = await makeGatedScene();
    const { gate, scene } = gated;
    await scene.change({ 'notes/a.md': 'a\n' });
    const running = scene.backUp();
    await gate.reached;
    intendItem(scene.engine, scene.job, intentOf('notes/a.md', 'about to be changed'));
    gate.open();
    await running;
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'pending', committed: false, pushed: false });
    await scene.change({ 'notes/a.md': 'a2\n' });
    await scene.backUp();
    await expectSafe(scene, { 'notes/a.md': 'success' });
  });

  it('of one job does not hold another in the same repository back, but they take turns (S2-16)', async () => {
    await using gated = await makeGatedScene();
    const { gate, scene } = gated;
    await scene.repository.write({ 'books/kept.md': 'kept\n' });
    const books = await addGitJob(scene.engine, gitJobOf('books', { path: scene.repository.project, stores: ['books'], push: true }));
    await scene.change({ 'notes/a.md': 'a\n' });
    const first = scene.backUp();
    await gate.reached;
    const second = scene.backUp('everything', books);
    const third = scene.backUp('everything');
    expect(scene.engine.catalog.runs().map(({ job, status }) => [job, status])).toEqual([['notes', 'running']]);
    gate.open();
    const [one, two, three] = await Promise.all([first, second, third]);
    expect([one.commits.length, two.commits.length, three.commits.length]).toEqual([1, 1, 0]);
    expect(two.run.startedAtMs).toBeGreaterThanOrEqual(one.run.endedAtMs ?? Number.NaN);
    expect(three.run.startedAtMs).toBeGreaterThanOrEqual(two.run.endedAtMs ?? Number.NaN);
    expect(await scene.commits()).toEqual(['back up notes/a.md (changed)', 'back up books/kept.md (added)']);
    await expectSafe(scene, { 'notes/a.md': 'success' });
    expect(countsOf(scene.engine.queue('books'))).toEqual({ success: 1 });
  });
});

describe('enqueueAround', () => {
  const intent = { item: 'memory-1', paths: ['notes/a.md'], reason: 'memory_creation' };

  it('keeps the intent before the work of its caller, and lets no backup start before that is done (S2-26)', async () => {
    await using scene = await makeStoreScene();
    const result = await enqueueAround(scene.engine, scene.job, intent, async () => {
      expect(scene.item('memory-1')).toMatchObject({ state: 'pending', ...intent });
      await scene.repository.write({ 'notes/a.md': 'half' });
      expect((await scene.backUp()).saved).toBe(0);
      await scene.repository.write({ 'notes/a.md': 'whole\n' });
      return 'written';
    });
    expect([result, scene.item('memory-1').state]).toEqual(['written', 'queued']);
    await scene.backUp();
    expect(await scene.commits()).toEqual(['back up memory-1 (memory_creation)']);
    expect(await scene.repository.git('show', 'HEAD:notes/a.md')).toBe('whole');
    await expectSafe(scene, { 'memory-1': 'success' });
  });

  it('has what is written during a backup of everything backed up again', async () => {
    await using gated = await makeGatedScene();
    const { gate, scene } = gated;
    let backup: Promise<unknown> = Promise.resolve();
    await enqueueAround(scene.engine, scene.job, intent, async () => {
      await scene.repository.write({ 'notes/a.md': 'half' });
      backup = scene.backUp('everything');
      await gate.reached;
      await scene.repository.write({ 'notes/a.md': 'whole\n' });
    });
    gate.open();
    await backup;
    expect(await scene.repository.git('show', 'HEAD:notes/a.md')).toBe('whole');
    await expectSafe(scene, { 'memory-1': 'success' });
  });

  it('throws what the work failed with, and keeps the intent', async () => {
    await using scene = await makeStoreScene();
    const error = new Error('no row');
    await expect(enqueueAround(scene.engine, scene.job, intent, () => Promise.reject(error))).rejects.toBe(error);
    expect(scene.item('memory-1')).toMatchObject({ state: 'pending', ...intent });
    expect((await scene.backUp()).saved).toBe(0);
    expect(scene.item('memory-1').state).toBe('pending');
    await scene.backUp('everything');
    expect(scene.item('memory-1').state).toBe('success');
  });

  it('does nothing where it cannot keep the intent', async () => {
    await using scene = await makeStoreScene();
    scene.engine.catalog.close();
    let isWritten = false;
    const failing = enqueueAround(scene.engine, scene.job, intent, async () => {
      isWritten = true;
    });
    await expect(failing).rejects.toThrow();
    expect(isWritten).toBe(false);
  });

  it('throws what the work failed with also where the catalog fails with it', async () => {
    await using scene = await makeStoreScene();
    const error = new Error('no row');
    const failing = enqueueAround(scene.engine, scene.job, intent, async () => {
      scene.engine.catalog.close();
      throw error;
    });
    await expect(failing).rejects.toBe(error);
    await scene.reopen();
    expect(scene.item('memory-1').state).toBe('pending');
  });

  it('does not call work a failure that is done, where only the catalog fails after it (S2-18)', async () => {
    await using scene = await makeStoreScene();
    const work = enqueueAround(scene.engine, scene.job, intent, async () => {
      scene.engine.catalog.close();
      return 'written';
    });
    expect(await work).toBe('written');
    await scene.reopen();
    expect(scene.item('memory-1').state).toBe('pending');
  });

  it('does not take back what somebody else has asked for before', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.write({ 'notes/a.md': 'a\n' });
    scene.enqueue(intent);
    await expect(enqueueAround(scene.engine, scene.job, intent, () => Promise.reject(new Error('no row')))).rejects.toThrow('no row');
    await scene.backUp();
    expect(await scene.commits()).toEqual(['back up memory-1 (memory_creation)']);
  });

  it('does not let the write of its caller wait for git (S2-17)', async () => {
    await using gated = await makeGatedScene('pre-push');
    const { gate, scene } = gated;
    await scene.change({ 'notes/b.md': 'b\n' });
    const running = scene.backUp();
    await gate.reached;
    const written = enqueueAround(scene.engine, scene.job, intent, async () => 'written');
    // Of two that are settled, the first one wins; a wait for the run is not settled.
    const first = await Promise.race([written, scene.repository.git('status').then(() => 'still waiting')]);
    gate.open();
    await Promise.all([running, written]);
    expect(first).toBe('written');
  });
});
