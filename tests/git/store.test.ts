import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openGit } from '../../electron/engine/git/git.ts';
import { fingerprintOf, inspectStore } from '../../electron/engine/git/store.ts';
import { resolveItems, toRepositoryPath } from '../../electron/engine/git/store-items.ts';
import { type GitScene, makeGitScene } from '../support/git-remote.ts';
import { testPorts } from '../support/test-engine.ts';

const identity = { branch: 'main', remote: 'origin', remoteFingerprint: null };

/** Leaves a conflict of `side` with `main` in `README.md`. */
async function makeConflict(scene: GitScene): Promise<void> {
  await scene.git('switch', '--quiet', '-c', 'side');
  await scene.write({ 'README.md': 'side\n' });
  await scene.git('commit', '--quiet', '-am', 'side');
  await scene.git('switch', '--quiet', 'main');
  await scene.write({ 'README.md': 'main\n' });
  await scene.git('commit', '--quiet', '-am', 'main');
}

describe('inspectStore', () => {
  it('resolves to what the repository is', async () => {
    await using scene = await makeGitScene();
    expect(await inspectStore(scene.open(), identity)).toEqual({
      root: scene.project,
      gitFolder: join(scene.project, '.git'),
      head: await scene.git('rev-parse', 'HEAD'),
      branch: 'main',
      remoteFingerprint: fingerprintOf([scene.remote]),
    });
  });

  it('takes a branch without a commit, a missing remote, and a path through a link', async () => {
    await using scene = await makeGitScene({ unborn: true });
    await symlink(scene.project, join(scene.root, 'link'));
    const git = openGit(join(scene.root, 'link'), testPorts(), { environment: scene.env });
    expect(await inspectStore(git, { ...identity, remote: 'nowhere' })).toMatchObject({
      head: null,
      branch: 'main',
      remoteFingerprint: null,
    });
  });

  it('refuses what is not the root of a repository of its own', async () => {
    await using scene = await makeGitScene();
    const inspect = (path: string) => inspectStore(openGit(path, testPorts(), { environment: scene.env }), identity);
    await mkdir(join(scene.project, 'notes'));
    const within = { code: 'git-not-root', message: expect.stringContaining(`lies in the repository ${scene.project}`) };
    await expect(inspect(join(scene.project, 'notes'))).rejects.toMatchObject(within);
    await expect(inspect(scene.remote)).rejects.toMatchObject({ code: 'git-not-root', message: expect.stringContaining('bare') });
    await expect(inspect(join(scene.project, '.git'))).rejects.toMatchObject({
      code: 'git-not-root',
      message: expect.stringContaining('inside'),
    });
    await expect(inspect(scene.root)).rejects.toMatchObject({
      code: 'git-not-root',
      message: expect.stringContaining('not a git repository'),
    });
    await expect(inspect(join(scene.root, 'gone'))).rejects.toMatchObject({ code: 'source-missing' });
  });

  it('refuses another branch and none', async () => {
    await using scene = await makeGitScene();
    await scene.git('switch', '--quiet', '-c', 'topic');
    await expect(inspectStore(scene.open(), identity)).rejects.toMatchObject({ code: 'git-branch' });
    await scene.git('switch', '--quiet', '--detach');
    await expect(inspectStore(scene.open(), identity)).rejects.toMatchObject({ code: 'git-detached' });
  });

  it('refuses a remote that leads elsewhere, and takes another password for the same place', async () => {
    await using scene = await makeGitScene();
    await scene.git('remote', 'set-url', 'origin', 'https://ada:one@example.org/a.git');
    const { remoteFingerprint } = await inspectStore(scene.open(), identity);
    await scene.git('remote', 'set-url', 'origin', 'https://ada:two@example.org/a.git');
    expect((await inspectStore(scene.open(), { ...identity, remoteFingerprint })).remoteFingerprint).toBe(remoteFingerprint);
    await scene.git('remote', 'set-url', '--push', 'origin', 'https://example.org/b.git');
    await expect(inspectStore(scene.open(), { ...identity, remoteFingerprint })).rejects.toMatchObject({ code: 'git-remote-changed' });
  });

  it.each([
    ['merge', ['merge', 'side'], 'a merge'],
    ['rebase', ['rebase', 'side'], 'a rebase'],
    ['rebase with patches', ['rebase', '--apply', 'side'], 'a rebase'],
    ['cherry-pick', ['cherry-pick', 'side'], 'a cherry-pick'],
    ['revert', ['revert', '--no-edit', 'HEAD~1'], 'a revert'],
  ])('refuses during a %s', async (_, command, what) => {
    await using scene = await makeGitScene();
    await makeConflict(scene);
    await expect(scene.git(...command)).rejects.toThrow();
    const refusal = { code: 'git-in-progress', message: expect.stringContaining(`${what} `) };
    await expect(inspectStore(scene.open(), identity)).rejects.toMatchObject(refusal);
  });

  it('refuses during a bisect, and with conflicts of a stash', async () => {
    await using scene = await makeGitScene();
    await scene.git('bisect', 'start');
    await expect(inspectStore(scene.open(), identity)).rejects.toMatchObject({ code: 'git-in-progress' });
    await scene.git('bisect', 'reset');
    await scene.write({ 'README.md': 'stashed\n' });
    await scene.git('stash');
    await scene.write({ 'README.md': 'other\n' });
    await scene.git('commit', '--quiet', '-am', 'other');
    await expect(scene.git('stash', 'pop')).rejects.toThrow();
    await expect(inspectStore(scene.open(), identity)).rejects.toMatchObject({ code: 'git-in-progress' });
  });

  it('tells that git is missing', async () => {
    await using scene = await makeGitScene();
    await expect(inspectStore(scene.open({ program: 'no-such-git' }), identity)).rejects.toMatchObject({ code: 'git-missing' });
  });
});

describe('toRepositoryPath', () => {
  it.each([
    ['notes//a/./b.md/', 'linux', 'notes/a/b.md'],
    ['.', 'linux', ''],
    ['a\\b', 'linux', 'a\\b'],
    ['a\\b', 'win32', 'a/b'],
  ] as const)('%j on %s', (path, platform, expected) => {
    expect(toRepositoryPath(path, platform)).toBe(expected);
  });

  it.each([
    ['/etc/passwd', 'linux'],
    ['C:\\x', 'win32'],
    ['c:x', 'win32'],
    ['\\x', 'win32'],
    ['notes/../../x', 'linux'],
    ['notes\\..\\x', 'win32'],
    ['a\0b', 'linux'],
  ] as const)('refuses %j on %s', (path, platform) => {
    expect(() => toRepositoryPath(path, platform)).toThrow(expect.objectContaining({ code: 'git-path-refused' }));
  });
});

describe('resolveItems', () => {
  it('takes what is in a store, whether it exists or not', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'notes/a.md': '', 'notes/deep/b.md': '' });
    await symlink('../../README.md', join(scene.project, 'notes/deep/link.md'));
    await symlink('deep', join(scene.project, 'notes/short'));
    const paths = [
      'notes',
      'notes/a.md',
      './notes//a.md',
      'notes/gone/x.md',
      'notes/deep/link.md',
      'notes/short/b.md',
      'more/:(x',
      'more/-*',
    ];
    expect(await resolveItems(scene.open(), ['notes/', 'more'], paths)).toEqual([
      ...['notes', 'notes/a.md', 'notes/gone/x.md', 'notes/deep/link.md', 'notes/deep/b.md', 'more/:(x', 'more/-*'],
    ]);
  });

  it('refuses what is not its own', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'notes/a.md': '', '.gitignore': '*.tmp\n', 'other/x.md': '', 'notes/kept.tmp': '' });
    await scene.git('add', '--force', 'notes/kept.tmp');
    await scene.gitIn(scene.project, 'init', '--quiet', 'notes/nested');
    for (const [target, name] of [
      ['../other', 'other'],
      [scene.root, 'out'],
      ['nowhere', 'broken'],
      ['loop', 'loop'],
    ]) {
      await symlink(target ?? '', join(scene.project, 'notes', name ?? ''));
    }
    const codeOf = (path: string) =>
      resolveItems(scene.open(), ['notes'], [path]).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
    const refused = ['README.md', 'notesx/a', '', '.git/config', 'notes/.GIT/x', 'notes/.operations/1', 'notes/x/.delete-staging/1/a.md'];
    refused.push('notes/a.tmp', 'notes/other/x.md', 'notes/out/x', 'notes/broken/x', 'notes/loop/x', 'notes/nested', 'notes/nested/a.md');
    for (const path of refused) expect([path, await codeOf(path)]).toEqual([path, 'git-path-refused']);
    expect(await codeOf('notes/kept.tmp')).toBe('taken');
    await rm(join(scene.project, 'notes'), { recursive: true });
    await writeFile(join(scene.project, 'notes'), 'a file');
    expect(await codeOf('notes/a.md')).toBe('taken');
  });
});
