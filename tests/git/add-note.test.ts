import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addNote } from '../../electron/engine/operations/add-note.ts';
import { failureOf, makeStoreScene, type StoreScene } from '../support/store-scene.ts';

const note = (scene: StoreScene, file: string, text = 'text\n') => addNote(scene.engine, scene.job, { file, text });

/** Every name below the store. */
async function namesOf({ repository }: StoreScene): Promise<readonly string[]> {
  return (await readdir(join(repository.project, 'notes'), { recursive: true })).toSorted();
}

describe('addNote', () => {
  it('writes a file into the store, and asks for its backup', async () => {
    await using scene = await makeStoreScene();
    const places = {
      '2026-11-22.md': 'notes/2026-11-22.md',
      'notes/a.md': 'notes/a.md',
      'deep/er/a.md': 'notes/deep/er/a.md',
      './a//b.md': 'notes/a/b.md',
    };
    for (const [file, path] of Object.entries(places)) {
      expect(await note(scene, file, 'größer\n')).toMatchObject({ item: path, paths: [path], reason: 'noted', state: 'queued' });
      expect(await scene.repository.read(path)).toBe('größer\n');
      const { commits } = await scene.backUp();
      expect(await scene.repository.pathsOf(commits[0] ?? null)).toEqual([path]);
    }
    expect(await scene.commits()).toEqual(Object.values(places).map((path) => `back up ${path} (noted)`));
    expect(new Set(Object.values(scene.states()))).toEqual(new Set(['success']));
  });

  it('leaves nothing but the file', async () => {
    await using scene = await makeStoreScene();
    await note(scene, 'a.md');
    expect(await namesOf(scene)).toEqual(['a.md', 'kept.md']);
  });

  it('never takes the place of what is there', async () => {
    await using scene = await makeStoreScene();
    const { project, read, write } = scene.repository;
    await write({ 'notes/folder/x.md': 'x' });
    await symlink('nowhere.md', join(project, 'notes/link.md'));
    const before = await namesOf(scene);
    for (const file of ['kept.md', 'notes/kept.md', 'folder', 'link.md']) {
      expect(await failureOf(note(scene, file))).toMatchObject({ code: 'target-exists' });
    }
    expect([await namesOf(scene), await read('notes/kept.md'), scene.states()]).toEqual([before, 'kept\n', {}]);
  });

  it('lets one of many that come at once have the name, with its whole text', async () => {
    await using scene = await makeStoreScene();
    const texts = Array.from({ length: 8 }, (_, number) => `${number}`.repeat(100_000));
    const results = await Promise.allSettled(texts.map((text) => note(scene, 'a.md', text)));
    const winners = texts.filter((_, at) => results[at]?.status === 'fulfilled');
    expect(winners.length).toBe(1);
    expect(await scene.repository.read('notes/a.md')).toBe(winners[0]);
    const losses = results.flatMap((result) => (result.status === 'rejected' ? result.reason.code : []));
    expect([new Set(losses), await namesOf(scene)]).toEqual([new Set(['target-exists']), ['a.md', 'kept.md']]);
    await scene.backUp('everything');
    expect([scene.states(), await scene.repository.git('status', '--porcelain')]).toEqual([{ 'notes/a.md': 'success' }, '']);
  });

  it('refuses what cannot be a note, and writes nothing', async () => {
    await using scene = await makeStoreScene();
    const { project, root, write } = scene.repository;
    await write({ '.gitignore': '*.tmp\n' });
    await mkdir(join(root, 'outside'));
    await symlink(join(root, 'outside'), join(project, 'notes/out'));
    const before = await namesOf(scene);
    const refusals = {
      '': 'usage-invalid',
      '.': 'usage-invalid',
      '/etc/x.md': 'git-path-refused',
      '../x.md': 'git-path-refused',
      'notes/../../x.md': 'git-path-refused',
      '.operations/x.md': 'git-path-refused',
      'a/.delete-staging/x.md': 'git-path-refused',
      '.nightjar-x.tmp': 'git-path-refused',
      '.git/hooks/pre-commit': 'git-path-refused',
      '.GIT/config': 'git-path-refused',
      'ignored.tmp': 'git-path-refused',
      'out/x.md': 'git-path-refused',
    };
    const codes: Record<string, string> = {};
    for (const file of Object.keys(refusals)) codes[file] = (await failureOf(note(scene, file))).code;
    expect(codes).toEqual(refusals);
    expect([await namesOf(scene), await readdir(join(root, 'outside')), scene.states()]).toEqual([before, [], {}]);
  });

  it('refuses a note below a file', async () => {
    await using scene = await makeStoreScene();
    expect((await failureOf(note(scene, 'kept.md/x.md'))).code).toBe('target-refused');
    expect([await namesOf(scene), await scene.repository.read('notes/kept.md')]).toEqual([['kept.md'], 'kept\n']);
  });

  it('goes into the first of several stores', async () => {
    await using scene = await makeStoreScene();
    scene.setSource({ stores: ['books', 'notes'] });
    expect((await note(scene, 'a.md')).item).toBe('books/a.md');
    expect((await note(scene, 'notes/a.md')).item).toBe('notes/a.md');
    scene.setSource({ stores: [''] });
    expect((await note(scene, 'elsewhere/a.md')).item).toBe('elsewhere/a.md');
  });
});
