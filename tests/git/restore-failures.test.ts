import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { commitAt, commitFiltered, contentOf, day, makeRestoreScene, type Restore, restore } from '../support/git-versions.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const run = promisify(execFile);

describe('what is in the way', () => {
  it.each([
    ['a folder, of a file', 'notes/deep', async (out: string) => mkdir(join(out, 'a.md'))],
    ['a folder, of a file further down', 'notes', async (out: string) => mkdir(join(out, 'deep/a.md'), { recursive: true })],
    ['a file, of a folder', 'notes', async (out: string) => writeFile(join(out, 'deep'), 'work')],
    ['a link to a folder outside, of a folder', 'notes', async (out: string) => symlink('../elsewhere', join(out, 'deep'))],
    ['a pipe, of a file', 'notes', async (out: string) => run('mkfifo', [join(out, 'z.md')])],
  ])('is refused before anything is changed: %s', async (_, path, block) => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/0.md': 'new', 'notes/deep/0.md': 'new', 'notes/deep/a.md': 'new', 'notes/z.md': 'new' });
    await scene.write({ '.gitattributes': '*.md filter=own\n' });
    await commitAt(scene, day(1), 'all');
    // Nothing is even written where it is known from the beginning.
    await scene.git('config', 'filter.own.smudge', 'touch ../written; cat');
    await mkdir(join(scene.root, 'elsewhere'));
    await writeFile(join(scene.out, '0.md'), 'work');
    await block(scene.out);
    const before = await contentOf(scene.root);
    await expect(restore(scene.open(), { path, target: scene.out, force: true })).rejects.toMatchObject({
      code: 'target-refused',
      message: expect.stringMatching(
        / is (?:a folder|a file|a link|neither a file nor a folder), and a (?:file|folder) would have to go there/,
      ),
    });
    expect(await contentOf(scene.root)).toEqual(before);
  });

  it('is refused: a file under the name of a folder, and a folder that a file is to be called as', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'new' });
    await commitAt(scene, day(1), 'all');
    await mkdir(join(scene.out, 'a.md'));
    await writeFile(join(scene.out, 'file'), 'work');
    await symlink('nowhere', join(scene.out, 'link'));
    const before = await contentOf(scene.root);
    for (const force of [false, true]) {
      for (const [path, target] of [
        ['notes', 'file'],
        ['notes', 'link'],
        ['notes/a.md', '.'],
      ] as const) {
        const code = 'target-refused';
        await expect(restore(scene.open(), { path, target: join(scene.out, target), force })).rejects.toMatchObject({ code });
      }
    }
    expect(await contentOf(scene.root)).toEqual(before);
  });

  it.each([
    ['a file', 'notes/a.own', 'echo work > ../out/a.own', 'a.own', 'target-exists', { 'a.own': 'work\n' }],
    ['a file in an empty folder', 'notes', 'echo work > ../out/b.md', '.', 'target-exists', { 'b.md': 'work\n' }],
    [
      'a folder',
      'notes',
      'mkdir ../out/notes; echo work > ../out/notes/b.md',
      'notes',
      'target-exists',
      { 'notes/': '', 'notes/b.md': 'work\n' },
    ],
    ['a file for a folder', 'notes', 'echo work > ../out/notes', 'notes', 'target-exists', { notes: 'work\n' }],
    ['a folder for a file', 'notes/a.own', 'mkdir ../out/a.own', 'a.own', 'target-exists', { 'a.own/': '' }],
    ['a folder for a forced file', 'notes/a.own', 'mkdir ../out/a.own', 'a.own', 'target-refused', { 'a.own/': '' }],
  ] as const)('stays where it comes while the files are written: %s', async (_, path, command, target, code, left) => {
    await using scene = await makeRestoreScene();
    await commitFiltered(scene);
    await scene.git('config', 'filter.own.smudge', `${command}; cat`);
    const asked = { path, target: join(scene.out, target), force: code === 'target-refused' };
    await expect(restore(scene.open(), asked)).rejects.toMatchObject({ code });
    expect(await contentOf(scene.out)).toEqual(left);
  });
});

describe('a target', () => {
  it('needs a folder to be in', async () => {
    await using scene = await makeRestoreScene();
    await writeFile(join(scene.out, 'file'), 'work');
    for (const name of ['gone/a.md', 'gone/deep/a.md', 'file/a.md']) {
      for (const path of ['README.md', '']) {
        await expect(restore(scene.open(), { path, target: join(scene.out, name), force: true })).rejects.toMatchObject({
          code: 'target-refused',
          message: `there is no folder ${join(scene.out, name, '..')} to restore into`,
          hint: 'make it first, or choose another',
        });
      }
    }
    expect(await contentOf(scene.out)).toEqual({ file: 'work' });
  });

  it("is never in a folder of git's own", async () => {
    await using scene = await makeRestoreScene();
    await scene.git('worktree', 'add', '--quiet', join(scene.root, 'linked'));
    await scene.git('init', '--quiet', '--separate-git-dir', join(scene.root, 'apart'), join(scene.root, 'work'));
    await mkdir(join(scene.out, 'x/.GIT/y'), { recursive: true });
    await symlink('../project/.git', join(scene.out, 'link'));
    await symlink('../project/.git/refs', join(scene.out, 'refs'));
    const before = await contentOf(scene.root);
    const targets = [
      'project/.git',
      'project/.git/README.md',
      'project/.git/refs/heads/x',
      'project/.git/hooks',
      'remote.git',
      'remote.git/x',
    ];
    targets.push(
      'linked/.git',
      'apart',
      'apart/x',
      'out/x/.GIT/y/z',
      'out/x/.git',
      'out/link',
      'out/link/x',
      'out/link/objects',
      'out/refs',
      'out/refs/x',
      'out/.git',
    );
    for (const name of targets) {
      for (const path of ['README.md', '']) {
        const asked: Restore = { path, target: join(scene.root, name), force: true };
        const code = await restore(scene.open(), asked).then(
          () => 'restored',
          (error: { code: string }) => error.code,
        );
        expect([name, path, code]).toEqual([name, path, 'target-refused']);
      }
    }
    expect(await contentOf(scene.root)).toEqual(before);
  });

  it('is not replaced where it is the project itself', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'README.md': 'work' });
    const { path } = await restore(scene.open(), { path: 'README.md', target: scene.project, force: true });
    expect(path).toBe(join(scene.project, 'README.md'));
    expect(await scene.git('status', '--porcelain')).toBe('');
  });

  it('on a full disk is left without a trace', async ({ skip }) => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/large.md': 'x'.repeat(2_000_000), 'notes/small.md': 'x' });
    await commitAt(scene, day(1), 'large');
    const disk = await mountSmallDisk(join(scene.root, 'disk'), 1_048_576);
    if (typeof disk === 'string') skip(disk);
    else {
      await using _ = disk;
      for (const path of ['notes', 'notes/large.md']) {
        await expect(restore(scene.open(), { path, target: join(scene.root, 'disk/x') })).rejects.toMatchObject({
          code: 'disk-full',
          message: `the disk of ${join(scene.root, 'disk/x')} is full`,
        });
      }
      expect(await contentOf(join(scene.root, 'disk'))).toEqual({});
      await restore(scene.open(), { path: 'notes/small.md', target: join(scene.root, 'disk/x') });
    }
  });

  it('takes no text for an option, and no path that leads out', async () => {
    await using scene = await makeRestoreScene();
    const codeOf = (asked: Partial<Restore>) => expect(restore(scene.open(), { path: '', target: join(scene.out, 'x'), ...asked })).rejects;
    await codeOf({ commit: '--all' }).toMatchObject({ code: 'usage-invalid' });
    await codeOf({ commit: 'nonsense' }).toMatchObject({ code: 'usage-invalid' });
    await codeOf({ path: '../project' }).toMatchObject({ code: 'git-path-refused' });
    await codeOf({ path: '/etc' }).toMatchObject({ code: 'git-path-refused' });
    await codeOf({ path: 'READ*' }).toMatchObject({ code: 'usage-invalid' });
    expect(await contentOf(scene.out)).toEqual({});
  });
});
