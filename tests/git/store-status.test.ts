import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoreStatus } from '../../electron/domain/outcomes.ts';
import { CatalogReader } from '../../electron/engine/catalog/catalog-reader.ts';
import { readCatalogDatabase } from '../../electron/engine/catalog/database.ts';
import { inspectQueue } from '../../electron/engine/operations/store-status.ts';
import { makeStoreScene, type StoreScene, watchRemote } from '../support/store-scene.ts';
import { standingClock, testPorts } from '../support/test-engine.ts';

const atMs = Date.parse('2026-11-22T03:17:00Z');
const laterMs = atMs + 3_600_000;

function inspect({ engine, job }: StoreScene, ask = false): Promise<StoreStatus> {
  return inspectQueue(job, engine.catalog, engine.ports, ask);
}

async function makeScene() {
  const clock = standingClock(testPorts().clock, atMs);
  return { clock, scene: await makeStoreScene({ ports: { clock } }) };
}

describe('inspectQueue', () => {
  it('tells what is here before anything was backed up', async () => {
    await using scene = await makeStoreScene();
    const wasContacted = await watchRemote(scene.repository);
    expect(await inspectQueue(scene.job, null, scene.engine.ports, false)).toEqual({
      head: await scene.head(),
      remoteHead: null,
      remoteCheckedAtMs: null,
      ahead: true,
      blocked: null,
      unasked: [],
      safe: false,
      items: [],
    });
    expect(await wasContacted()).toBe(false);
  });

  it('tells what the remote last answered, and asks it only where it is told to', async () => {
    const { clock, scene } = await makeScene();
    await using _ = scene;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const pushed = await scene.head();
    const wasContacted = await watchRemote(scene.repository);
    const remembered = { remoteHead: pushed, remoteCheckedAtMs: atMs, blocked: null };
    clock.set(laterMs);
    expect(await inspect(scene)).toEqual({
      ...remembered,
      head: pushed,
      ahead: false,
      items: [scene.item('notes/a.md')],
      unasked: [],
      safe: true,
    });
    await scene.repository.git('commit', '--quiet', '--allow-empty', '-m', 'by hand');
    const head = await scene.head();
    await scene.change({ 'notes/b.md': 'b\n' });
    expect(await inspect(scene)).toMatchObject({
      ...remembered,
      head,
      ahead: true,
      safe: false,
      items: [{ state: 'success' }, { state: 'queued' }],
    });
    expect(await wasContacted()).toBe(false);
    await scene.repository.git('push', '--quiet', 'origin', 'main');
    expect(await inspect(scene, true)).toMatchObject({ head, remoteHead: head, remoteCheckedAtMs: laterMs, ahead: false, blocked: null });
  });

  it('sees that a branch was taken back at the remote', async () => {
    const { scene } = await makeScene();
    await using _ = scene;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    await scene.repository.gitIn(scene.repository.remote, 'update-ref', '-d', 'refs/heads/main');
    expect(await inspect(scene)).toMatchObject({ ahead: false });
    expect(await inspect(scene, true)).toMatchObject({ head: await scene.head(), remoteHead: null, ahead: true, blocked: null });
  });

  it('contacts nothing for a job that does not push', async () => {
    await using scene = await makeStoreScene({ source: { push: false } });
    const wasContacted = await watchRemote(scene.repository);
    expect(await inspect(scene, true)).toMatchObject({ head: await scene.head(), remoteHead: null, ahead: null, blocked: null });
    expect(await wasContacted()).toBe(false);
  });

  it('says why the repository blocks now, and that what blocked before is over', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.git('switch', '--quiet', '--detach');
    await scene.change({ 'notes/a.md': 'a\n' });
    const { code, hint, message } = await scene.failure();
    expect((await inspect(scene)).blocked).toEqual({ code, hint, message });
    await scene.repository.git('switch', '--quiet', 'main');
    expect(scene.engine.queue('notes').record().problem).toMatchObject({ code: 'git-detached' });
    expect((await inspect(scene)).blocked).toBeNull();
    await scene.repository.git('switch', '--quiet', '-c', 'topic');
    expect((await inspect(scene)).blocked).toMatchObject({ code: 'git-branch' });
  });

  it('says why the last push failed, until one works', async () => {
    const { clock, scene } = await makeScene();
    await using _ = scene;
    const { remote } = scene.repository;
    await rename(remote, `${remote}.away`);
    await scene.change({ 'notes/a.md': 'a\n' });
    const { code, hint, message } = await scene.failure();
    const head = await scene.head();
    expect(await inspect(scene)).toMatchObject({ head, remoteHead: null, ahead: true });
    expect((await inspect(scene)).blocked).toEqual({ code, message, hint });
    await rename(`${remote}.away`, remote);
    // It answers; that it takes a push is only known when it does.
    expect((await inspect(scene, true)).blocked).toEqual({ code, message, hint });
    clock.set(laterMs);
    await scene.backUp();
    expect(await inspect(scene)).toMatchObject({ head, remoteHead: head, ahead: false, blocked: null });
  });

  it('tells what is here also where the remote does not answer', async () => {
    const { scene } = await makeScene();
    await using _ = scene;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const pushed = await scene.head();
    await rename(scene.repository.remote, `${scene.repository.remote}.away`);
    expect(await inspect(scene, true)).toMatchObject({
      blocked: { code: 'git-unreachable' },
      head: pushed,
      remoteHead: pushed,
      remoteCheckedAtMs: atMs,
    });
  });

  it('knows the fallback branch as the place of the backup', async () => {
    await using scene = await makeStoreScene({ source: { fallback: true } });
    const { gitIn, remote, root } = scene.repository;
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const other = join(root, 'other');
    await gitIn(root, 'clone', '--quiet', remote, other);
    await gitIn(other, 'commit', '--quiet', '--allow-empty', '-m', 'from elsewhere');
    await gitIn(other, 'push', '--quiet', 'origin', 'main');
    await scene.change({ 'notes/a.md': 'a2\n' });
    await scene.backUp();
    const head = await scene.head();
    expect(await inspect(scene)).toMatchObject({ head, remoteHead: head, ahead: false, blocked: null });
  });

  it('needs no more than to read the catalog, and changes nothing', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    const database = readCatalogDatabase(scene.engine.home.catalogPath);
    if (database === null) throw new Error('there is no catalog');
    const reader = new CatalogReader(database);
    const before = scene.engine.queue('notes').items();
    const status = await inspectQueue(scene.job, reader, scene.engine.ports, true);
    expect([status.items, scene.engine.queue('notes').items()]).toEqual([before, before]);
    reader.close();
  });
});
