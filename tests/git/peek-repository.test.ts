import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { peekRepository } from '../../electron/engine/git/peek-repository.ts';
import { makeGitScene } from '../support/git-remote.ts';

describe('a look at a repository', () => {
  it.each([
    ['https://ada:s3cret@git.example.org/wiki.git', 'https://git.example.org/wiki.git'],
    ['https://token@git.example.org/wiki.git', 'https://git.example.org/wiki.git'],
    ['ssh://git:s3cret@git.example.org:22/wiki.git', 'ssh://git@git.example.org:22/wiki.git'],
    ['git@git.example.org:ada/wiki.git', 'git@git.example.org:ada/wiki.git'],
    ['/srv/a@b/wiki.git', '/srv/a@b/wiki.git'],
  ])('tells where %s is, without credentials', async (url, remote) => {
    await using scene = await makeGitScene();
    await scene.git('remote', 'set-url', 'origin', url);
    expect(await peekRepository(scene.project)).toEqual({ branch: 'main', remote, lastWriteMs: expect.any(Number) });
  });

  it('takes the only remote where none is called origin, and none where there is none', async () => {
    await using scene = await makeGitScene({ unborn: true });
    await scene.git('remote', 'rename', 'origin', 'mine');
    expect(await peekRepository(scene.project)).toMatchObject({ branch: 'main', remote: scene.remote });
    await scene.git('remote', 'remove', 'mine');
    expect(await peekRepository(scene.project)).toMatchObject({ branch: 'main', remote: null });
  });

  it('knows the branch of a second working tree, and none where no branch is checked out', async () => {
    await using scene = await makeGitScene();
    const tree = join(scene.root, 'tree');
    await scene.git('worktree', 'add', '--quiet', '-b', 'side', tree);
    expect(await peekRepository(tree)).toMatchObject({ branch: 'side', remote: scene.remote });
    await scene.git('checkout', '--quiet', '--detach');
    expect(await peekRepository(scene.project)).toMatchObject({ branch: null });
  });

  it('finds none where there is none, and runs nothing that a repository asks for', async () => {
    await using scene = await makeGitScene();
    await scene.git('config', 'core.fsmonitor', `touch ${join(scene.root, 'ran')}; false`);
    await peekRepository(scene.project);
    expect(await readdir(scene.root)).not.toContain('ran');
    expect(await peekRepository(scene.root)).toBeNull();
    await mkdir(join(scene.root, 'odd', '.git'), { recursive: true });
    expect(await peekRepository(join(scene.root, 'odd'))).toBeNull();
    await mkdir(join(scene.root, 'lost'));
    await writeFile(join(scene.root, 'lost', '.git'), 'gitdir: ../nowhere\n');
    expect(await peekRepository(join(scene.root, 'lost'))).toBeNull();
  });
});
