import { appendFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commitPaths, fillMessage } from '../../electron/engine/git/commit-paths.ts';
import { openGit } from '../../electron/engine/git/git.ts';
import { push } from '../../electron/engine/git/push.ts';
import { fingerprintOf, inspectStore } from '../../electron/engine/git/store.ts';
import { resolveItems } from '../../electron/engine/git/store-items.ts';
import { addHook, makeGitScene } from '../support/git-remote.ts';
import { testPorts } from '../support/test-engine.ts';

afterEach(() => vi.unstubAllEnvs());

describe('commitPaths', () => {
  it('commits what was added, changed, deleted and renamed, and passes over what is neither there nor known', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'notes/changed.md': 'a\n', 'notes/deleted.md': 'b\n', 'notes/before.md': 'c\n', 'notes/gone/x.md': 'd\n' });
    await scene.git('add', '.');
    await scene.git('commit', '--quiet', '-m', 'second');
    await scene.write({ 'notes/added.md': '', 'notes/changed.md': 'a2\n' });
    await rm(join(scene.project, 'notes/deleted.md'));
    await rm(join(scene.project, 'notes/gone'), { recursive: true });
    await rename(join(scene.project, 'notes/before.md'), join(scene.project, 'notes/after.md'));
    const names = ['added.md', 'changed.md', 'deleted.md', 'before.md', 'after.md', 'gone', 'never.md'];
    const git = scene.open();
    const { commit } = await commitPaths(
      git,
      names.map((name) => `notes/${name}`),
      'all of it',
    );
    expect(commit).toBe(await scene.git('rev-parse', 'HEAD'));
    expect(await scene.pathsOf(commit)).toEqual(
      ['added.md', 'after.md', 'before.md', 'changed.md', 'deleted.md', 'gone/x.md'].map((name) => `notes/${name}`),
    );
    expect(await scene.git('status', '--porcelain')).toBe('');
    expect(await scene.git('log', '-1', '--format=%B')).toBe('all of it\n');
    expect(await commitPaths(git, ['notes'], 'nothing')).toEqual({ commit: null });
    expect(await commitPaths(git, [], 'nothing')).toEqual({ commit: null });
  });

  it('takes a folder whole, without what is ignored, internal or another repository', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'notes/a.md': 'a', 'notes/.operations/1': 'x', 'notes/deep/.delete-staging/1/b.md': 'x', 'notes/c.tmp': 'x' });
    await scene.write({ '.gitignore': '*.tmp\n', 'outside.md': 'x', 'notesx/a.md': 'x' });
    await scene.gitIn(scene.project, 'init', '--quiet', 'notes/nested');
    await scene.write({ 'notes/nested/file.md': 'x' });
    await symlink('/etc/passwd', join(scene.project, 'notes/link'));
    const { commit } = await commitPaths(scene.open(), ['notes'], 'folder');
    expect(await scene.pathsOf(commit)).toEqual(['notes/a.md', 'notes/link']);
  });

  it('takes the whole project where that is the store', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'a.md': 'a', 'deep/b.md': 'b', 'README.md': 'changed\n' });
    const git = scene.open();
    const { commit } = await commitPaths(git, await resolveItems(git, ['.'], ['.']), 'project');
    expect(await scene.pathsOf(commit)).toEqual(['README.md', 'a.md', 'deep/b.md']);
  });

  it('leaves every other change as it was: staged, half staged, unstaged, renamed, removed and new', async () => {
    await using scene = await makeGitScene();
    const lines = Array.from({ length: 30 }, (_, line) => `line ${line}\n`);
    await scene.write({ 'notes/ours.md': 'a\n', 'notes/half.md': lines.join(''), 'notes/removed.md': 'r', 'old.md': lines.join('x') });
    await scene.git('add', '.');
    await scene.git('commit', '--quiet', '-m', 'second');
    await scene.write({ 'notes/half.md': ['staged\n', ...lines].join(''), 'staged.md': 's' });
    await scene.git('add', 'notes/half.md', 'staged.md');
    await appendFile(join(scene.project, 'notes/half.md'), 'unstaged\n');
    await scene.git('mv', 'old.md', 'new.md');
    await scene.git('rm', '--quiet', 'notes/removed.md');
    await scene.write({
      'README.md': 'unstaged\n',
      'untracked.md': 'u',
      'announced.md': 'n',
      'notes/ours.md': 'b\n',
      'notes/fresh.md': 'f',
    });
    await scene.git('add', '--intent-to-add', 'announced.md');
    const state = async () => [
      await scene.git('diff', '--cached', '--', ':!notes/ours.md', ':!notes/fresh.md'),
      await scene.git('diff', '--', ':!notes/ours.md'),
    ];
    const before = await state();
    const { commit } = await commitPaths(scene.open(), ['notes/ours.md', 'notes/fresh.md'], 'ours');
    expect(await scene.pathsOf(commit)).toEqual(['notes/fresh.md', 'notes/ours.md']);
    expect(await state()).toEqual(before);
    expect((await scene.git('status', '--porcelain')).split('\n')).toEqual([
      ' M README.md',
      ' A announced.md',
      'R  old.md -> new.md',
      'MM notes/half.md',
      'D  notes/removed.md',
      'A  staged.md',
      '?? untracked.md',
    ]);
  });

  it('commits an own file whatever of it is staged', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'notes/half.md': '1\n', 'notes/unstaged.md': '1\n', 'notes/gone.md': '1\n' });
    await scene.git('add', '.');
    await scene.git('commit', '--quiet', '-m', 'second');
    await scene.write({ 'notes/half.md': '2\n' });
    await scene.git('add', '.');
    await scene.write({ 'notes/half.md': '3\n' });
    await scene.git('rm', '--quiet', '--cached', 'notes/unstaged.md');
    await scene.git('rm', '--quiet', 'notes/gone.md');
    const { commit } = await commitPaths(scene.open(), ['notes/half.md', 'notes/unstaged.md', 'notes/gone.md'], 'x');
    expect(await scene.pathsOf(commit)).toEqual(['notes/gone.md', 'notes/half.md']);
    expect(await scene.git('show', 'HEAD:notes/half.md')).toBe('3');
    expect(await scene.git('status', '--porcelain')).toBe('');
  });

  it('replaces a file by a folder and a folder by a file', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'notes/a': 'file', 'notes/b/c': 'folder' });
    await scene.git('add', '.');
    await scene.git('commit', '--quiet', '-m', 'second');
    await rm(join(scene.project, 'notes'), { recursive: true });
    await scene.write({ 'notes/a/c': 'folder', 'notes/b': 'file' });
    await commitPaths(scene.open(), ['notes/a', 'notes/b'], 'x');
    expect(await scene.git('ls-files', 'notes')).toBe('notes/a/c\nnotes/b');
    expect(await scene.git('status', '--porcelain')).toBe('');
  });

  it('begins a branch without a commit, in our name where there is none, with neither signature nor hooks', async () => {
    await using scene = await makeGitScene({ unborn: true });
    await scene.git('config', 'commit.gpgSign', 'true');
    await scene.git('config', 'gpg.program', '/no/such/gpg');
    for (const hook of ['pre-commit', 'commit-msg', 'post-commit'])
      await addHook(join(scene.project, '.git'), hook, 'touch ../ran; exit 1');
    await scene.write({ 'notes/a.md': 'a', 'staged.md': 's' });
    await scene.git('add', 'staged.md');
    const { commit } = await commitPaths(scene.open(), ['notes/a.md'], '');
    expect(await scene.pathsOf(commit)).toEqual(['notes/a.md']);
    expect(await scene.git('log', '--format=%an <%ae> %cn <%ce> %s')).toBe(
      'Nightjar <nightjar@test-host> Nightjar <nightjar@test-host> back up',
    );
    expect(await scene.git('status', '--porcelain')).toBe('A  staged.md');
    expect(await readdir(scene.root)).not.toContain('ran');
  });

  it('lets hooks run where it is told to, and reports their refusal', async () => {
    await using scene = await makeGitScene();
    await addHook(join(scene.project, '.git'), 'pre-commit', 'echo "no token=abc" >&2; exit 1');
    await scene.write({ 'notes/a.md': 'a' });
    const failure = { code: 'git-failed', message: 'git commit failed (exit code 1): no token=***' };
    await expect(commitPaths(scene.open({ hooks: true }), ['notes/a.md'], 'x')).rejects.toMatchObject(failure);
    expect((await commitPaths(scene.open(), ['notes/a.md'], 'x')).commit).not.toBeNull();
  });

  it('keeps the name that the person has given to git', async () => {
    await using scene = await makeGitScene({ identity: true });
    await scene.write({ 'notes/a.md': 'a' });
    await commitPaths(scene.open(), ['notes/a.md'], '# a heading\n\nand "quotes" $(id) %s');
    expect(await scene.git('log', '-1', '--format=%an <%ae>%n%B')).toBe('Ada <ada@example.org>\n# a heading\n\nand "quotes" $(id) %s\n');
  });

  it('takes any name, and never as a pattern', async () => {
    await using scene = await makeGitScene();
    const names = ['-rf', '--', '*', ':(glob)**', ':!x', 'a\nb', 'ü-日本-🎉.md', '"quoted"', 'back\\slash', ' space ', '[a]', 'tab\t', '#'];
    await scene.write(Object.fromEntries(['bystander', 'a', 'x', ...names].map((name) => [`notes/${name}`, name])));
    await scene.write(Object.fromEntries(names.map((name) => [name, name])));
    const own = names.flatMap((name) => [name, `notes/${name}`]);
    const git = scene.open();
    const { commit } = await commitPaths(git, own, 'names');
    expect(await scene.pathsOf(commit)).toEqual(own.toSorted());
    for (const path of own) await rm(join(scene.project, path));
    expect(await scene.pathsOf((await commitPaths(git, own, 'names')).commit)).toEqual(own.toSorted());
  });

  it('takes names in any encoding below a folder', async () => {
    await using scene = await makeGitScene();
    await mkdir(join(scene.project, 'notes'));
    await writeFile(Buffer.concat([Buffer.from(join(scene.project, 'notes/')), Buffer.from([0x66, 0xfc, 0x72])]), 'x');
    const { commit } = await commitPaths(scene.open(), ['notes'], 'bytes');
    expect(commit).not.toBeNull();
    expect(await scene.git('ls-files', 'notes')).toBe('"notes/f\\374r"');
  });

  it('takes 5,000 paths', async () => {
    await using scene = await makeGitScene();
    // What is fast here is not what is tested.
    await scene.git('config', 'core.fsync', 'none');
    const paths = Array.from({ length: 5000 }, (_, number) => `notes/${number % 50}/${'long name '.repeat(5)}${number}.md`);
    await scene.write(Object.fromEntries(paths.map((path) => [path, path])));
    const { commit } = await commitPaths(scene.open(), paths, 'many');
    expect((await scene.pathsOf(commit)).length).toBe(5000);
  });

  it('works beside another repository that the environment names', async () => {
    await using scene = await makeGitScene();
    await using decoy = await makeGitScene();
    await decoy.write({ 'notes/a.md': 'decoy' });
    const indexOf = () => readFile(join(decoy.project, '.git/index'));
    const before = [await indexOf(), await decoy.git('rev-parse', 'HEAD')];
    vi.stubEnv('HOME', scene.env.HOME);
    vi.stubEnv('GIT_DIR', join(decoy.project, '.git'));
    vi.stubEnv('GIT_WORK_TREE', decoy.project);
    vi.stubEnv('GIT_INDEX_FILE', join(decoy.project, '.git/index'));
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'core.worktree');
    vi.stubEnv('GIT_CONFIG_VALUE_0', decoy.project);
    await scene.write({ 'notes/a.md': 'ours' });
    const git = openGit(scene.project, testPorts());
    const identity = { branch: 'main', remote: 'origin', remoteFingerprint: fingerprintOf([scene.remote]) };
    expect((await inspectStore(git, identity)).root).toBe(scene.project);
    const { commit } = await commitPaths(git, await resolveItems(git, ['notes'], ['notes/a.md']), 'x');
    expect(await scene.pathsOf(commit)).toEqual(['notes/a.md']);
    expect(await push(git, identity)).toMatchObject({ remoteHead: commit });
    expect([await indexOf(), await decoy.git('rev-parse', 'HEAD')]).toEqual(before);
    expect(await decoy.git('status', '--porcelain')).toBe('?? notes/');
    expect(await decoy.gitIn(decoy.remote, 'for-each-ref')).toBe('');
  });
});

describe('fillMessage', () => {
  it('fills in what is known, as data', () => {
    const values = { item: '{reason} $& $1', reason: 'why {item}' };
    expect(fillMessage('{item}: {reason} ({other} {item})', values)).toBe('{reason} $& $1: why {item} ({other} {reason} $& $1)');
  });
});

describe('the index after a commit', () => {
  it('has a file as the commit has it, also where it was written between the two times that git reads it', async () => {
    await using scene = await makeGitScene();
    await scene.write({ 'store/a.md': 'old\n' });
    await commitPaths(scene.open(), ['store/a.md'], 'first');
    // A filter that writes the file after it was read, as another program may.
    await scene.write({ '.gitattributes': '*.md filter=racing\n' });
    await scene.git('config', 'filter.racing.clean', `cat; echo "$RANDOM $$" > store/a.md`);
    await scene.write({ 'store/a.md': 'new\n' });
    await commitPaths(scene.open(), ['store/a.md'], 'second');
    await scene.git('config', '--unset', 'filter.racing.clean');
    const staged = await scene.git('diff', '--cached', '--name-only');
    expect(staged).toBe('');
  });
});
