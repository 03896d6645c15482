import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { watchTrouble } from '../../electron/engine/git/store-watcher.ts';
import { canLimitWatches, makeWatchScene, runWatching, withFewWatches } from '../support/watch-scene.ts';

describe('watchStore has trouble', () => {
  it.each(['../outside', '/absolute'])('with the store path %s', async (path) => {
    await using scene = await makeWatchScene();
    await expect(scene.watch('notes', path)).rejects.toMatchObject({ code: 'git-path-refused' });
  });

  it('with a project that cannot be watched, and says so once', async () => {
    await using scene = await makeWatchScene({ projectPath: join(tmpdir(), 'x'.repeat(300)) });
    await scene.watch('notes', 'notes/a', 'other');
    expect(scene.troubles).toMatchObject([
      {
        code: 'source-unreadable',
        message: expect.stringMatching(/^some changes in .*x may go unnoticed: it cannot be watched \(ENAMETOOLONG\)$/),
      },
    ]);
  });

  it.runIf(canLimitWatches())('when the system has no more watches, says so once, and tells the rest', async () => {
    await using scene = await makeWatchScene();
    await scene.write(...Array.from({ length: 30 }, (_, at) => `notes/${at}/old`));
    const script = `
      const watcher = await start();
      fs.writeFileSync(at('notes/new'), '');
      await until('notes/new');
      await watcher.close();`;
    expect(await runWatching(scene.root, script, withFewWatches)).toEqual(['trouble source-unreadable ENOSPC', 'told notes/new']);
  });

  it.runIf(canLimitWatches())('with nothing beside the store', async () => {
    await using scene = await makeWatchScene();
    await scene.write(...Array.from({ length: 30 }, (_, at) => `node_modules/${at}/file`), 'notes/.git/objects/file', 'notes/old');
    const script = `
      const watcher = await start();
      fs.writeFileSync(at('notes/new'), '');
      await until('notes/new');
      await watcher.close();`;
    expect(await runWatching(scene.root, script, withFewWatches)).toEqual(['told notes/new']);
  });

  it.runIf(process.platform !== 'win32')('with nothing that it may not read', async () => {
    await using scene = await makeWatchScene();
    await chmod(scene.folder.path, 0o755);
    await scene.write('notes/blind', 'notes/secret/old', 'notes/locked/old');
    const script = `
      if (process.getuid() === 0) {
        for (const path of ['', ...fs.readdirSync(projectPath, { recursive: true })]) fs.chownSync(at(path), 65534, 65534);
        process.seteuid(65534);
      }
      fs.chmodSync(at('notes/secret'), 0);
      fs.chmodSync(at('notes/blind'), 0);
      const watcher = await start();
      fs.writeFileSync(at('notes/locked/old'), 'more');
      fs.chmodSync(at('notes/locked'), 0);
      fs.chmodSync(at('notes/blind'), 0o200);
      await until('notes/blind');
      fs.writeFileSync(at('notes/new'), '');
      await until('notes/new');
      await watcher.close();
      for (const path of ['notes/secret', 'notes/locked']) fs.chmodSync(at(path), 0o700);`;
    const told = await runWatching(scene.root, script);
    expect(told.filter((line) => line.startsWith('trouble'))).toEqual([]);
    expect(told.at(-1)).toBe('told notes/new');
  });

  it.each([
    ['ENOSPC', 'the system does not let any more folders be watched', 'fs.inotify.max_user_watches'],
    ['EMFILE', 'too many files are open, or too many programs watch folders', 'fs.inotify.max_user_instances'],
    ['ENFILE', 'too many files are open, or too many programs watch folders', 'ulimit -n'],
    ['EIO', 'it cannot be watched (EIO)', 'check its folders'],
    [undefined, 'it cannot be watched (for an unknown reason)', 'check its folders'],
  ])('of the kind %s, and a hint for it', (code, why, hint) => {
    const cause = Object.assign(new Error('words'), code === undefined ? {} : { code });
    expect(watchTrouble('/project', cause)).toMatchObject({
      code: 'source-unreadable',
      message: `some changes in /project may go unnoticed: ${why}`,
      hint: expect.stringContaining(hint),
      cause,
    });
  });
});
