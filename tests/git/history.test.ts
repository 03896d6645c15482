import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openGit } from '../../electron/engine/git/git.ts';
import { listVersions, resolveVersion, textDiff } from '../../electron/engine/git/history.ts';
import { addHook, type GitScene, makeGitScene } from '../support/git-remote.ts';
import { commitAt, feedGit } from '../support/git-versions.ts';
import { testPorts } from '../support/test-engine.ts';

const all = { limit: 100 };

afterEach(() => vi.unstubAllEnvs());

const subjects = async (scene: GitScene, ...paths: readonly string[]) =>
  (await listVersions(scene.open(), paths, all)).map(({ subject }) => subject);

describe('listVersions', () => {
  it('lists edits, deletion and return of a file, newest first, with their facts', async () => {
    await using scene = await makeGitScene({ unborn: true });
    await scene.write({ 'notes/a.md': '1' });
    const made = await commitAt(scene, '2026-01-01T10:00:00Z', 'made\nfolded\n\nbody');
    await scene.write({ 'notes/a.md': '2', 'notes/b.md': '2' });
    const edited = await commitAt(scene, '2026-01-02T10:00:00+05:00', 'edited "it" | tüchtig');
    await rm(join(scene.project, 'notes/a.md'));
    await commitAt(scene, '2026-01-03T10:00:00Z', 'deleted');
    await scene.write({ 'other.md': 'x' });
    await commitAt(scene, '2026-01-04T10:00:00Z', 'elsewhere');
    expect(await subjects(scene, 'notes/a.md')).toEqual(['deleted', 'edited "it" | tüchtig', 'made folded']);
    await scene.write({ 'notes/a.md': '3' });
    await commitAt(scene, '2026-01-05T10:00:00Z', 'returned');
    const versions = await listVersions(scene.open(), ['notes/a.md'], all);
    expect(versions.map(({ subject }) => subject)).toEqual(['returned', 'deleted', 'edited "it" | tüchtig', 'made folded']);
    expect(versions.slice(2)).toEqual([
      {
        ...{ commit: edited, atMs: Date.parse('2026-01-02T05:00:00Z'), subject: 'edited "it" | tüchtig', author: 'Ada' },
        ...{ paths: ['notes/a.md'], pathCount: 1 },
      },
      {
        commit: made,
        atMs: Date.parse('2026-01-01T10:00:00Z'),
        subject: 'made folded',
        author: 'Ada',
        paths: ['notes/a.md'],
        pathCount: 1,
      },
    ]);
    expect((await listVersions(scene.open(), ['notes/a.md'], { limit: 2 })).length).toBe(2);
    expect((await listVersions(scene.open(), ['notes/a.md'], { limit: 2, from: edited })).map(({ commit }) => commit)).toEqual([
      edited,
      made,
    ]);
    expect((await listVersions(scene.open(), ['notes'], all))[2]).toMatchObject({ paths: ['notes/a.md', 'notes/b.md'], pathCount: 2 });
  });

  it('takes the whole repository, several paths, none, and a branch without a commit', async () => {
    await using scene = await makeGitScene({ unborn: true });
    expect(await listVersions(scene.open(), [''], all)).toEqual([]);
    expect(await listVersions(scene.open(), ['notes'], { ...all, from: 'main' })).toEqual([]);
    for (const name of ['a', 'b', 'c']) {
      await scene.write({ [`${name}.md`]: name });
      await commitAt(scene, '2026-01-01T10:00:00Z', name);
    }
    await commitAt(scene, '2026-01-01T10:00:00Z', 'empty');
    expect(await subjects(scene, '')).toEqual(['c', 'b', 'a']);
    expect(await subjects(scene, 'a.md', '')).toEqual(['c', 'b', 'a']);
    expect(await subjects(scene, 'a.md', 'c.md', 'gone.md')).toEqual(['c', 'a']);
    expect(await subjects(scene)).toEqual([]);
    expect(await listVersions(scene.open(), [''], { ...all, from: '--all' })).toEqual([]);
    expect(await listVersions(scene.open(), [''], { ...all, from: '' })).toEqual([]);
    await scene.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
    await scene.git('commit', '--quiet', '-m', 'submodule');
    await scene.git('config', 'diff.ignoreSubmodules', 'all');
    expect(await listVersions(scene.open(), [''], { limit: 1 })).toMatchObject([{ subject: 'submodule', paths: ['sub'] }]);
  });

  it('follows merged branches, and tells with which merge a change came in', async () => {
    await using scene = await makeGitScene();
    await scene.git('switch', '--quiet', '-c', 'side');
    for (const day of [2, 3]) {
      await scene.write({ 'notes/a.md': `side ${day}` });
      await commitAt(scene, `2026-01-0${day}T00:00:00Z`, `side ${day}`);
    }
    await scene.git('switch', '--quiet', 'main');
    await scene.write({ 'other.md': 'x' });
    await commitAt(scene, '2026-01-04T00:00:00Z', 'elsewhere');
    await scene.git('merge', '--quiet', '-m', 'merged', 'side');
    const versions = await listVersions(scene.open(), ['notes/a.md'], all);
    expect(versions.map(({ subject, paths }) => [subject, ...paths])).toEqual([
      ['merged', 'notes/a.md'],
      ['side 3', 'notes/a.md'],
      ['side 2', 'notes/a.md'],
    ]);
    expect((await listVersions(scene.open(), ['notes/a.md'], { limit: 1 })).map(({ subject }) => subject)).toEqual(['merged']);
    expect((await listVersions(scene.open(), [''], { limit: 1 }))[0]?.paths).toEqual(['notes/a.md']);
  });

  it('lists what a merge has thrown away, below the merge that the branch is at', async () => {
    await using scene = await makeGitScene();
    await scene.git('switch', '--quiet', '-c', 'side');
    await scene.write({ 'README.md': 'thrown away' });
    await commitAt(scene, '2040-01-01T00:00:00Z', 'side');
    await scene.git('switch', '--quiet', 'main');
    await scene.git('merge', '--quiet', '--strategy=ours', '-m', 'kept ours', 'side');
    const versions = await listVersions(scene.open(), ['README.md'], all);
    expect(versions.map(({ subject, paths }) => [subject, ...paths])).toEqual([
      ['kept ours', 'README.md'],
      ['side', 'README.md'],
      ['first', 'README.md'],
    ]);
  });

  it('takes any name, and never as a pattern or an option', async () => {
    await using scene = await makeGitScene();
    const names = [
      '-rf',
      '--all',
      '*',
      ':(glob)**',
      ':(',
      ':!x',
      'a\nb',
      'a\r',
      '\nfirst',
      'ü-日本.md',
      '"quoted" \'too\'',
      ' space ',
      '[a]',
      'back\\slash',
      '#',
    ];
    await scene.write(Object.fromEntries(['bystander', 'a', 'x', 'first'].map((name) => [name, name])));
    await commitAt(scene, '2026-01-01T00:00:00Z', 'bystanders');
    for (const name of names) {
      await scene.write({ [name]: name, [`notes/${name}/deep`]: name });
      await commitAt(scene, '2026-01-02T00:00:00Z', 'own');
      await rm(join(scene.project, name));
      await commitAt(scene, '2026-01-03T00:00:00Z', 'removed');
    }
    for (const name of names) {
      const versions = await listVersions(scene.open(), [name], all);
      expect(versions.map(({ subject, paths }) => [subject, ...paths])).toEqual([
        ['removed', name],
        ['own', name],
      ]);
      expect((await listVersions(scene.open(), [`notes/${name}`], all)).map(({ paths }) => paths)).toEqual([[`notes/${name}/deep`]]);
    }
    expect((await listVersions(scene.open(), names, all)).length).toBe(2 * names.length);
  });

  it('takes names in any encoding, thousands of paths, and tells a hundred of a commit', async () => {
    await using scene = await makeGitScene();
    await mkdir(join(scene.project, 'notes'));
    await writeFile(Buffer.concat([Buffer.from(join(scene.project, 'notes/')), Buffer.from([0x66, 0xfc, 0x72])]), 'x');
    await commitAt(scene, '2026-01-01T00:00:00Z', 'bytes');
    expect(await listVersions(scene.open(), ['notes'], all)).toMatchObject([{ subject: 'bytes', paths: ['notes/f\ufffdr'], pathCount: 1 }]);
    const paths = Array.from({ length: 150 }, (_, number) => `many/${String(number).padStart(3, '0')}.md`);
    await scene.write(Object.fromEntries(paths.map((path) => [path, path])));
    await commitAt(scene, '2026-01-02T00:00:00Z', 'many');
    const [version] = await listVersions(scene.open(), ['many'], all);
    expect(version).toMatchObject({ paths: paths.slice(0, 100), pathCount: 150 });
    const long = Array.from({ length: 20_000 }, (_, number) => `absent/${'long name '.repeat(10)}${number}`);
    expect(await subjects(scene, ...long, 'many/149.md')).toEqual(['many']);
  });

  it("does not follow the person's own settings of their log", async () => {
    await using scene = await makeGitScene();
    await scene.git('mv', 'README.md', 'renamed.md');
    await commitAt(scene, '2026-01-02T00:00:00Z', 'renamed');
    const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----';
    const signed = (await scene.git('cat-file', 'commit', 'HEAD')).replace('\n\n', `\n${signature}\n\n`);
    await scene.git('reset', '--quiet', await feedGit(scene, `${signed}\n`, 'hash-object', '-t', 'commit', '-w', '--stdin'));
    await addHook(join(scene.project, '.git'), 'gpg', 'echo "gpg: good" >&2; echo "[GNUPG:] GOODSIG x"');
    await scene.git('config', 'gpg.program', join(scene.project, '.git/hooks/gpg'));
    expect(await scene.git('log', '-1', '--show-signature', '--format=%s')).toContain('gpg: good');
    await scene.write({ 'other.md': 'x' });
    await commitAt(scene, '2026-01-03T00:00:00Z', 'other');
    await scene.git('switch', '--quiet', '-c', 'side', 'HEAD~2');
    await scene.write({ 'README.md': 'thrown away' });
    await commitAt(scene, '2026-01-04T00:00:00Z', 'side');
    await scene.git('switch', '--quiet', 'main');
    await scene.git('merge', '--quiet', '--strategy=ours', '-m', 'kept ours', 'side');
    const settings = [
      'log.follow=true',
      'log.showRoot=false',
      'log.showSignature=true',
      'log.diffMerges=first-parent',
      'diff.renames=copies',
    ];
    for (const setting of [...settings, 'color.ui=always', 'log.decorate=full', 'format.pretty=raw', 'log.date=relative']) {
      await scene.git('config', ...(setting.split('=') as [string, string]));
    }
    expect(await listVersions(scene.open(), ['renamed.md'], all)).toMatchObject([
      { subject: 'kept ours', paths: ['renamed.md'] },
      { subject: 'renamed', paths: ['renamed.md'] },
    ]);
    const versions = (await listVersions(scene.open(), [''], all)).map(({ subject, paths }) => [subject, ...paths]);
    expect(versions.toSorted()).toEqual([
      ['first', 'README.md'],
      ['kept ours', 'README.md', 'other.md', 'renamed.md'],
      ['other', 'other.md'],
      ['renamed', 'README.md', 'renamed.md'],
      ['side', 'README.md'],
    ]);
  });

  it('reads a history whose names are more than a command may say, and does not show such a change', async () => {
    await using scene = await makeGitScene();
    const blob = await feedGit(scene, 'x', 'hash-object', '-w', '--stdin');
    const names = Array.from({ length: 6000 }, (_, number) => `${String(number).padStart(200, 'n')}`);
    let tree = await feedGit(scene, names.map((name) => `100644 blob ${blob}\t${name}\n`).join(''), 'mktree');
    for (let depth = 0; depth < 9; depth += 1) tree = await feedGit(scene, `040000 tree ${tree}\t${'d'.repeat(240)}\n`, 'mktree');
    for (const name of ['a', 'b', 'c']) {
      const root = await feedGit(scene, `040000 tree ${tree}\t${name}\n`, 'mktree');
      await scene.git('reset', '--quiet', '--soft', await scene.git('commit-tree', '-p', 'HEAD', '-m', name, root));
    }
    const versions = await listVersions(scene.open(), [''], all);
    expect(versions.map(({ subject, pathCount }) => [subject, pathCount])).toEqual([
      ['c', 12_000],
      ['b', 12_000],
      ['a', 6001],
      ['first', 1],
    ]);
    expect(await textDiff(scene.open(), 'HEAD', '')).toBe('\\ this change is too large to be shown\n');
  });
});

it('works beside another repository that the environment names', async () => {
  await using scene = await makeGitScene();
  await using decoy = await makeGitScene({ unborn: true });
  vi.stubEnv('HOME', scene.env.HOME);
  vi.stubEnv('GIT_DIR', join(decoy.project, '.git'));
  vi.stubEnv('GIT_WORK_TREE', decoy.project);
  vi.stubEnv('GIT_INDEX_FILE', join(decoy.project, '.git/index'));
  const git = openGit(scene.project, testPorts());
  const head = await scene.git('rev-parse', 'HEAD');
  expect((await listVersions(git, ['README.md'], all)).map(({ commit }) => commit)).toEqual([head]);
  expect(await resolveVersion(git, 'main', 'latest', 'UTC')).toBe(head);
  expect(await textDiff(git, 'HEAD', '')).toContain('+read me');
});
