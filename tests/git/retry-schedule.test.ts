import { rename } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { countsOf } from '../support/git-queue.ts';
import { makeStoreScene, recordGit } from '../support/store-scene.ts';
import { standingClock, testPorts } from '../support/test-engine.ts';

const startMs = Date.parse('2026-11-22T03:17:00Z');
const waits = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600].map((seconds) => seconds * 1000);

/** A scene in which time stands, and chance takes nothing off a wait. */
async function makeStandingScene() {
  const { clock: real, ids } = testPorts();
  const clock = standingClock(real, startMs);
  const scene = await makeStoreScene({ ports: { clock, ids: { ...ids, fraction: () => 0 } } });
  await scene.repository.write({ '.gitignore': '*.tmp\n' });
  return { scene, clock, queue: () => scene.engine.queue('notes'), [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() };
}

describe('an item that has failed', () => {
  it('is due after half a minute, then after twice as long each time, up to an hour (S2-34)', async () => {
    await using standing = await makeStandingScene();
    const { clock, queue, scene } = standing;
    scene.enqueue('notes/x.tmp');
    await scene.failure();
    for (const waitMs of waits) {
      const dueMs = clock.now() + waitMs;
      expect(queue().nextRetryMs()).toBe(dueMs);
      clock.set(dueMs - 1);
      expect(await scene.backUp()).toMatchObject({ saved: 0, failed: [] });
      clock.set(dueMs);
      expect((await scene.failure()).code).toBe('git-path-refused');
    }
    // The repository is well, and so is what is asked for meanwhile.
    expect(queue().record()).toMatchObject({ problem: null, failures: 0 });
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/x.tmp': 'failed' });
    // After a success it begins anew.
    await scene.repository.write({ '.gitignore': '' });
    await scene.backUp('everything');
    expect([scene.item('notes/x.tmp').state, queue().nextRetryMs()]).toEqual(['success', null]);
    await scene.repository.write({ '.gitignore': '*.tmp\n' });
    scene.enqueue('notes/x.tmp');
    await scene.failure();
    expect(queue().nextRetryMs()).toBe(clock.now() + 30_000);
  });

  it('is tried at once where it is asked for again, or everything is', async () => {
    await using standing = await makeStandingScene();
    const { queue, scene } = standing;
    scene.enqueue('notes/x.tmp');
    await scene.failure();
    scene.enqueue('notes/x.tmp');
    expect(queue().nextRetryMs()).toBeNull();
    await scene.failure();
    expect(queue().nextRetryMs()).toBe(startMs + 60_000);
    await scene.failure('everything');
    expect(queue().nextRetryMs()).toBe(startMs + 120_000);
  });
});

describe('a repository that has failed', () => {
  it('has a wait of its own, that doubles with each failure in a row', async () => {
    await using standing = await makeStandingScene();
    const { clock, queue, scene } = standing;
    await scene.repository.git('switch', '--quiet', '--detach');
    await scene.change({ 'notes/a.md': 'a\n' });
    for (const [failures, waitMs] of waits.entries()) {
      expect((await scene.failure()).code).toBe('git-detached');
      const dueMs = clock.now() + waitMs;
      expect(queue().record()).toMatchObject({ failures: failures + 1, retryAtMs: dueMs });
      expect(queue().nextRetryMs()).toBe(dueMs);
      clock.set(dueMs);
    }
    await scene.repository.git('switch', '--quiet', 'main');
    await scene.backUp();
    expect([queue().record(), queue().nextRetryMs()]).toMatchObject([{ failures: 0, retryAtMs: null, problem: null }, null]);
    expect(scene.states()).toEqual({ 'notes/a.md': 'success' });
  });

  it('does not make its items wait longer than itself', async () => {
    await using standing = await makeStandingScene();
    const { clock, queue, scene } = standing;
    const { remote } = scene.repository;
    await rename(remote, `${remote}.away`);
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.failure();
    expect(queue().nextRetryMs()).toBe(startMs + 30_000);
    clock.set(startMs + 30_000);
    await rename(`${remote}.away`, remote);
    expect((await scene.backUp()).saved).toBe(1);
  });

  it('is asked again before each push, and not more often than its waits say', async () => {
    await using standing = await makeStandingScene();
    const { clock, queue, scene } = standing;
    const { env, calls } = await recordGit(scene.repository);
    const { ids } = scene.engine.ports;
    await scene.reopen({ clock, ids, environment: env });
    const { remote } = scene.repository;
    await rename(remote, `${remote}.away`);
    const pushes = async () => (await calls()).filter((call) => / push /.test(call)).length;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.failure();
    expect(await pushes()).toBe(1);
    for (const name of ['b', 'c', 'd']) {
      await scene.change({ [`notes/${name}.md`]: name });
      await scene.backUp();
    }
    expect([await pushes(), queue().record().failures, countsOf(queue())]).toEqual([1, 1, { failed: 4 }]);
    clock.set(startMs + 30_000);
    await scene.failure();
    expect([await pushes(), queue().record().failures, queue().nextRetryMs()]).toEqual([2, 2, startMs + 90_000]);
  });
});
