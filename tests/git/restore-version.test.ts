import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commitAt, contentOf, day, makeRestoreScene, restore } from '../support/git-versions.ts';

describe('a file', () => {
  it('comes back as it was in a commit, under a new name or in a folder', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'one\n' });
    const commit = await commitAt(scene, day(1), 'one');
    await scene.write({ 'notes/a.md': 'two, longer\n' });
    await commitAt(scene, day(2), 'two');
    const git = scene.open();
    const target = join(scene.out, 'old.md');
    expect(await restore(git, { commit, path: 'notes/a.md', target })).toEqual({ path: target, files: 1, bytes: 4, skipped: 0 });
    expect(await restore(git, { path: './notes//a.md', target: scene.out })).toEqual({
      ...{ path: join(scene.out, 'a.md'), files: 1, bytes: 12, skipped: 0 },
    });
    expect(await contentOf(scene.out)).toEqual({ 'old.md': 'one\n', 'a.md': 'two, longer\n' });
    expect((await lstat(target)).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  it('comes back after it was deleted, executable where it was, and a link as a link', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'tools/run': '#!/bin/sh\n', 'tools/gone.md': 'gone\n' });
    await chmod(join(scene.project, 'tools/run'), 0o755);
    await symlink('../nowhere', join(scene.project, 'tools/link'));
    const commit = await commitAt(scene, day(1), 'all');
    await rm(join(scene.project, 'tools'), { recursive: true });
    await commitAt(scene, day(2), 'removed');
    for (const path of ['tools/run', 'tools/gone.md', 'tools/link']) await restore(scene.open(), { commit, path, target: scene.out });
    expect(await contentOf(scene.out)).toEqual({ run: '#!/bin/sh\n', 'gone.md': 'gone\n', link: '-> ../nowhere' });
    expect((await lstat(join(scene.out, 'run'))).mode & 0o111).not.toBe(0);
    expect((await lstat(join(scene.out, 'gone.md'))).mode & 0o111).toBe(0);
    const head = await scene.git('rev-parse', 'HEAD');
    await expect(restore(scene.open(), { path: 'tools/run', target: join(scene.out, 'x') })).rejects.toMatchObject({
      code: 'usage-invalid',
      message: `"tools/run" is not in the commit ${head.slice(0, 10)}`,
      hint: expect.stringContaining('nightjar git log'),
    });
  });

  it('replaces a file or a link only with force, and leaves it byte for byte without', async () => {
    await using scene = await makeRestoreScene();
    await symlink('nowhere', join(scene.project, 'link'));
    await commitAt(scene, day(1), 'link');
    const work = randomBytes(1000);
    for (const path of ['README.md', 'link']) {
      await writeFile(join(scene.out, path), work);
      const asked = { path, target: join(scene.out, path) };
      for (const target of [asked.target, scene.out]) {
        await expect(restore(scene.open(), { path, target })).rejects.toMatchObject({
          code: 'target-exists',
          message: `${asked.target} exists already and was left as it is`,
          hint: 'choose another name, or replace it with --force',
        });
        expect(await readFile(asked.target)).toEqual(work);
      }
      expect(await readdir(scene.out)).toEqual([path]);
      await restore(scene.open(), { ...asked, force: true });
      expect(await contentOf(scene.out)).toEqual(path === 'link' ? { link: '-> nowhere' } : { 'README.md': 'read me\n' });
      await rm(asked.target);
    }
    await writeFile(join(scene.root, 'elsewhere'), work);
    for (const [name, to] of [
      ['to-file', '../elsewhere'],
      ['to-nothing', 'nothing'],
    ] as const) {
      await symlink(to, join(scene.out, name));
      const asked = { path: 'README.md', target: join(scene.out, name) };
      await expect(restore(scene.open(), asked)).rejects.toMatchObject({ code: 'target-exists' });
      await restore(scene.open(), { ...asked, force: true });
    }
    expect(await contentOf(scene.out)).toEqual({ 'to-file': 'read me\n', 'to-nothing': 'read me\n' });
    expect(await readFile(join(scene.root, 'elsewhere'))).toEqual(work);
  });

  it('may have any name', async () => {
    await using scene = await makeRestoreScene();
    const names = [
      '-rf',
      '*',
      ':(glob)**',
      ':(',
      ':!x',
      'a\nb',
      'a\r',
      'ü-日本.md',
      '"quoted"',
      ' space ',
      '[a]',
      'back\\slash',
      '#',
      '--',
    ];
    await scene.write({ bystander: 'x', a: 'x' });
    const own = names.map((name, at) => [name, `${at}`] as const);
    for (const [name, content] of own) await scene.write({ [name]: content, [`deep/${name}/x`]: content });
    const commit = await commitAt(scene, day(1), 'names');
    for (const path of names) await restore(scene.open(), { commit, path, target: scene.out });
    expect(await contentOf(scene.out)).toEqual(Object.fromEntries(own));
    for (const [name, content] of own) {
      const target = join(scene.root, 'folder');
      await restore(scene.open(), { commit, path: `deep/${name}`, target });
      expect(await contentOf(target)).toEqual({ x: content });
      await rm(target, { recursive: true });
    }
  });

  it('may be larger than what a command may say', async () => {
    await using scene = await makeRestoreScene();
    const block = randomBytes(1_048_576);
    await writeFile(join(scene.project, 'large'), Buffer.concat(Array.from({ length: 80 }, () => block)));
    await scene.git('config', 'core.compression', '0');
    await commitAt(scene, day(1), 'large');
    const digest = async (path: string) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    expect(await restore(scene.open(), { path: 'large', target: scene.out })).toMatchObject({ files: 1, bytes: 80 * 1_048_576 });
    expect(await digest(join(scene.out, 'large'))).toBe(await digest(join(scene.project, 'large')));
  });
});

describe('a folder', () => {
  it('comes back whole, under a new name and in an empty folder', async () => {
    await using scene = await makeRestoreScene();
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`${at % 7}/${at % 3}/${at}.md`, `${at}\n`]));
    await scene.write(Object.fromEntries(Object.entries(files).map(([path, content]) => [`notes/deep/${path}`, content])));
    await scene.write({ 'notes/other.md': 'x', 'notes/deeper/y.md': 'y' });
    await symlink('../0', join(scene.project, 'notes/deep/1/link'));
    const commit = await commitAt(scene, day(1), 'many');
    await rm(join(scene.project, 'notes'), { recursive: true });
    await commitAt(scene, day(2), 'gone');
    const bytes = Object.values(files).join('').length + 4;
    await mkdir(join(scene.out, 'empty'));
    for (const name of ['new', 'empty']) {
      const target = join(scene.out, name);
      expect(await restore(scene.open(), { commit, path: 'notes/deep', target })).toEqual({ path: target, files: 301, bytes, skipped: 0 });
      const content = Object.entries(await contentOf(target)).filter(([path]) => !path.endsWith('/'));
      expect(Object.fromEntries(content)).toEqual({ ...files, '1/link': '-> ../0' });
    }
    expect((await readdir(scene.out)).toSorted()).toEqual(['empty', 'new']);
  });

  it('may be the whole repository, with names in any encoding and without its submodules', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'a' });
    await writeFile(Buffer.concat([Buffer.from(join(scene.project, 'notes/')), Buffer.from([0x66, 0xfc, 0x72])]), 'bytes');
    await mkdir(Buffer.concat([Buffer.from(join(scene.project, 'notes/')), Buffer.from([0xfc])]));
    await writeFile(Buffer.concat([Buffer.from(join(scene.project, 'notes/')), Buffer.from([0xfc]), Buffer.from('/x')]), 'deep');
    await scene.git('add', '.');
    await scene.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},notes/sub`);
    await scene.git('commit', '--quiet', '-m', 'submodule');
    await mkdir(join(scene.out, 'empty'));
    for (const name of ['new', 'empty']) {
      const target = join(scene.out, name);
      expect(await restore(scene.open(), { path: '', target })).toEqual({ path: target, files: 4, bytes: 18, skipped: 1 });
      const names = await readdir(join(target, 'notes'), 'latin1');
      expect(names.toSorted()).toEqual(['a.md', 'f\xfcr', '\xfc']);
      expect((await readdir(target)).toSorted()).toEqual(['README.md', 'notes']);
    }
    await expect(restore(scene.open(), { path: 'notes/sub', target: join(scene.out, 'sub') })).rejects.toMatchObject({
      code: 'usage-invalid',
      message: expect.stringContaining('"notes/sub" is a submodule'),
    });
    await scene.git('rm', '--quiet', '--cached', '-r', 'notes/a.md', 'notes');
    await scene.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},notes/sub`);
    await scene.git('commit', '--quiet', '-m', 'only a submodule');
    expect(await restore(scene.open(), { path: 'notes', target: join(scene.out, 'only') })).toMatchObject({ files: 0, skipped: 1 });
    expect(await contentOf(join(scene.out, 'only'))).toEqual({});
  });

  it('goes into a folder with something in it only with force, over what has the same name', async () => {
    await using scene = await makeRestoreScene();
    await scene.write({ 'notes/a.md': 'a', 'notes/deep/b.md': 'b', 'notes/deep/more/c.md': 'c' });
    await symlink('a.md', join(scene.project, 'notes/link'));
    await commitAt(scene, day(1), 'all');
    await mkdir(join(scene.out, 'deep'));
    await writeFile(join(scene.root, 'elsewhere'), 'elsewhere');
    await writeFile(join(scene.out, 'mine.md'), 'mine');
    await writeFile(join(scene.out, 'deep/mine.md'), 'mine');
    await writeFile(join(scene.out, 'link'), 'work');
    await symlink('../../elsewhere', join(scene.out, 'deep/b.md'));
    const before = await contentOf(scene.out);
    await expect(restore(scene.open(), { path: 'notes', target: scene.out })).rejects.toMatchObject({
      code: 'target-exists',
      message: `${scene.out} is a folder that is not empty, and was left as it is`,
      hint: expect.stringContaining('--force'),
    });
    expect(await contentOf(scene.out)).toEqual(before);
    expect(await restore(scene.open(), { path: 'notes', target: scene.out, force: true })).toEqual({
      ...{ path: scene.out, files: 4, bytes: 7, skipped: 0 },
    });
    expect(await contentOf(scene.out)).toEqual({
      ...{ 'mine.md': 'mine', 'deep/': '', 'deep/mine.md': 'mine', 'a.md': 'a', link: '-> a.md' },
      ...{ 'deep/b.md': 'b', 'deep/more/': '', 'deep/more/c.md': 'c' },
    });
    expect(await readFile(join(scene.root, 'elsewhere'), 'utf8')).toBe('elsewhere');
  });
});
