import { describe, expect, it } from 'vitest';
import { defaultMessage } from '../../electron/domain/source.ts';
import { intendItem } from '../../electron/engine/operations/enqueue.ts';
import { countsOf } from '../support/git-queue.ts';
import type { GitScene } from '../support/git-remote.ts';
import { intentOf, makeStoreScene, watchRemote } from '../support/store-scene.ts';
import { standingClock, testPorts } from '../support/test-engine.ts';

const atMs = Date.parse('2026-11-22T03:17:00Z');

/** Everything of the repository beside one file, byte for byte, as the person's git tells it. */
async function restOf(repository: GitScene, item: string): Promise<Record<string, string>> {
  const rest = ['--', ':/', `:(exclude)${item}`];
  const staged = await repository.git('ls-files', '--stage', ...rest);
  return {
    status: await repository.git('status', '--porcelain', ...rest),
    unstagedDiff: await repository.git('diff', ...rest),
    stagedDiff: await repository.git('diff', '--cached', ...rest),
    staged,
  };
}

describe('a backup of a store', () => {
  it('commits what was asked for, pushes it, and keeps what the remote answered', async () => {
    await using scene = await makeStoreScene({ ports: { clock: standingClock(testPorts().clock, atMs) } });
    const before = await scene.head();
    await scene.change({ 'notes/a.md': 'a\n' });
    expect(scene.states()).toEqual({ 'notes/a.md': 'queued' });
    const { run, ...outcome } = await scene.backUp();
    const head = await scene.head();
    const proof = { commit: head, branch: 'main', remoteHead: head };
    expect(outcome).toEqual({ commits: [head], saved: 1, failed: [], held: null, proof });
    expect(run).toMatchObject({ status: 'succeeded', warnings: [] });
    expect(run.steps.map(({ name, status }) => [name, status])).toEqual([
      ['guard', 'done'],
      ['commit', 'done'],
      ['push', 'done'],
      ['record', 'done'],
    ]);
    expect([await scene.repository.git('rev-parse', 'HEAD~1'), await scene.commits()]).toEqual([before, ['back up notes/a.md (changed)']]);
    expect(await scene.repository.pathsOf(head)).toEqual(['notes/a.md']);
    expect(await scene.remoteHead()).toBe(head);
    expect(scene.item('notes/a.md')).toEqual({
      ...intentOf('notes/a.md'),
      state: 'success',
      lastBackupAtMs: atMs,
      lastError: null,
      found: false,
      committed: true,
      pushed: true,
      updatedAtMs: atMs,
    });
    expect(scene.engine.queue('notes').record()).toEqual({
      proof: { ...proof, atMs },
      problem: null,
      failures: 0,
      retryAtMs: null,
      // Not everything was looked at.
      safeAtMs: null,
    });
  });

  it('leaves everything else that the person has at hand as it is, also in the store and in the same file beside it', async () => {
    await using scene = await makeStoreScene({
      before: async ({ git, write }) => {
        const files = ['staged', 'half', 'unstaged', 'removed', 'renamed'].flatMap((name) => [`${name}.md`, `notes/${name}.md`]);
        await write(Object.fromEntries(files.map((name) => [name, `${name}\none\ntwo\nthree\n`])));
        await git('add', '.');
        await git('commit', '--quiet', '-m', 'third');
      },
    });
    const { git, write } = scene.repository;
    for (const folder of ['', 'notes/']) {
      await write({ [`${folder}staged.md`]: 'staged\n', [`${folder}half.md`]: `first half\n${folder}half.md\none\ntwo\nthree\n` });
      await write({ [`${folder}new.md`]: 'new, staged\n' });
      await git('add', `${folder}staged.md`, `${folder}half.md`, `${folder}new.md`);
      await write({ [`${folder}half.md`]: `first half\n${folder}half.md\none\ntwo\nthree\nsecond half\n` });
      await write({ [`${folder}unstaged.md`]: 'changed\n', [`${folder}untracked.md`]: 'x\n' });
      await git('rm', '--quiet', `${folder}removed.md`);
      await git('mv', `${folder}renamed.md`, `${folder}moved.md`);
      await write({ [`${folder}announced.md`]: 'announced\n' });
      await git('add', '--intent-to-add', `${folder}announced.md`);
    }
    // Of the file itself the person has staged an earlier text.
    await write({ 'notes/a.md': 'earlier\n' });
    await git('add', 'notes/a.md');
    await scene.change({ 'notes/a.md': 'a\n' });
    const rest = await restOf(scene.repository, 'notes/a.md');
    expect(rest.status?.split('\n').length).toBe(16);
    expect(rest.status).toContain('MM notes/half.md');

    const { commits } = await scene.backUp();
    expect(await scene.repository.pathsOf(commits[0] ?? null)).toEqual(['notes/a.md']);
    expect(await git('show', 'HEAD:notes/a.md')).toBe('a');
    expect(await restOf(scene.repository, 'notes/a.md')).toEqual(rest);
    expect(await git('status', '--porcelain', 'notes/a.md')).toBe('');
    // The store as a whole takes all of the store, and still nothing beside it.
    const outside = await restOf(scene.repository, 'notes');
    await scene.backUp('everything');
    expect(await restOf(scene.repository, 'notes')).toEqual(outside);
    expect(await git('status', '--porcelain', 'notes')).toBe('');
  });

  it('never contacts the remote of a job that does not push (S2-41)', async () => {
    await using scene = await makeStoreScene({ source: { push: false } });
    const wasContacted = await watchRemote(scene.repository);
    await scene.change({ 'notes/a.md': 'a\n' });
    expect((await scene.backUp()).proof).toBeNull();
    await scene.repository.write({ 'notes/b.md': 'b\n' });
    await scene.backUp('everything');
    expect([await wasContacted(), await scene.remoteHead()]).toEqual([false, null]);
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'success', committed: true, pushed: false });
    expect(scene.item('notes/b.md')).toMatchObject({ state: 'success', committed: true, pushed: false });
    scene.setSource({ push: true });
    await scene.backUp();
    expect([await wasContacted(), await scene.remoteHead()]).toEqual([true, await scene.head()]);
  });

  it('commits nothing where nothing has changed, and that is a success (S2-40)', async () => {
    await using scene = await makeStoreScene();
    scene.enqueue('notes/kept.md', 'notes/never-written.md');
    expect(await scene.backUp()).toMatchObject({ commits: [], saved: 2, failed: [] });
    expect(await scene.commits()).toEqual([]);
    expect(scene.states()).toEqual({ 'notes/kept.md': 'success', 'notes/never-written.md': 'success' });
    // The branch itself was not at the remote yet.
    expect(await scene.remoteHead()).toBe(await scene.head());
  });

  it('does not contact the remote again for what it is known to have', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    const { proof } = await scene.backUp();
    const wasContacted = await watchRemote(scene.repository);
    scene.enqueue('notes/a.md');
    expect((await scene.backUp()).proof).toMatchObject(proof ?? {});
    expect([scene.item('notes/a.md').state, await wasContacted()]).toEqual(['success', false]);
    // The whole store is compared with the remote itself.
    await scene.backUp('everything');
    expect(await wasContacted()).toBe(true);
  });

  it('as a whole takes up what nobody asked for, and says when everything was safe', async () => {
    await using scene = await makeStoreScene({ ports: { clock: standingClock(testPorts().clock, atMs) } });
    const { repository } = scene;
    await repository.write({ '.gitignore': '*.tmp\n', 'notes/x.tmp': 'x', 'notes/.operations/1': 'x', 'outside.md': 'x' });
    await repository.write({ 'notes/new.md': 'new\n', 'notes/deep/er.md': 'new\n', 'notes/kept.md': 'changed\n', 'notes/asked.md': 'a\n' });
    scene.enqueue({ item: 'memory-1', paths: ['notes/asked.md'], reason: 'memory_creation' });
    const { commits } = await scene.backUp('everything');
    expect(await repository.pathsOf(commits[0] ?? null)).toEqual(['notes/asked.md', 'notes/deep/er.md', 'notes/kept.md', 'notes/new.md']);
    expect(commits.length).toBe(1);
    const reasons = scene.engine.queue('notes').items();
    expect(reasons.map(({ item, reason, state }) => [item, reason, state])).toEqual([
      ['memory-1', 'memory_creation', 'success'],
      ['notes/deep/er.md', 'added', 'success'],
      ['notes/kept.md', 'changed', 'success'],
      ['notes/new.md', 'added', 'success'],
    ]);
    expect(scene.engine.queue('notes').record()).toMatchObject({ safeAtMs: atMs, problem: null });
    expect(await scene.backUp('everything')).toMatchObject({ commits: [], saved: 0 });
  });

  it('takes up an intent that was never followed by its enqueue (S2-25)', async () => {
    await using scene = await makeStoreScene();
    intendItem(scene.engine, scene.job, { item: 'memory-1', paths: ['notes/a.md'], reason: 'memory_creation' });
    await scene.repository.write({ 'notes/a.md': 'a\n' });
    // The process dies before it enqueues.
    await scene.reopen();
    expect((await scene.backUp()).saved).toBe(0);
    expect(scene.states()).toEqual({ 'memory-1': 'pending' });
    await scene.backUp('everything');
    expect(scene.states()).toEqual({ 'memory-1': 'success' });
    expect(await scene.commits()).toEqual(['back up memory-1 (memory_creation)']);
  });

  it('names its items in the message, as data (S2-43)', async () => {
    await using scene = await makeStoreScene({ source: { message: '{reason}: {item}\n$(touch x) {other}' } });
    const { repository } = scene;
    await repository.write({ 'notes/1.md': '1', 'notes/2.md': '2', 'notes/3.md': '3' });
    scene.enqueue({ item: '{reason} `id`', paths: ['notes/1.md'], reason: 'memory_creation' });
    await scene.backUp();
    expect(await repository.git('log', '-1', '--format=%B')).toBe('memory_creation: {reason} `id`\n$(touch x) {other}\n');
    scene.setSource({ message: defaultMessage });
    scene.enqueue({ item: 'two', paths: ['notes/2.md'], reason: 'why' }, { item: 'three', paths: ['notes/3.md'], reason: 'wherefore' });
    await scene.backUp();
    const [subject, , ...listed] = (await repository.git('log', '-1', '--format=%B')).trimEnd().split('\n');
    expect(subject).toMatch(/^back up \w+ and 1 more \(\w+, \w+\)$/);
    expect(listed.toSorted()).toEqual(['three (wherefore)', 'two (why)']);
  });

  it('begins a branch without a commit', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.git('update-ref', '-d', 'HEAD');
    await scene.repository.git('rm', '--quiet', '-r', '--cached', '.');
    expect(await scene.backUp()).toMatchObject({ commits: [], proof: null });
    scene.enqueue('notes/kept.md');
    const { commits, proof } = await scene.backUp();
    expect([await scene.head(), proof?.remoteHead]).toEqual([commits[0], commits[0]]);
    expect(await scene.repository.git('ls-files')).toBe('notes/kept.md');
  });

  it('tells the run from the beginning to the end', async () => {
    await using scene = await makeStoreScene();
    const told: string[] = [];
    scene.engine.listen((event) => told.push('step' in event ? `${event.type} ${event.step}` : event.type));
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const steps = ['guard', 'commit', 'push', 'record'].flatMap((step) => [`step-started ${step}`, `step-finished ${step}`]);
    expect(told).toEqual(['items-queued', 'run-started', ...steps, 'run-finished']);
  });
});

describe('many items', () => {
  it('of three paths each are one commit: 192 × 3', async () => {
    await using scene = await makeStoreScene();
    const { repository } = scene;
    const items = Array.from({ length: 192 }, (_, number) => ({
      item: `memory-${number}`,
      paths: ['CONTENT.md', 'FLASHBACKS.json', 'variants/de.md'].map((file) => `notes/${number}/${file}`),
      reason: 'memory_creation',
    }));
    await repository.write(Object.fromEntries(items.flatMap(({ paths }) => paths.map((path) => [path, path]))));
    await repository.write({ 'notes/bystander.md': 'x', 'bystander.md': 'x' });
    scene.enqueue(...items);
    const { commits, saved } = await scene.backUp();
    expect([commits.length, saved]).toEqual([1, 192]);
    expect(await repository.pathsOf(commits[0] ?? null)).toEqual(items.flatMap(({ paths }) => paths).toSorted());
    expect(await scene.remoteHead()).toBe(commits[0]);
    expect(countsOf(scene.engine.queue('notes'))).toEqual({ success: 192 });
    expect(await repository.git('status', '--porcelain')).toBe('?? bystander.md\n?? notes/bystander.md');
  });

  it('by the thousand go in several commits, those that have waited longest first', async () => {
    await using scene = await makeStoreScene({ source: { push: false } });
    const { repository } = scene;
    await repository.git('config', 'core.fsync', 'none');
    const paths = Array.from({ length: 2001 }, (_, number) => `notes/${number % 40}/${String(number).padStart(4, '0')}.md`);
    await repository.write(Object.fromEntries(paths.map((path) => [path, path])));
    const last = 'notes/0/0000.md';
    const clock = standingClock(testPorts().clock, atMs);
    await scene.reopen({ clock });
    scene.enqueue(...paths.filter((path) => path !== last));
    clock.set(atMs + 1);
    scene.enqueue(last);
    const { commits, saved } = await scene.backUp();
    expect([commits.length, saved]).toEqual([2, 2001]);
    expect(await repository.pathsOf(commits[1] ?? null)).toEqual([last]);
    expect((await repository.pathsOf(commits[0] ?? null)).length).toBe(2000);
    expect(countsOf(scene.engine.queue('notes'))).toEqual({ success: 2001 });
    const message = (await repository.git('log', '-1', '--format=%B', commits[0] ?? '')).trimEnd().split('\n');
    expect([message.length, message.at(-1)]).toEqual([503, 'and 1500 more']);
  });
});
