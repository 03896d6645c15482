import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pauseJob } from '../../electron/engine/operations/pause-job.ts';
import { changeJob } from '../../electron/engine/operations/set-up-job.ts';
import { addHook, type GitScene, startAnsweringServer, startSilentServer } from '../support/git-remote.ts';
import { failureOf, makeStoreScene, type StoreScene, watchRemote } from '../support/store-scene.ts';
import { standingClock, testPorts } from '../support/test-engine.ts';

const atMs = Date.parse('2026-11-22T03:17:00Z');
const laterMs = atMs + 86_400_000;

/** Another clone pushes a commit to the remote. Resolves to it. */
async function pushFromElsewhere({ gitIn, remote, root }: GitScene): Promise<string> {
  const other = join(root, 'other');
  await gitIn(root, 'clone', '--quiet', remote, other);
  await gitIn(other, 'commit', '--quiet', '--allow-empty', '-m', 'from elsewhere');
  await gitIn(other, 'push', '--quiet', 'origin', 'main');
  return gitIn(other, 'rev-parse', 'HEAD');
}

/** The remote goes elsewhere, with the person's consent: the job is set up again. */
async function moveRemote(scene: StoreScene, url: string): Promise<void> {
  await scene.repository.git('remote', 'set-url', 'origin', url);
  scene.setSource({ remoteFingerprint: null });
}

/** The remote answers nothing until it is back. Resolves to what brings it back. */
async function takeAway({ remote }: GitScene): Promise<() => Promise<void>> {
  await rename(remote, `${remote}.away`);
  return () => rename(`${remote}.away`, remote);
}

describe('a push that fails', () => {
  it('keeps the commit, the content and the time of the last backup, and fails what was to be pushed (S2-10, S2-42)', async () => {
    const clock = standingClock(testPorts().clock, atMs);
    await using scene = await makeStoreScene({ ports: { clock } });
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const pushed = await scene.head();
    await takeAway(scene.repository);
    clock.set(laterMs);
    await scene.change({ 'notes/a.md': 'a2\n' });
    const error = await scene.failure();
    expect(error).toMatchObject({ code: 'git-unreachable', message: expect.stringContaining('git push: the remote origin') });
    expect([await scene.head(), await scene.repository.read('notes/a.md')]).toEqual([expect.not.stringMatching(pushed), 'a2\n']);
    expect(await scene.commits()).toHaveLength(2);
    const { code, hint, message } = error;
    expect(scene.item('notes/a.md')).toEqual({
      item: 'notes/a.md',
      paths: ['notes/a.md'],
      reason: 'changed',
      state: 'failed',
      lastBackupAtMs: atMs,
      lastError: { code, message, hint },
      found: false,
      committed: true,
      pushed: false,
      updatedAtMs: laterMs,
    });
    expect(scene.engine.queue('notes').record()).toMatchObject({
      proof: { commit: pushed },
      problem: { code, message, hint, step: 'push', atMs: laterMs },
      failures: 1,
      retryAtMs: expect.any(Number),
    });
    const [run] = scene.engine.catalog.runs();
    expect(run).toMatchObject({ status: 'failed', error: { code, message } });
    expect(run?.steps.map(({ name, status }) => `${name} ${status}`)).toEqual(['guard done', 'commit done', 'push failed']);
  });

  it('is made good by the next one without another commit, also with nothing to commit [RV P1]', async () => {
    await using scene = await makeStoreScene();
    const bringBack = await takeAway(scene.repository);
    await scene.change({ 'notes/a.md': 'a\n', 'notes/b.md': 'b\n' });
    await scene.failure('everything');
    await scene.failure('everything');
    const head = await scene.head();
    await bringBack();
    expect(await scene.backUp('everything')).toMatchObject({ commits: [], saved: 2, proof: { commit: head, remoteHead: head } });
    expect([await scene.commits(), await scene.head()]).toEqual([['back up notes/a.md and 1 more (changed)'], head]);
    expect(await scene.remoteHead()).toBe(head);
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'success', committed: true, pushed: true, lastError: null });
    expect(scene.engine.queue('notes').record()).toMatchObject({ problem: null, failures: 0, retryAtMs: null });
  });

  it('is made good also by what is asked for next, and for every item that waits for it', async () => {
    const clock = standingClock(testPorts().clock, atMs);
    await using scene = await makeStoreScene({ ports: { clock } });
    const bringBack = await takeAway(scene.repository);
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.failure();
    await bringBack();
    clock.set(laterMs);
    await scene.change({ 'notes/b.md': 'b\n' });
    const { commits } = await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/b.md': 'success' });
    expect(await scene.repository.pathsOf(commits[0] ?? null)).toEqual(['notes/b.md']);
    expect([commits, (await scene.commits()).length]).toEqual([[await scene.remoteHead()], 2]);
  });

  it('is not tried again before its time: what is asked for meanwhile is committed, and not called safe', async () => {
    const clock = standingClock(testPorts().clock, atMs);
    await using scene = await makeStoreScene({ ports: { clock } });
    const bringBack = await takeAway(scene.repository);
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.failure();
    await bringBack();
    const wasContacted = await watchRemote(scene.repository);
    await scene.change({ 'notes/b.md': 'b\n' });
    const { run, saved } = await scene.backUp();
    expect([run.status, run.warnings, saved]).toEqual([
      'warning',
      [expect.stringMatching(/^pushing waits for its next attempt: git push: the remote origin/)],
      0,
    ]);
    expect([await scene.commits(), await wasContacted()]).toEqual([
      ['back up notes/a.md (changed)', 'back up notes/b.md (changed)'],
      false,
    ]);
    expect(scene.item('notes/b.md')).toMatchObject({ state: 'failed', committed: true, pushed: false, lastBackupAtMs: null });
    expect(scene.engine.queue('notes').record().problem).toMatchObject({ step: 'push' });
    clock.set(laterMs);
    await scene.backUp();
    expect(scene.states()).toEqual({ 'notes/a.md': 'success', 'notes/b.md': 'success' });
    expect(await scene.remoteHead()).toBe(await scene.head());
  });
});

describe('a remote that is not configured', () => {
  it('and was not when the job was set up, makes a warning; a push as soon as it is there (S2-42)', async () => {
    await using scene = await makeStoreScene({ before: ({ git }) => git('remote', 'remove', 'origin') });
    await scene.change({ 'notes/a.md': 'a\n' });
    const { run, proof, saved } = await scene.backUp();
    const warning = 'there is no remote origin yet: the commits are only on this machine';
    expect([run.status, run.warnings, proof, saved]).toEqual(['warning', [warning], null, 1]);
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'success', committed: true, pushed: false });
    await scene.repository.git('remote', 'add', 'origin', scene.repository.remote);
    expect((await scene.backUp()).run.status).toBe('succeeded');
    expect(await scene.remoteHead()).toBe(await scene.head());
  });

  it('any more is a failure', async () => {
    await using scene = await makeStoreScene();
    await scene.repository.git('remote', 'remove', 'origin');
    await scene.change({ 'notes/a.md': 'a\n' });
    expect(await scene.failure()).toMatchObject({ code: 'git-remote-missing', hint: expect.stringContaining('git remote add origin') });
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'failed', committed: true, pushed: false, lastBackupAtMs: null });
  });

  it('any more is a failure also where it was added after the job was set up, and pushed to', async () => {
    await using scene = await makeStoreScene({ before: ({ git }) => git('remote', 'remove', 'origin') });
    const { repository } = scene;
    await repository.git('remote', 'add', 'origin', repository.remote);
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'success', pushed: true });
    await repository.git('remote', 'remove', 'origin');
    await scene.change({ 'notes/b.md': 'b\n' });
    expect(await scene.failure()).toMatchObject({ code: 'git-remote-missing' });
  });
});

describe('a remote that was added after the job was set up', () => {
  it('is known by its first push: another one is refused from then on (S2-53)', async () => {
    await using scene = await makeStoreScene({ before: ({ git }) => git('remote', 'remove', 'origin') });
    const { git, gitIn, remote, root } = scene.repository;
    await git('remote', 'add', 'origin', remote);
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const other = join(root, 'other.git');
    await gitIn(root, 'init', '--quiet', '--bare', other);
    await git('remote', 'set-url', 'origin', other);
    await scene.change({ 'notes/b.md': 'b\n' });
    expect(await scene.failure()).toMatchObject({ code: 'git-remote-changed' });
    expect(await gitIn(other, 'for-each-ref')).toBe('');
  });

  it('is known also to who holds the job as it was before, as what runs all day does', async () => {
    await using scene = await makeStoreScene({ before: ({ git }) => git('remote', 'remove', 'origin') });
    const { git, gitIn, remote, root } = scene.repository;
    const held = scene.job;
    await git('remote', 'add', 'origin', remote);
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp('due', held);
    const other = join(root, 'other.git');
    await gitIn(root, 'init', '--quiet', '--bare', other);
    await git('remote', 'set-url', 'origin', other);
    await scene.change({ 'notes/b.md': 'b\n' });
    expect((await failureOf(scene.backUp('due', held))).code).toBe('git-remote-changed');
    expect(await gitIn(other, 'for-each-ref')).toBe('');
  });
});

describe('a remote that has gone another way', () => {
  it('is never overwritten; the person is told (S2-52)', async () => {
    await using scene = await makeStoreScene();
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const theirs = await pushFromElsewhere(scene.repository);
    await scene.change({ 'notes/a.md': 'a2\n' });
    expect(await scene.failure()).toMatchObject({ code: 'git-diverged', hint: expect.stringContaining('git pull') });
    expect([await scene.remoteHead(), await scene.remoteHead('backup/test-host')]).toEqual([theirs, null]);
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'failed', committed: true, pushed: false });
    expect((await scene.failure('everything')).code).toBe('git-diverged');
    expect(await scene.remoteHead()).toBe(theirs);
    // The person brings them together.
    await scene.repository.git('pull', '--quiet', '--no-rebase', '--no-edit', 'origin', 'main');
    await scene.backUp('everything');
    expect(scene.states()).toEqual({ 'notes/a.md': 'success' });
    expect(await scene.remoteHead()).toBe(await scene.head());
  });

  it('gets the backup beside it where that was asked for', async () => {
    await using scene = await makeStoreScene({ source: { fallback: true } });
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    const theirs = await pushFromElsewhere(scene.repository);
    await scene.change({ 'notes/a.md': 'a2\n' });
    const { proof, run } = await scene.backUp();
    const head = await scene.head();
    expect(proof).toEqual({ commit: head, branch: 'backup/test-host', remoteHead: head });
    expect([await scene.remoteHead(), await scene.remoteHead('backup/test-host')]).toEqual([theirs, head]);
    expect([run.status, run.warnings]).toEqual([
      'warning',
      ['origin has commits on main that are not here: this was pushed to backup/test-host'],
    ]);
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'success', pushed: true });
  });
});

describe('a remote that does not serve', () => {
  it('and hangs is given up at its limit', async () => {
    await using server = await startSilentServer();
    await using scene = await makeStoreScene({ source: { remoteLimitSeconds: 1 } });
    await moveRemote(scene, `git://${server.address}/a.git`);
    await scene.change({ 'notes/a.md': 'a\n' });
    const error = await scene.failure();
    expect(error).toMatchObject({ code: 'timed-out', message: 'git push: the remote origin did not answer in time' });
    expect(scene.item('notes/a.md')).toMatchObject({ state: 'failed', committed: true, lastError: { code: 'timed-out' } });
    expect(scene.engine.queue('notes').record().problem).toMatchObject({ step: 'push', code: 'timed-out' });
  });

  it('and is silent over HTTP is given up after the time that services have', async () => {
    await using server = await startSilentServer();
    await using scene = await makeStoreScene({ ports: { answerWithinMs: 1000 } });
    await moveRemote(scene, `http://${server.address}/a.git`);
    await scene.change({ 'notes/a.md': 'a\n' });
    expect(await scene.failure()).toMatchObject({ code: 'git-unreachable', message: expect.stringContaining('cannot be reached') });
  });

  it('and asks for a password asks nobody', async () => {
    await using server = await startAnsweringServer(401, { 'www-authenticate': 'Basic realm="a"' });
    await using scene = await makeStoreScene();
    await moveRemote(scene, `http://${server.address}/a.git`);
    await scene.change({ 'notes/a.md': 'a\n' });
    expect(await scene.failure()).toMatchObject({
      code: 'git-auth',
      message: expect.stringContaining('the remote origin did not let this account in'),
      hint: expect.stringContaining('git push in a terminal'),
    });
  });

  it('and rejects says why', async () => {
    await using scene = await makeStoreScene();
    await addHook(scene.repository.remote, 'pre-receive', 'echo "no pushes on Sundays" >&2; exit 1');
    await scene.change({ 'notes/a.md': 'a\n' });
    expect(await scene.failure()).toMatchObject({ code: 'git-rejected', message: expect.stringContaining('no pushes on Sundays') });
    expect([await scene.remoteHead(), scene.states()]).toEqual([null, { 'notes/a.md': 'failed' }]);
  });
});

describe('the remote of a job', () => {
  it('is learned from its first push, beside what a person changes of the job meanwhile', async () => {
    await using scene = await makeStoreScene();
    const known = scene.job.source.remoteFingerprint;
    scene.setSource({ remoteFingerprint: null });
    const { engine } = scene;
    engine.listen((event) => {
      if (event.type === 'step-started' && event.step === 'push') pauseJob(engine, scene.job.name, undefined);
    });
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    expect([scene.job.paused, scene.job.source.remoteFingerprint]).toEqual([true, known]);
  });

  it('is not learned where the job has got another one, or is gone, by the end of the push', async () => {
    await using scene = await makeStoreScene();
    scene.setSource({ remoteFingerprint: null });
    const { engine } = scene;
    const stop = engine.listen((event) => {
      if (event.type === 'step-started' && event.step === 'push') scene.setSource({ remote: 'another' });
    });
    await scene.change({ 'notes/a.md': 'a\n' });
    await scene.backUp();
    expect(scene.job.source).toMatchObject({ remote: 'another', remoteFingerprint: null });
    stop();
    scene.setSource({ remote: 'origin' });
    engine.listen((event) => {
      if (event.type === 'step-started' && event.step === 'push') engine.settings.change((settings) => ({ ...settings, jobs: [] }));
    });
    await scene.change({ 'notes/a.md': 'a2\n' });
    expect((await scene.backUp()).run.status).toBe('succeeded');
    expect(engine.settings.current.jobs).toEqual([]);
  });

  it('that a push has learned while the job was changed is kept', async () => {
    await using scene = await makeStoreScene();
    scene.setSource({ remoteFingerprint: null });
    const { engine, job } = scene;
    const changed = changeJob(engine, { ...job, limitSeconds: 99 }, 'keep');
    scene.setSource({ remoteFingerprint: 'learned meanwhile' });
    const outcome = await changed;
    expect([outcome.job, scene.job]).toMatchObject(
      [1, 2].map(() => ({ limitSeconds: 99, source: { remoteFingerprint: 'learned meanwhile' } })),
    );
  });
});
