import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { backUpStore } from '../../electron/engine/operations/back-up-store.ts';
import { addGate, failureOf, makeStoreScene, type StoreScene } from '../support/store-scene.ts';

const program = fileURLToPath(new URL('../support/store-backup-process.ts', import.meta.url));

/** Backs up in another process. The engine of the scene has to be closed. */
function startBackup({ engineFolder, repository }: StoreScene) {
  // One that is killed leaves its temporary files: they go with the scene.
  const env = { ...repository.env, TMPDIR: repository.root };
  const child = spawn(process.execPath, [program, engineFolder], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  return { child, said, ended: once(child, 'exit') as Promise<[code: number | null, signal: string | null]> };
}

describe('an engine that opens', () => {
  it('accepts again what a dead one was working on, and it is a success exactly once [RV P2]', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n', 'notes/b.md': 'b\n' });
    expect(
      scene.engine
        .queue('notes')
        .take(1)
        .map(({ item }) => item),
    ).toEqual(['notes/a.md']);
    await scene.reopen();
    expect(scene.states()).toEqual({ 'notes/a.md': 'queued', 'notes/b.md': 'queued' });
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/b.md': 'success' });
    expect(await scene.commits()).toEqual(['back up notes/a.md and 1 more (changed)']);
    await scene.reopen();
    expect(await scene.backUp('everything')).toMatchObject({ commits: [], saved: 0 });
  });

  it('keeps paths and reasons of what waits and what has failed (S2-27)', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.write({ '.gitignore': '*.tmp\n' });
    scene.enqueue({ item: 'bad', paths: ['notes/x.tmp', 'notes/x.md'], reason: 'why' });
    await scene.failure();
    scene.enqueue({ item: 'good', paths: ['notes/kept.md'], reason: 'wherefore' });
    const before = scene.engine.queue('notes').items();
    await scene.reopen();
    expect(scene.engine.queue('notes').items()).toEqual(before);
    expect(before.map(({ item, state }) => [item, state])).toEqual([
      ['bad', 'failed'],
      ['good', 'queued'],
    ]);
  });

  it.each([
    // The commit is about to be made, and is not; its git ends by itself.
    ['before its commit', 'project', 'pre-commit', 1],
    ['before its push', 'project', 'pre-push', 1],
    ['while its push is taken', 'remote', 'pre-receive', 1],
    // The remote has the commit, and nobody is there to hear it.
    ['after its push', 'remote', 'post-receive', 0],
  ] as const)('goes on after one that was killed %s', async (_, where, hook, code) => {
    await using scene = await makeStoreScene({ source: { hooks: true } });
    const { project, remote } = scene.repository;
    await using gate = await addGate(where === 'remote' ? remote : join(project, '.git'), hook);
    await scene.change({ 'notes/a.md': 'a\n', 'notes/b.md': 'b\n' });
    scene.engine.close();
    const { child, ended, said } = startBackup(scene);
    const first = await Promise.race([gate.reached.then(() => 'reached'), said]);
    expect(first).toBe('reached');
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    // Its git is left alone with the hook.
    gate.open(code);
    await scene.reopen();
    expect(scene.engine.notices).toEqual([expect.stringMatching(/^run \S+ was interrupted/)]);
    expect(scene.states()).toEqual({ 'notes/a.md': 'queued', 'notes/b.md': 'queued' });
    // The other git may be in the middle of its last step still.
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/b.md': 'success' });
    expect(await scene.commits()).toEqual(['back up notes/a.md and 1 more (changed)']);
    expect(await scene.remoteHead()).toBe(await scene.head());
    expect(await scene.repository.git('status', '--porcelain')).toBe('');
  });

  it('that was not killed ends by itself', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    scene.engine.close();
    const { ended, said } = startBackup(scene);
    expect([await ended, await said]).toEqual([[0, null], '']);
    await scene.reopen();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success' });
  });
});

describe('a run that is cancelled', () => {
  it.each([
    ['pre-commit', 'project', 0],
    ['pre-receive', 'remote', 1],
  ] as const)('at its %s leaves everything in the queue, and nothing is wrong with the repository', async (hook, where, commits) => {
    await using scene = await makeStoreScene({ source: { hooks: true } });
    const { project, remote } = scene.repository;
    await using gate = await addGate(where === 'remote' ? remote : join(project, '.git'), hook);
    await scene.change({ 'notes/a.md': 'a\n' });
    const controller = new AbortController();
    const { engine, job } = scene;
    const running = failureOf(backUpStore(engine, { job, trigger: 'manual', scope: 'due', signal: controller.signal }));
    await gate.reached;
    await scene.change({ 'notes/b.md': 'b\n' });
    controller.abort();
    expect((await running).code).toBe('cancelled');
    expect(engine.catalog.runs()[0]).toMatchObject({ status: 'cancelled' });
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'queued', lastError: null });
    expect(scene.item('notes/b.md')).toMatchObject({ state: 'queued', lastError: null });
    expect(engine.queue('notes').record()).toMatchObject({ problem: null, failures: 0 });
    expect((await scene.commits()).length).toBe(commits);
    gate.open();
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/b.md': 'success' });
    expect(await scene.remoteHead()).toBe(await scene.head());
  });
});
