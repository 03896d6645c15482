import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openGit } from '../../electron/engine/git/git.ts';
import { addHook, makeGitScene } from '../support/git-remote.ts';
import { commitAt, commitFiltered, contentOf, day, feedGit, makeRestoreScene, restore } from '../support/git-versions.ts';
import { testPorts } from '../support/test-engine.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a person', () => {
  it('finds their own work in the repository as it was', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'half.md': 'one\n', 'deleted.md': 'd', 'notes/a.md': 'a' });
    await commitAt(scene, day(1), 'all');
    await scene.write({ 'half.md': 'two\n', 'staged.md': 's' });
    await scene.git('add', '.');
    await scene.write({ 'half.md': 'three\n', 'README.md': 'unstaged\n', 'new.md': 'n' });
    await rm(join(scene.project, 'deleted.md'));
    const settings = [
      ['core.splitIndex', 'true'],
      ['index.version', '4'],
      ['core.untrackedCache', 'true'],
      ['feature.manyFiles', 'true'],
    ];
    for (const [name = '', value = ''] of settings) await scene.git('config', name, value);
    await scene.git('status');
    const state = async () => ({
      files: await contentOf(scene.project),
      status: await scene.git('status', '--porcelain'),
      refs: await scene.git('for-each-ref'),
    });
    const before = await state();
    await restore(scene.open(), { path: '', target: join(scene.out, 'all') });
    await restore(scene.open(), { commit: 'HEAD~1', path: 'README.md', target: scene.out });
    await expect(restore(scene.open(), { path: 'README.md', target: scene.out })).rejects.toMatchObject({ code: 'target-exists' });
    expect(await state()).toEqual(before);
    expect(before.status.split('\n').length).toBe(5);
    expect((await contentOf(join(scene.out, 'all')))['half.md']).toBe('one\n');
  });

  it('gets a file back into the project itself, and only that', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'a', 'notes/b.md': 'b' });
    await commitAt(scene, day(1), 'all');
    await scene.write({ 'notes/a.md': 'changed', 'notes/b.md': 'changed', 'notes/mine.md': 'mine' });
    await restore(scene.open(), { path: 'notes/a.md', target: join(scene.project, 'notes/a.md'), force: true });
    expect(await scene.git('status', '--porcelain')).toBe(' M notes/b.md\n?? notes/mine.md');
    await restore(scene.open(), { path: '', target: scene.project, force: true });
    expect(await scene.git('status', '--porcelain')).toBe('?? notes/mine.md');
  });

  it('works beside another repository that the environment names', async () => {
    await using scene = await makeRestoreScene();
    await using decoy = await makeGitScene();
    const before = await contentOf(decoy.root);
    vi.stubEnv('HOME', scene.env.HOME);
    vi.stubEnv('GIT_DIR', join(decoy.project, '.git'));
    vi.stubEnv('GIT_WORK_TREE', decoy.project);
    vi.stubEnv('GIT_INDEX_FILE', join(decoy.project, '.git/index'));
    await scene.write({ 'notes/a.md': 'ours' });
    await commitAt(scene, day(1), 'ours');
    await restore(openGit(scene.project, testPorts()), { path: 'notes', target: join(scene.out, 'notes') });
    expect(await contentOf(scene.out)).toEqual({ 'notes/': '', 'notes/a.md': 'ours' });
    expect(await contentOf(decoy.root)).toEqual(before);
  });
});

describe('a filter', () => {
  it.each([['false'], ['true']])('that fails ends it with its words, whether it is required or not: %s', async (required) => {
    await using scene = await makeRestoreScene();
    await commitFiltered(scene);
    await scene.git('config', 'filter.own.smudge', 'echo "the key is not there" >&2; exit 3');
    await scene.git('config', 'filter.own.required', required);
    for (const path of ['notes', 'notes/a.own', '']) {
      for (const force of [false, true]) {
        await expect(restore(scene.open(), { path, target: join(scene.out, 'x'), force })).rejects.toMatchObject({
          code: 'git-failed',
          message: expect.stringMatching(/^git checkout-index failed \(exit code 128\): the key is not there\n/),
        });
      }
    }
    await expect(restore(scene.open(), { path: 'notes', target: scene.out })).rejects.toMatchObject({ code: 'git-failed' });
    expect(await contentOf(scene.out)).toEqual({});
    await restore(scene.open(), { path: 'notes/b.md', target: scene.out });
  });

  it('that needs too long, or is stopped, leaves nothing', async () => {
    await using scene = await makeRestoreScene();
    await commitFiltered(scene);
    await scene.git('config', 'filter.own.smudge', 'echo > ../begun; sleep 100');
    const asked = { path: 'notes', target: join(scene.out, 'x') };
    await expect(restore(scene.open({ localLimitMs: 1000 }), asked)).rejects.toMatchObject({ code: 'timed-out' });
    await rm(join(scene.root, 'begun'), { force: true });
    const stop = new AbortController();
    const settled = expect(restore(scene.open({ signal: stop.signal }), asked)).rejects.toThrow('stop');
    await expect.poll(() => readFile(join(scene.root, 'begun'), 'utf8').catch(() => ''), { interval: 10, timeout: 60_000 }).toBe('\n');
    stop.abort(new Error('stop'));
    await settled;
    expect(await contentOf(scene.out)).toEqual({});
  });

  it('runs in the project as it does at a checkout, also where the file is not what it was afterwards', async () => {
    await using scene = await makeRestoreScene();
    await commitFiltered(scene);
    await scene.write({ "it's/smudge": '#!/bin/sh\ntr a-z A-Z\nprintf "%s" "$1"\n' });
    await chmod(join(scene.project, "it's/smudge"), 0o755);
    await scene.git('config', 'filter.own.smudge', `"./it's/smudge" %f`);
    await scene.git('config', 'filter.own.clean', `touch '${scene.root}/cleaned'; exit 1`);
    await scene.git('config', 'filter.own.required', 'true');
    await symlink('project', join(scene.root, "it's here"));
    const git = openGit(join(scene.root, "it's here"), testPorts(), { environment: scene.env });
    expect(await restore(git, { path: 'notes', target: join(scene.out, 'x') })).toMatchObject({ files: 2, bytes: 13 });
    expect(await contentOf(join(scene.out, 'x'))).toEqual({ 'a.own': 'Anotes/a.own', 'b.md': 'b' });
    expect(await readdir(scene.root)).not.toContain('cleaned');
  });

  it('that is not set up is passed over, and one that is a process may fail', async () => {
    await using scene = await makeRestoreScene();
    await commitFiltered(scene);
    await restore(scene.open(), { path: 'notes', target: join(scene.out, 'x') });
    expect(await contentOf(join(scene.out, 'x'))).toEqual({ 'a.own': 'a', 'b.md': 'b' });
    await scene.git('config', 'filter.own.process', 'test -f README.md && echo "no words" >&2');
    await scene.git('config', 'filter.own.required', 'true');
    await expect(restore(scene.open(), { path: 'notes', target: join(scene.out, 'y') })).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining('no words'),
    });
  });

  it('sees nothing of the restore in the repository', async () => {
    await using scene = await makeRestoreScene();
    await commitFiltered(scene);
    await scene.write({ 'notes/a.own': 'changed' });
    await scene.git(
      'config',
      'filter.own.smudge',
      'cat; unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE; git status --porcelain -uall > ../seen',
    );
    await restore(scene.open(), { path: 'notes', target: join(scene.project, 'notes'), force: true });
    expect(await readFile(join(scene.root, 'seen'), 'utf8')).toBe(' M notes/a.own\n');
    expect(await scene.git('status', '--porcelain')).toBe('');
  });
});

describe('what comes out', () => {
  it('has the attributes of its own commit, and passes the comparison whatever they are', async () => {
    await using scene = await makeRestoreScene();
    const attributes = [
      'old.txt text',
      'crlf.txt text eol=crlf',
      'id.txt ident',
      'wide.txt working-tree-encoding=UTF-16LE-BOM',
      'auto.txt text=auto',
    ];
    const text = `${attributes.join('\n')}\n`;
    await scene.write({
      'notes/.gitattributes': text,
      'notes/auto.txt': 'x\n',
      'notes/plain.txt': 'x\r\ny\n',
      'notes/crlf.txt': 'x\n',
      'notes/id.txt': '$Id$',
    });
    await writeFile(join(scene.project, 'notes/wide.txt'), Buffer.from('\ufeffwide', 'utf16le'));
    await commitAt(scene, day(1), 'attributes');
    // As it was before it had the attribute: git would not take it in like this any more.
    const old = await feedGit(scene, 'x\r\ny\r\n', 'hash-object', '-w', '--stdin');
    await scene.git('update-index', '--add', '--cacheinfo', `100644,${old},notes/old.txt`);
    await scene.git('commit', '--quiet', '-m', 'old');
    const commit = await scene.git('rev-parse', 'HEAD');
    await scene.git('rm', '--quiet', 'notes/.gitattributes');
    await scene.write({ '.gitattributes': 'plain.txt text eol=crlf\n' });
    await commitAt(scene, day(2), 'others');
    const expected = {
      ...{ 'old.txt': 'x\r\ny\r\n', 'plain.txt': 'x\r\ny\n', 'auto.txt': 'x\n', 'crlf.txt': 'x\r\n', '.gitattributes': text },
      ...{ 'wide.txt': '\xff\xfew\0i\0d\0e\0', 'id.txt': `$Id: ${await scene.git('rev-parse', `${commit}:notes/id.txt`)} $` },
    };
    for (const setting of ['false', 'input', 'true']) {
      await scene.git('config', 'core.autocrlf', setting);
      await restore(scene.open(), { commit, path: 'notes', target: join(scene.out, setting) });
      const withCr = setting === 'true' ? { 'auto.txt': 'x\r\n', '.gitattributes': text.replaceAll('\n', '\r\n') } : {};
      expect(await contentOf(join(scene.out, setting))).toEqual({ ...expected, ...withCr });
    }
  });

  it('is refused where it is not what was committed', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'good', 'notes/b.md': 'fine' });
    await commitAt(scene, day(1), 'all');
    const id = createHash('sha1').update('blob 4\0good').digest('hex');
    const object = join(scene.project, '.git/objects', id.slice(0, 2), id.slice(2));
    await chmod(object, 0o644);
    await writeFile(object, deflateSync('blob 4\0evil'));
    for (const path of ['notes', 'notes/a.md', '']) {
      await expect(restore(scene.open(), { path, target: join(scene.out, 'x') })).rejects.toMatchObject({
        code: 'digest-mismatch',
        message: 'notes/a.md did not come out as it was committed',
        hint: expect.stringContaining('git fsck'),
      });
    }
    await rm(object);
    await expect(restore(scene.open(), { path: 'notes', target: join(scene.out, 'x') })).rejects.toMatchObject({
      code: 'git-failed',
      message: expect.stringContaining(id),
    });
    expect(await contentOf(scene.out)).toEqual({});
    await restore(scene.open(), { path: 'notes/b.md', target: scene.out });
  });

  it('is all of it in a sparse checkout, and no hook runs', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'a', 'other/b.md': 'b' });
    await commitAt(scene, day(1), 'all');
    await scene.git('sparse-checkout', 'set', '--sparse-index', 'notes');
    for (const hook of ['post-index-change', 'post-checkout']) await addHook(join(scene.project, '.git'), hook, 'touch ../ran');
    await restore(scene.open({ hooks: true }), { path: '', target: join(scene.out, 'x') });
    expect(await contentOf(scene.root)).not.toHaveProperty('ran');
    expect(await contentOf(join(scene.out, 'x'))).toEqual({
      ...{ 'README.md': 'read me\n', 'notes/': '', 'notes/a.md': 'a', 'other/': '', 'other/b.md': 'b' },
    });
  });
});
