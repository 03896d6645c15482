import { chmod, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commitPaths } from '../../electron/engine/git/commit-paths.ts';
import { toGitPath } from '../../electron/engine/git/git-path.ts';
import { push } from '../../electron/engine/git/push.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { systemOpenHandles } from '../../electron/engine/platform/open-handles.ts';
import { addHook, makeGitScene } from '../support/git-remote.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a git command', () => {
  it('is named where it fails, with words of git without secrets', async () => {
    await using scene = await makeGitScene();
    const failing = scene.open().read(['ls-remote', 'http://ada:s3cret@127.0.0.1:1/a.git']);
    const message = expect.stringMatching(/^git ls-remote failed \(exit code 128\): fatal: unable to access 'http:\/\/(?:\*\*\*@)?127/);
    await expect(failing).rejects.toMatchObject({ code: 'git-failed', message });
  });

  it('is ended at its limit', async () => {
    await using scene = await makeGitScene();
    await scene.git('config', 'alias.wait', '!sleep 100');
    await expect(scene.open({ localLimitMs: 200 }).read(['wait'])).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('gets its paths in a private file, which is gone afterwards', async () => {
    await using scene = await makeGitScene();
    vi.stubEnv('TMPDIR', scene.root);
    const git = scene.open();
    const lists = async () => (await readdir(scene.root)).filter((name) => name.endsWith('.paths'));
    await git.withPaths(['-a', toGitPath('ü\n')], async ([option = '', ...others]) => {
      const file = option.replace('--pathspec-from-file=', '');
      expect(others).toEqual(['--pathspec-file-nul']);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readFile(file, 'utf8')).toBe(':(literal)-a\0:(literal)ü\n\0');
      expect((await lists()).length).toBe(1);
    });
    await expect(git.withPaths(['a'], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lists()).toEqual([]);
  });

  it('reaches its remote with the ssh that is configured, in batch mode', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'tools/ssh': '#!/bin/sh\necho "$@" > ssh-args\necho "git@x: Permission denied (publickey)." >&2\nexit 255\n' });
    await chmod(join(scene.project, 'tools/ssh'), 0o755);
    await scene.git('remote', 'set-url', 'origin', 'git@example.org:a.git');
    await scene.git('config', 'core.sshCommand', `${scene.project}/tools/ssh -i /key`);
    await expect(push(scene.open(), { remote: 'origin', branch: 'main' })).rejects.toMatchObject({ code: 'git-auth' });
    expect(await scene.read('ssh-args')).toMatch(/^-i \/key -oBatchMode=yes -oConnectTimeout=15 .*git@example\.org git-receive-pack/);
  });
});

describe('locks', () => {
  it('waits for the lock of another git', async () => {
    await using scene = await makeGitScene();
    const lock = join(scene.project, '.git/index.lock');
    await scene.write({ 'notes/a.md': 'a', '.git/index.lock': '' });
    let waits = 0;
    const sleep = async (ms: number, signal?: AbortSignal) => {
      if (ms > 2000 || signal?.aborted === false) return systemClock.sleep(ms, signal);
      waits += 1;
      if (waits === 3) await rm(lock);
    };
    const git = scene.open({}, { clock: { ...systemClock, sleep } });
    expect(await scene.pathsOf((await commitPaths(git, ['notes/a.md'], 'x')).commit)).toEqual(['notes/a.md']);
    expect(waits).toBe(3);
  });

  it('reports a lock that stays, with its age and holder, and leaves it', async () => {
    await using scene = await makeGitScene();
    const lock = join(scene.project, '.git/index.lock');
    await scene.write({ 'notes/a.md': 'a', '.git/index.lock': '' });
    await utimes(lock, 1000, 1000);
    const clock = { ...systemClock, now: () => 1_090_000 };
    const handles = { ...systemOpenHandles, of: async () => [{ pid: 42, command: 'git' }] };
    await expect(commitPaths(scene.open({ lockWaitMs: 100 }, { clock, handles }), ['notes/a.md'], 'x')).rejects.toMatchObject({
      code: 'git-locked',
      message: `another git is at work in the repository: ${lock} is there, 90 s old, held by git (process 42)`,
      retryable: true,
    });
    expect(await readFile(lock, 'utf8')).toBe('');
  });

  it('leaves neither process nor lock where it is ended in the middle', async () => {
    await using scene = await makeGitScene();
    await addHook(join(scene.project, '.git'), 'pre-commit', 'echo $$ > hook-pid; sleep 100');
    await scene.write({ 'notes/a.md': 'a' });
    const stop = new AbortController();
    const settled = expect(commitPaths(scene.open({ hooks: true, signal: stop.signal }), ['notes/a.md'], 'x')).rejects.toThrow('stop');
    await expect.poll(() => scene.read('hook-pid').catch(() => ''), { interval: 10, timeout: 10_000 }).toMatch(/\n/);
    stop.abort(new Error('stop'));
    await settled;
    const stat = await readFile(`/proc/${(await scene.read('hook-pid')).trim()}/stat`, 'utf8').catch(() => 'gone');
    expect(stat).toMatch(/^gone$|\) Z /);
    expect(await readdir(join(scene.project, '.git'))).not.toContain('index.lock');
    await chmod(join(scene.project, '.git/hooks/pre-commit'), 0o644);
    expect((await commitPaths(scene.open(), ['notes/a.md'], 'x')).commit).not.toBeNull();
  });
});
