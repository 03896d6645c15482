import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GitOptions } from '../../electron/engine/git/git.ts';
import { compareWithRemote, fallbackBranch, push } from '../../electron/engine/git/push.ts';
import { remoteFailure } from '../../electron/engine/git/push-failure.ts';
import { addHook, type GitScene, makeGitScene, startAnsweringServer, startSilentServer } from '../support/git-remote.ts';

const target = { remote: 'origin', branch: 'main' };

/** Another clone pushes a commit to the remote. */
async function pushFromElsewhere(scene: GitScene): Promise<string> {
  const other = join(scene.root, 'other');
  await scene.gitIn(scene.root, 'clone', '--quiet', scene.remote, other);
  await scene.gitIn(other, 'commit', '--quiet', '--allow-empty', '-m', 'from elsewhere');
  await scene.gitIn(other, 'push', '--quiet', 'origin', 'main');
  return scene.gitIn(other, 'rev-parse', 'HEAD');
}

function commit(scene: GitScene): Promise<string> {
  return scene.git('commit', '--quiet', '--allow-empty', '-m', 'more').then(() => scene.git('rev-parse', 'HEAD'));
}

describe('push', () => {
  it('pushes the branch alone, and proves that it has arrived', async () => {
    await using scene = await makeGitScene();
    const head = await scene.git('rev-parse', 'HEAD');
    await scene.git('tag', '-a', '-m', 'a tag', 'v1');
    await scene.git('config', 'push.followTags', 'true');
    await addHook(join(scene.project, '.git'), 'pre-push', 'exit 1');
    const git = scene.open();
    expect((await compareWithRemote(git, target)).ahead).toBe(true);
    expect(await push(git, target)).toEqual({ commit: head, branch: 'main', remoteHead: head });
    expect(await scene.gitIn(scene.remote, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect(await compareWithRemote(git, target)).toEqual({ head, remoteHead: head, ahead: false });
    expect(await push(git, target)).toEqual({ commit: head, branch: 'main', remoteHead: head });
    await commit(scene);
    expect((await compareWithRemote(git, target)).ahead).toBe(true);
  });

  it('pushes the configured branch also where another is checked out by now', async () => {
    await using scene = await makeGitScene();
    const head = await scene.git('rev-parse', 'HEAD');
    await scene.git('switch', '--quiet', '-c', 'topic');
    await commit(scene);
    expect(await push(scene.open(), target)).toEqual({ commit: head, branch: 'main', remoteHead: head });
  });

  it('asks the place that it pushed to', async () => {
    await using scene = await makeGitScene();
    await scene.git('remote', 'set-url', 'origin', join(scene.root, 'nowhere.git'));
    await scene.git('remote', 'set-url', '--push', 'origin', scene.remote);
    const head = await scene.git('rev-parse', 'HEAD');
    expect(await push(scene.open(), target)).toEqual({ commit: head, branch: 'main', remoteHead: head });
  });

  it('has nothing to push before the first commit', async () => {
    await using scene = await makeGitScene({ unborn: true });
    expect(await compareWithRemote(scene.open(), target)).toEqual({ head: null, remoteHead: null, ahead: false });
    await expect(push(scene.open(), target)).rejects.toMatchObject({ code: 'git-failed' });
  });

  it('knows a remote that is not configured, and one that is not there', async () => {
    await using scene = await makeGitScene();
    await expect(push(scene.open(), { ...target, remote: 'backup' })).rejects.toMatchObject({ code: 'git-remote-missing' });
    await scene.git('remote', 'set-url', 'origin', join(scene.root, 'nowhere.git'));
    await expect(push(scene.open(), target)).rejects.toMatchObject({ code: 'git-unreachable' });
  });

  it('never overwrites what others have pushed; it goes beside it where it is asked to', async () => {
    await using scene = await makeGitScene();
    const git = scene.open();
    await push(git, target);
    const theirs = await pushFromElsewhere(scene);
    const ours = await commit(scene);
    await expect(push(git, target)).rejects.toMatchObject({
      code: 'git-diverged',
      message: expect.stringContaining('[rejected] (fetch first)'),
    });
    expect(await compareWithRemote(git, target)).toEqual({ head: ours, remoteHead: theirs, ahead: true });
    expect(await push(git, { ...target, fallback: true })).toEqual({ commit: ours, branch: 'backup/test-host', remoteHead: ours });
    expect(await scene.gitIn(scene.remote, 'rev-parse', 'main')).toBe(theirs);
    await scene.git('fetch', '--quiet');
    await expect(push(git, target)).rejects.toMatchObject({ code: 'git-diverged' });
  });

  it('is not ahead of a remote that has all of it and more', async () => {
    await using scene = await makeGitScene();
    await push(scene.open(), target);
    await pushFromElsewhere(scene);
    await scene.git('fetch', '--quiet');
    expect((await compareWithRemote(scene.open(), target)).ahead).toBe(false);
  });

  it.each([
    ['pre-receive', 'echo "no, token=abc" >&2; exit 1', 'declined the push in a hook'],
    ['update', 'echo "GH006: Protected branch update failed for $1" >&2; exit 1', 'protects this branch'],
    ['pre-receive', 'echo "File a.bin is 123.00 MB; this exceeds GitHub\'s file size limit of 100.00 MB" >&2; exit 1', 'of this size'],
  ])('is rejected by a %s hook: %s', async (hook, script, sentence) => {
    await using scene = await makeGitScene();
    await addHook(scene.remote, hook, script);
    const failure = await push(scene.open(), target).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'git-rejected', message: expect.stringContaining(sentence) });
    expect(String(failure)).not.toContain('abc');
  });
});

describe('a remote that does not serve', () => {
  async function failureAt(url: string, options: GitOptions = {}) {
    await using scene = await makeGitScene();
    await scene.git('remote', 'set-url', 'origin', url);
    return await push(scene.open(options), target).then(
      () => ({}),
      (error: { code: string; message: string; hint: string }) => error,
    );
  }

  it.each(['http://ada:s3cret@', 'git://'])('is given up where it never answers: %s', async (scheme) => {
    await using server = await startSilentServer();
    expect(await failureAt(`${scheme}${server.address}/a.git`, { remoteLimitMs: 500 })).toMatchObject({
      code: 'timed-out',
      message: 'git push: the remote origin did not answer in time',
    });
  });

  it('is given up by its silence before the limit', async () => {
    await using server = await startSilentServer();
    const failure = await failureAt(`http://ada:s3cret@${server.address}/a.git`, { silenceSeconds: 1 });
    expect(failure).toMatchObject({ code: 'git-unreachable', message: expect.not.stringContaining('s3cret') });
  });

  it('asks nobody for a password', async () => {
    await using server = await startAnsweringServer(401, { 'www-authenticate': 'Basic realm="a"' });
    expect(await failureAt(`http://${server.address}/a.git`)).toMatchObject({ code: 'git-auth' });
    const failure = await failureAt(`http://ada:s3cret@${server.address}/a.git`);
    expect(failure).toMatchObject({ code: 'git-auth', message: expect.not.stringContaining('s3cret') });
  });

  it.each([
    [403, 'git-auth'],
    [404, 'git-unreachable'],
    [500, 'git-unreachable'],
  ])('answers %i', async (status, code) => {
    await using server = await startAnsweringServer(status);
    expect(await failureAt(`http://${server.address}/a.git`)).toMatchObject({ code });
  });

  it('refuses the connection', async () => {
    const server = await startSilentServer();
    await server[Symbol.asyncDispose]();
    expect(await failureAt(`http://${server.address}/a.git`)).toMatchObject({ code: 'git-unreachable' });
    expect(await failureAt(`ssh://git@${server.address}/a.git`)).toMatchObject({ code: 'git-unreachable' });
  });
});

describe('remoteFailure', () => {
  const failure = (stdout: string, stderr: string) => remoteFailure('push', 'origin', { code: 1, stdout: Buffer.from(stdout), stderr });
  const ref = (status: string) => `To x\n!\tHEAD:refs/heads/main\t${status}\nDone\n`;

  it.each([
    [ref('[rejected] (non-fast-forward)'), '', 'git-diverged'],
    [ref('[remote rejected] (protected branch hook declined)'), '', 'git-rejected'],
    [ref('[remote rejected] (cannot lock ref)'), '', 'git-rejected'],
    ['', 'error: RPC failed; HTTP 413 curl 22', 'git-rejected'],
    ['', 'git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'git-auth'],
    ['', 'Host key verification failed.\nfatal: Could not read from remote repository.', 'git-auth'],
    ['', "remote: Repository not found.\nfatal: repository 'https://example.org/a' not found", 'git-unreachable'],
    ['', 'ssh: Could not resolve hostname example.org: Name or service not known', 'git-unreachable'],
    ['', 'fatal: something new', 'git-failed'],
  ])('%j %j', (stdout, stderr, code) => {
    expect(failure(stdout, stderr).code).toBe(code);
  });
});

describe('fallbackBranch', () => {
  it.each([
    ["Ada's Mac.local", 'backup/Ada-s-Mac-local'],
    ['..', 'backup/nightjar'],
  ])('%j', (host, expected) => {
    expect(fallbackBranch(host)).toBe(expected);
  });
});
