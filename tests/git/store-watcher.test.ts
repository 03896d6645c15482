import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, chmod, lstat, mkdir, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import type { Clock } from '../../electron/engine/ports.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { limitMs, makeWatchScene, observedClock, runWatching } from '../support/watch-scene.ts';

const isPosix = process.platform !== 'win32';

describe('watchStore tells', () => {
  it('what is written, changed and deleted, and nothing else', async () => {
    await using scene = await makeWatchScene();
    await scene.write('notes/old.md', 'notes/deep/older.md', 'other/old.md', 'notes.md');
    await scene.watch('notes');
    await scene.write('other/new.md', 'notes.md', 'README.md', 'notes/new.md', 'notes/deep/er/new.md');
    await scene.until('+notes/new.md', '+notes/deep/er/new.md');
    await appendFile(join(scene.root, 'notes/old.md'), 'more');
    await scene.until('+notes/old.md');
    await rm(join(scene.root, 'notes/deep/older.md'));
    await scene.until('-notes/deep/older.md');
    const paths = ['notes/deep/er/new.md', 'notes/deep/older.md', 'notes/new.md', 'notes/old.md', 'notes/rest'];
    expect(await scene.untilRest('notes/rest')).toEqual(paths);
  });

  it('names of every kind', async () => {
    await using scene = await makeWatchScene();
    const onPosix = isPosix ? ['new\nline', 'a\\b', '*?'] : [];
    const names = ['-dash', ' a space ', 'nfc-\u00e9', 'nfd-e\u0301', '日本', 'draft~', '.a.swp', '#x#', ...onPosix];
    await scene.write('notes/-folder/first');
    await scene.watch('notes');
    const paths = names.flatMap((name) => [`notes/${name}`, `notes/-folder/${name}`]);
    await scene.write(...paths);
    await scene.until(...paths.map((path) => `+${path}`));
    for (const path of paths) await rm(join(scene.root, path));
    await scene.until(...paths.map((path) => `-${path}`));
    expect(await scene.untilRest('notes/rest')).toEqual([...paths, 'notes/rest'].toSorted());
  });

  it('a whole project, but nothing internal to git or to a store', async () => {
    await using scene = await makeWatchScene();
    await scene.write('.git/config', 'notes/.git/config', 'notes/.operations/a', 'a/b', 'module/a');
    await scene.watch('');
    await scene.write('.git/index', 'notes/.git/index', 'notes/.GIT/x', 'notes/.operations/x', 'a/.delete-staging/x', 'module/.git');
    await rm(join(scene.root, '.git'), { recursive: true });
    await scene.write('.gitignore', 'notes/last');
    await scene.until('+notes/last', '+.gitignore');
    expect(await scene.untilRest('rest')).toEqual(['.gitignore', 'notes/last', 'rest']);
  });

  it('single files', async () => {
    await using scene = await makeWatchScene();
    await scene.write('a.md', 'a.md.txt', 'b/c.md');
    await scene.watch('a.md', 'b/c.md', 'b/d.md');
    await scene.write('a.md.txt', 'b/e.md', 'a.md', 'b/c.md', 'b/d.md');
    await scene.until('+a.md', '+b/c.md', '+b/d.md');
    await rm(join(scene.root, 'b'), { recursive: true });
    await scene.until('-b/c.md', '-b/d.md');
    await scene.write('b/c.md');
    await scene.until('+b/c.md');
    expect(await scene.untilRest('a.md')).toEqual(['a.md', 'b/c.md', 'b/d.md']);
  });

  it('what appears below a store path that is not there, is deleted, or loses a folder above it', async () => {
    await using scene = await makeWatchScene();
    await scene.watch('deep/er/store');
    const at = (path: string) => join(scene.root, path);
    const untilThere = () => scene.until('+deep/er/store/a', '+deep/er/store/b/c');
    const untilGone = () => scene.until('-deep/er/store/a', '-deep/er/store/b/c');
    await scene.write('deep/other', 'deep/er/store/a', 'deep/er/store/b/c');
    await untilThere();
    for (const lost of ['deep/er/store', 'deep/er', 'deep']) {
      await rm(at(lost), { recursive: true });
      await untilGone();
      await scene.write('deep/er/store/a', 'deep/er/store/b/c');
      await untilThere();
      await rename(at(lost), at('moved'));
      await untilGone();
      await rename(at('moved'), at(lost));
      await untilThere();
    }
    await rename(scene.root, join(scene.folder.path, 'away'));
    await untilGone();
    await scene.write('deep/er/store/b/c');
    await scene.until('+deep/er/store/b/c');
    expect(await scene.untilRest('deep/er/store/a')).toEqual(['deep/er/store/a', 'deep/er/store/b/c']);
  });

  it('what appears in a project that is not there yet, and when that is deleted and made again', async () => {
    await using folder = await makeTempFolder();
    const projectPath = join(folder.path, 'not/there/project');
    await using scene = await makeWatchScene({ projectPath });
    await scene.watch('notes');
    for (const path of ['first', 'second', 'third']) {
      await mkdir(join(projectPath, 'notes'), { recursive: true });
      await writeFile(join(projectPath, 'notes', path), path);
      await scene.until(`+notes/${path}`);
      await rm(join(folder.path, 'not'), { recursive: true });
      await scene.until(`-notes/${path}`);
    }
  });

  it('every file of a folder that is renamed or deleted, and what is written in it afterwards', async () => {
    await using scene = await makeWatchScene();
    await scene.write('notes/a/1', 'notes/a/b/2', 'notes/x/3');
    await scene.watch('notes');
    await rename(join(scene.root, 'notes/a'), join(scene.root, 'notes/z'));
    await scene.until('+notes/z/1', '+notes/z/b/2', '-notes/a/1', '-notes/a/b/2');
    await scene.write('notes/z/b/2', 'notes/z/b/new', 'notes/a/1');
    await scene.until('+notes/a/1', '+notes/z/b/2', '+notes/z/b/new');
    await rm(join(scene.root, 'notes/z'), { recursive: true });
    await scene.until('-notes/z/1', '-notes/z/b/2', '-notes/z/b/new');
    const paths = ['notes/a/1', 'notes/a/b/2', 'notes/rest', 'notes/z/1', 'notes/z/b/2', 'notes/z/b/new'];
    expect(await scene.untilRest('notes/rest')).toEqual(paths);
  });

  it('a link as a link, and nothing behind it', async () => {
    await using scene = await makeWatchScene();
    const outside = join(scene.folder.path, 'outside');
    await mkdir(outside);
    await scene.write('notes/a', 'target/b');
    await symlink(outside, join(scene.root, 'notes/link'));
    await scene.watch('notes');
    await writeFile(join(outside, 'unseen'), '');
    await symlink('../target', join(scene.root, 'notes/folder'));
    await symlink('nowhere', join(scene.root, 'notes/dangling'));
    await scene.write('target/unseen');
    await scene.until('+notes/folder', '+notes/dangling');
    await rm(join(scene.root, 'notes/link'));
    await symlink('a', join(scene.root, 'notes/link'));
    await rm(join(scene.root, 'notes/dangling'));
    await writeFile(join(outside, 'unseen, too'), '');
    await scene.until('+notes/link', '-notes/dangling');
    expect(await scene.untilRest('notes/rest')).toEqual(['notes/dangling', 'notes/folder', 'notes/link', 'notes/rest']);
  });

  it('what is in a project that is given as a link', async () => {
    await using scene = await makeWatchScene();
    const projectPath = join(scene.folder.path, 'link');
    await symlink(scene.root, projectPath);
    await using linked = await makeWatchScene({ projectPath });
    await linked.watch('notes');
    await scene.write('notes/a');
    await linked.until('+notes/a');
  });

  it.runIf(isPosix)('a change of nothing but the mode, also of a file that was told before', async () => {
    await using scene = await makeWatchScene();
    await scene.write('notes/old', 'moved/in');
    await scene.watch('notes');
    await scene.write('notes/new');
    await rename(join(scene.root, 'moved'), join(scene.root, 'notes/moved'));
    const paths = ['notes/new', 'notes/moved/in'];
    await scene.until(...paths.map((path) => `+${path}`));
    for (const path of ['notes/old', ...paths]) await chmod(join(scene.root, path), 0o755);
    await scene.until('+notes/old', ...paths.map((path) => `+${path}`));
  });

  it('a change that leaves size and time as they were', async () => {
    await using scene = await makeWatchScene();
    await scene.watch('notes');
    await scene.write('notes/a');
    await scene.until('+notes/a');
    const path = join(scene.root, 'notes/a');
    const { atime, mtime } = await lstat(path);
    await utimes(path, atime, mtime);
    await scene.until('+notes/a');
    const file = await open(path, 'r+');
    await file.write('N');
    await file.utimes(atime, mtime);
    await file.close();
    await scene.until('+notes/a');
  });
});

describe('watchStore waits', () => {
  it('while a file moves, though not longer than the longest time, and tells it again when it is quiet', async () => {
    await using scene = await makeWatchScene({ quietMs: 500, longestMs: 2000 });
    await scene.write('notes/log');
    const path = join(scene.root, 'notes/log');
    await scene.watch('notes');
    const startMs = systemClock.now();
    let lastMs = startMs;
    let longestPauseMs = 0;
    const append = () => {
      longestPauseMs = Math.max(longestPauseMs, systemClock.now() - lastMs);
      lastMs = systemClock.now();
      appendFileSync(path, 'line\n');
    };
    const stop = systemClock.every(20, append);
    try {
      await scene.until('+notes/log');
      // Where the machine is so busy that the writer pauses, its file is quiet.
      if (longestPauseMs < 500) expect(systemClock.now() - startMs).toBeGreaterThanOrEqual(2000);
    } finally {
      stop();
    }
    append();
    await scene.until('+notes/log');
  });

  it('for what takes the place of another file, and does not mind files that come and go', async () => {
    await using scene = await makeWatchScene({ quietMs: 300 });
    const at = (path: string) => join(scene.root, path);
    await scene.write('notes/saved');
    await scene.watch('notes');
    // Without a pause, so that nothing of it is quiet on its way.
    writeFileSync(at('notes/saved.tmp'), 'new');
    renameSync(at('notes/saved.tmp'), at('notes/saved'));
    writeFileSync(at('notes/passing'), 'passing');
    rmSync(at('notes/passing'));
    await scene.until('+notes/saved');
    await scene.untilRest('notes/rest');
    const times = (path: string) => scene.calls.flat().filter((told) => told === path).length;
    expect(times('notes/saved')).toBe(1);
    for (const gone of ['notes/saved.tmp', 'notes/passing']) expect(times(gone)).toBeLessThanOrEqual(1);
  });

  it('for thousands of files at once, and tells each of them, in order', async () => {
    await using scene = await makeWatchScene();
    await scene.write('notes/old');
    await scene.watch('notes');
    const names = Array.from({ length: 5000 }, (_, at) => `file ${at}`);
    await scene.write('moved/old');
    await Promise.all(names.map((name) => writeFile(join(scene.root, 'moved', name), name)));
    await rename(join(scene.root, 'moved'), join(scene.root, 'notes/moved'));
    await scene.until('+notes/moved/old', ...names.map((name) => `+notes/moved/${name}`));
    // Nobody writes them any more, so that once is enough.
    expect(scene.calls.flat()).toHaveLength(5001);
    await Promise.all(names.map((name) => writeFile(join(scene.root, 'notes', name), name)));
    await scene.until(...names.map((name) => `+notes/${name}`));
    for (const paths of scene.calls) expect(paths).toEqual([...new Set(paths)].toSorted());
  });

  it('with one timer, and without any while nothing happens', async () => {
    const clock = observedClock();
    await using scene = await makeWatchScene({ ports: { clock } });
    await scene.write('notes/old');
    await scene.watch('notes');
    expect(clock.sleeps).toBe(0);
    const paths = Array.from({ length: 100 }, (_, at) => `notes/${at}`);
    await scene.write(...paths);
    await scene.until(...paths.map((path) => `+${path}`));
    await vi.waitFor(() => expect(clock.sleeping).toBe(0), limitMs);
    expect(clock.sleeps).toBeGreaterThan(0);
    expect(clock.mostSleeping).toBe(1);
  });

  it('for folders that are made again after they were deleted while they were taken in', async () => {
    await using scene = await makeWatchScene();
    await scene.write('notes/old');
    await scene.watch('notes');
    const names = Array.from({ length: 20 }, (_, at) => `${at}`);
    const folders = names.map((name) => `notes/${name}`);
    for (const name of names) await scene.write(...Array.from({ length: 100 }, (_, at) => `full/${name}/${at}`));
    for (const [at, name] of names.entries()) {
      // It takes a while to take so many files in.
      await rename(join(scene.root, 'full', name), join(scene.root, 'notes', name));
      for (let turn = 0; turn <= at % 10; turn += 1) await setImmediate();
      await rename(join(scene.root, 'notes', name), join(scene.root, 'full', name));
    }
    await scene.write('notes/last');
    await scene.until('+notes/last');
    for (const folder of folders) await mkdir(join(scene.root, folder));
    await scene.write('notes/after');
    await scene.until('+notes/after');
    const paths = folders.map((folder) => `${folder}/below/file`);
    await scene.write(...paths);
    await scene.until(...paths.map((path) => `+${path}`));
  });
});

describe('watchStore ends', () => {
  it('with its close, and tells nothing of what it has noticed', async () => {
    const clock = observedClock();
    // A sleep that does not end by itself: what is noticed stays so.
    const held: Clock = { ...clock, sleep: (_, signal) => clock.sleep(3_600_000, signal) };
    await using scene = await makeWatchScene({ ports: { clock: held } });
    await using other = await makeWatchScene({ projectPath: scene.root });
    await scene.watch('notes');
    await other.watch('notes');
    await scene.write('notes/noticed');
    await vi.waitFor(() => expect(clock.sleeping).toBe(1), limitMs);
    await other.until('+notes/noticed');
    await scene.close();
    await scene.close();
    expect(clock.sleeping).toBe(0);
    await scene.write('notes/late');
    await other.until('+notes/late');
    expect(scene.calls).toEqual([]);
  });

  it('and lets the process end', async () => {
    await using scene = await makeWatchScene();
    await scene.write('notes/old');
    const script = `
      const watcher = await start();
      fs.writeFileSync(at('notes/a'), '');
      await until('notes/a');
      fs.writeFileSync(at('notes/b'), '');
      await watcher.close();
      console.log('closed');`;
    expect(await runWatching(scene.root, script)).toEqual(['told notes/a', 'closed']);
  });
});
