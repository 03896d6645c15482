import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillMessage } from '../../electron/engine/git/commit-paths.ts';
import { readStoreConfig } from '../../electron/engine/git/store-config-file.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const git = { enabled: true, remote: 'origin', branch: 'main', push: false, commitMessageTemplate: 'backup memory {memoryId}' };

interface Paths {
  readonly projectPath?: string;
  readonly storePath?: string;
  readonly databasePath?: string;
}

/** A folder with a project `data`, its store `data/storage`, and another folder `other`. */
async function makeScene() {
  const folder = await makeTempFolder();
  const at = (...names: readonly string[]) => join(folder.path, ...names);
  await mkdir(at('data', 'storage'), { recursive: true });
  await mkdir(at('other'));
  const file = at('store.json');
  return {
    at,
    file,
    /** Links at the first path to the second. */
    link: (from: string, to: string) => symlink(at(to), at(from)),
    /** Writes the configuration with these paths, and reads it. */
    async read(paths: Paths = {}) {
      const defaults = { projectPath: './data', storePath: './data/storage', databasePath: './.trauma/trauma.sqlite' };
      await writeFile(file, JSON.stringify({ ...defaults, ...paths, backup: { git } }));
      return readStoreConfig(file);
    },
    refusal: (...sentences: readonly string[]) => ({
      code: 'settings-invalid',
      message: `the paths in "${file}" cannot be used: ${sentences.join('; ')}`,
      hint: expect.stringContaining(folder.path),
    }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe('the file', () => {
  it('resolves to what a git job needs, from paths that begin at its folder', async () => {
    await using scene = await makeScene();
    const expected = {
      projectPath: scene.at('data'),
      storePath: 'storage',
      databasePath: scene.at('.trauma', 'trauma.sqlite'),
      git: { enabled: true, remote: 'origin', branch: 'main', push: false },
      message: 'backup memory {item}',
    };
    expect(await scene.read()).toEqual(expected);
    expect(await readStoreConfig(relative(process.cwd(), scene.file))).toEqual(expected);
    expect(fillMessage(expected.message, { item: 'n-1', reason: 'created' })).toBe('backup memory n-1');
  });

  it('takes absolute paths, and a store some folders deep', async () => {
    await using scene = await makeScene();
    const paths = { projectPath: scene.at('data'), storePath: scene.at('data', 'storage', 'a', 'b'), databasePath: scene.at('notes.db') };
    expect(await scene.read(paths)).toMatchObject({ ...paths, storePath: 'storage/a/b' });
  });

  it.each(['gone.json', 'gone/store.json', 'file/store.json'])('that is not there is refused: %s', async (name) => {
    await using scene = await makeScene();
    await writeFile(scene.at('file'), '');
    await expect(readStoreConfig(relative(process.cwd(), scene.at(name)))).rejects.toMatchObject({
      code: 'usage-invalid',
      message: `there is no file "${scene.at(name)}"`,
      hint: expect.stringContaining('JSON file'),
    });
  });

  it('that is a folder is refused', async () => {
    await using scene = await makeScene();
    await expect(readStoreConfig(scene.at('data'))).rejects.toMatchObject({
      code: 'settings-invalid',
      message: `"${scene.at('data')}" is a folder, not a configuration`,
      hint: expect.stringContaining('in it'),
    });
  });

  it('that may not be read is refused', async () => {
    await using scene = await makeScene();
    await scene.read();
    await chmod(scene.file, 0o000);
    // Root may read everything, and the folder of the scene is closed to everybody else.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(readStoreConfig(scene.file)).rejects.toMatchObject({
        code: 'settings-invalid',
        message: `the configuration "${scene.file}" cannot be read (EACCES)`,
        hint: expect.stringContaining('permissions'),
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('that is a link to itself is refused', async () => {
    await using scene = await makeScene();
    await scene.link('loop.json', 'loop.json');
    await expect(readStoreConfig(scene.at('loop.json'))).rejects.toMatchObject({
      code: 'settings-invalid',
      message: `the configuration "${scene.at('loop.json')}" cannot be read (ELOOP)`,
    });
  });

  it('that is not UTF-8 is refused, and a byte order mark is passed over', async () => {
    await using scene = await makeScene();
    const expected = await scene.read();
    const text = JSON.stringify({ projectPath: 'data', storePath: 'data/storage', databasePath: '.trauma/trauma.sqlite', backup: { git } });
    await writeFile(scene.file, `\ufeff${text}`);
    expect(await readStoreConfig(scene.file)).toEqual(expected);
    await writeFile(scene.file, Buffer.from(text.replace('.trauma', 'größe'), 'latin1'));
    const refusal = { code: 'settings-invalid', message: `the configuration "${scene.file}" is not UTF-8 text` };
    await expect(readStoreConfig(scene.file)).rejects.toMatchObject(refusal);
  });

  it('that is not JSON, or has another shape, is refused by its name', async () => {
    await using scene = await makeScene();
    await writeFile(scene.file, '{');
    const notJson = { code: 'settings-invalid', message: expect.stringContaining(`"${scene.file}" is not JSON: `) };
    await expect(readStoreConfig(scene.file)).rejects.toMatchObject(notJson);
    await writeFile(scene.file, '{}');
    const wrong = { code: 'settings-invalid', message: expect.stringContaining(`"${scene.file}" cannot be used: projectPath: it must be`) };
    await expect(readStoreConfig(scene.file)).rejects.toMatchObject(wrong);
  });

  it('refuses a home in short, which would become a folder named "~"', async () => {
    await using scene = await makeScene();
    await expect(scene.read({ projectPath: '~/data', storePath: '~/data/storage' })).rejects.toMatchObject({
      code: 'settings-invalid',
      message: expect.stringMatching(/projectPath: it begins with "~", .* in full; storePath: it begins with "~"/),
    });
  });
});

describe('the paths by their names', () => {
  it.each([
    ['the project itself', 'data', 'data/'],
    ['beside the project', 'data', 'other'],
    ['above the project', 'data', '.'],
    ['beside it with its name in front', 'data', 'data-old'],
  ])('a store that is %s is refused', async (_, projectPath, storePath) => {
    await using scene = await makeScene();
    const sentence = `storePath "${resolve(scene.at(storePath))}" must lie below projectPath "${scene.at(projectPath)}"`;
    await expect(scene.read({ projectPath, storePath, databasePath: '../notes.db' })).rejects.toMatchObject(scene.refusal(sentence));
  });

  it.each(['data/storage', 'data/storage/notes.db', 'data/storage/a/b/notes.db'])('a database at %s is refused', async (databasePath) => {
    await using scene = await makeScene();
    const sentence = `databasePath "${scene.at(databasePath)}" must lie outside storePath "${scene.at('data/storage')}"`;
    await expect(scene.read({ databasePath })).rejects.toMatchObject(scene.refusal(sentence));
  });

  it('a store and a database with dots in front of their names are taken', async () => {
    await using scene = await makeScene();
    const paths = { storePath: 'data/..notes', databasePath: 'data/..notes.db' };
    expect(await scene.read(paths)).toMatchObject({ storePath: '..notes', databasePath: scene.at('data/..notes.db') });
  });

  it('everything that is wrong is named at once', async () => {
    await using scene = await makeScene();
    await expect(scene.read({ storePath: 'other', databasePath: 'other/notes.db' })).rejects.toMatchObject(
      scene.refusal(
        `storePath "${scene.at('other')}" must lie below projectPath "${scene.at('data')}"`,
        `databasePath "${scene.at('other/notes.db')}" must lie outside storePath "${scene.at('other')}"`,
      ),
    );
  });
});

describe('the paths with links followed', () => {
  it('a store that leaves the project is refused, also below a part that is not there yet', async () => {
    await using scene = await makeScene();
    await scene.link('data/link', 'other');
    for (const tail of ['', '/new/notes']) {
      const sentence =
        `storePath "${scene.at('data/link')}${tail}" must lie below projectPath "${scene.at('data')}" ` +
        `also with links followed, which lead to "${scene.at('other')}${tail}" and "${scene.at('data')}"`;
      await expect(scene.read({ storePath: `data/link${tail}` })).rejects.toMatchObject(scene.refusal(sentence));
    }
  });

  it('a store that leads back to the project is refused', async () => {
    await using scene = await makeScene();
    await scene.link('data/link', 'data');
    await expect(scene.read({ storePath: 'data/link' })).rejects.toMatchObject({
      message: expect.stringContaining(`which lead to "${scene.at('data')}" and "${scene.at('data')}"`),
    });
  });

  it('a database in the store is refused, also where the store is the link, or a part is not there yet', async () => {
    await using scene = await makeScene();
    await scene.link('other/in', 'data/storage');
    await scene.link('data/link', 'data/storage');
    await writeFile(scene.at('data/storage/notes.db'), '');
    await scene.link('notes.db', 'data/storage/notes.db');
    const refused = async (storePath: string, databasePath: string, real: string) => {
      const sentence =
        `databasePath "${scene.at(databasePath)}" must lie outside storePath "${scene.at(storePath)}" ` +
        `also with links followed, which lead to "${scene.at('data/storage', real)}" and "${scene.at('data/storage')}"`;
      await expect(scene.read({ storePath, databasePath })).rejects.toMatchObject(scene.refusal(sentence));
    };
    await refused('data/storage', 'notes.db', 'notes.db');
    await refused('data/storage', 'other/in/notes.db', 'notes.db');
    await refused('data/storage', 'other/in/new/notes.db', 'new/notes.db');
    await refused('data/link', 'data/storage/new.db', 'new.db');
  });

  it('a project and a store through links are taken, the store as git has it', async () => {
    await using scene = await makeScene();
    await scene.link('alias', 'data');
    await scene.link('data/link', 'data/storage');
    const paths = { projectPath: 'alias', storePath: 'alias/link/new', databasePath: 'alias/notes.db' };
    expect(await scene.read(paths)).toMatchObject({
      projectPath: scene.at('alias'),
      storePath: 'storage/new',
      databasePath: scene.at('alias/notes.db'),
    });
  });

  it('nothing of it needs to be there', async () => {
    await using scene = await makeScene();
    const paths = { projectPath: 'new/project', storePath: 'new/project/notes', databasePath: 'new/db/notes.db' };
    expect(await scene.read(paths)).toMatchObject({
      projectPath: scene.at('new/project'),
      storePath: 'notes',
      databasePath: scene.at('new/db/notes.db'),
    });
  });

  it('links that lead nowhere or round in a circle are refused, with what else is wrong', async () => {
    await using scene = await makeScene();
    await scene.link('data/gone', 'nowhere');
    await scene.link('loop', 'loop');
    await expect(scene.read({ storePath: 'data/gone/notes', databasePath: 'loop' })).rejects.toMatchObject(
      scene.refusal(
        `storePath "${scene.at('data/gone/notes')}" goes through "${scene.at('data/gone')}", which leads nowhere`,
        `databasePath "${scene.at('loop')}" cannot be followed (ELOOP)`,
      ),
    );
    await expect(scene.read({ projectPath: 'loop', storePath: 'data/gone' })).rejects.toMatchObject(
      scene.refusal(
        `projectPath "${scene.at('loop')}" cannot be followed (ELOOP)`,
        `storePath "${scene.at('data/gone')}" leads nowhere`,
        `storePath "${scene.at('data/gone')}" must lie below projectPath "${scene.at('loop')}"`,
      ),
    );
  });
});
