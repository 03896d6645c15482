import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { usualPlaces } from '../../electron/engine/platform/usual-places.ts';
import { type ClientScene, transports } from '../support/engine-clients.ts';
import { makeGitScene } from '../support/git-remote.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes } from '../support/test-engine.ts';

interface PersonScene extends AsyncDisposable {
  readonly scene: ClientScene;
  /** The person's home folder. */
  readonly home: string;
  /** Where their programs keep what they write. */
  readonly programs: string;
}

/** An engine for a person who has nothing yet. */
async function openForPerson(): Promise<PersonScene> {
  const temp = await makeTempFolder();
  const scene = await transports['in its process']({ ports: { userHome: temp.path, environment: { PATH: process.env.PATH } } });
  const [programs] = usualPlaces(temp.path, {}, process.platform);
  const dispose = async () => {
    await scene[Symbol.asyncDispose]();
    await temp[Symbol.asyncDispose]();
  };
  return { scene, home: temp.path, programs: programs?.path ?? '', [Symbol.asyncDispose]: dispose };
}

async function addDatabase(path: string, rows = 1000): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  makeNotes(path, rows);
  return path;
}

it('finds databases and repositories in the usual places, and leaves everything as it was', async () => {
  await using person = await openForPerson();
  const { home, programs, scene } = person;
  const live = join(programs, 'Brain', 'data.db');
  await mkdir(dirname(live), { recursive: true });
  await makeSampleDatabase(live, { bytes: 300_000, journalMode: 'wal', seed: 1 });
  const quiet = await addDatabase(join(home, 'Documents', 'old', 'letters.sqlite'));
  const known = await addDatabase(join(home, 'mail.db'), 2000);
  await addFolderDestination(scene.engine, join(home, 'Documents'), 'usb');
  addJob(scene.engine, { name: 'post', path: known, destinations: ['usb'] });

  await using repository = await makeGitScene();
  await repository.git('remote', 'set-url', 'origin', 'https://ada:s3cret@git.example.org/ada/wiki.git');
  await repository.gitIn(home, 'clone', '--quiet', repository.project, 'wiki');
  await repository.gitIn(join(home, 'wiki'), 'remote', 'set-url', 'origin', 'https://ada:s3cret@git.example.org/ada/wiki.git');
  const before = await readdir(home, { recursive: true });

  const writer = await startLiveWriter(live, { everyMs: 5 });
  const found = await scene.client.sources.find();
  await writer.stop();
  const facts = { bytes: expect.any(Number), lastWriteMs: expect.any(Number) };
  const isInUse = process.platform === 'win32' ? null : false;
  expect(found).toEqual({
    databases: [
      { ...facts, path: live, name: 'Brain', journalMode: 'wal', isInUse: isInUse === null ? null : true, job: null },
      { ...facts, path: known, name: 'post', journalMode: 'wal', isInUse, job: 'post' },
      { ...facts, path: quiet, name: 'letters', journalMode: 'wal', isInUse, job: null },
    ],
    stores: [{ path: join(home, 'wiki'), name: 'wiki', branch: 'main', remote: 'https://git.example.org/ada/wiki.git', job: null }],
  });
  expect((await readdir(home, { recursive: true })).filter((name) => !name.includes('data.db'))).toEqual(
    before.filter((name) => !name.includes('data.db')),
  );
});

it('finds nothing that is small, empty, no database, kept for itself by a program, ours, or behind a link', async () => {
  await using person = await openForPerson();
  const { home, programs, scene } = person;
  await addDatabase(join(home, 'small.db'), 5);
  const empty = new Database(join(home, 'empty.db'));
  empty.exec('PRAGMA page_size = 65536; PRAGMA user_version = 1; VACUUM');
  empty.close();
  await writeFile(join(home, 'text.db'), 'no database '.repeat(10_000));
  await addDatabase(join(programs, 'Firefox', 'places.sqlite'));
  await addDatabase(join(programs, 'Chat', 'GPUCache', 'index.db'));
  await addDatabase(join(programs, 'Chat', 'Cookies'));
  await addDatabase(join(home, 'site', 'node_modules', 'fixture.db'));
  await addDatabase(join(home, 'far', 'too', 'deep', 'down', 'deep.db'));
  const usb = await addFolderDestination(scene.engine, home, 'usb');
  await addDatabase(join(usb, 'stray.db'));
  await using elsewhere = await makeTempFolder();
  await addDatabase(join(elsewhere.path, 'linked.db'));
  await symlink(elsewhere.path, join(home, 'link'));
  await symlink(join(elsewhere.path, 'linked.db'), join(home, 'linked.db'));
  expect(await scene.client.sources.find()).toEqual({ databases: [], stores: [] });
});

it('says what a path is: a database, a repository, or why it is neither', async () => {
  await using person = await openForPerson();
  const { home, scene } = person;
  const { sources } = scene.client;
  const path = await addDatabase(join(home, 'mail.db'), 10);
  await addFolderDestination(scene.engine, home, 'usb');
  addJob(scene.engine, { name: 'mail', path: await addDatabase(join(home, 'other', 'mail.db'), 10), destinations: ['usb'] });
  expect(await sources.inspect({ path })).toEqual({
    ...{ kind: 'sqlite', path, name: 'mail-2', bytes: expect.any(Number), lastWriteMs: 0, journalMode: 'wal', job: null },
    isInUse: process.platform === 'win32' ? null : false,
  });
  expect(await readdir(home)).toEqual(expect.not.arrayContaining(['mail.db-shm', 'mail.db-wal']));
  await using repository = await makeGitScene();
  expect(await sources.inspect({ path: repository.project })).toMatchObject({ kind: 'git', name: 'project', branch: 'main', job: null });
  expect(await sources.inspect({ path: scene.engine.home.catalogPath })).toMatchObject({
    kind: 'none',
    message: expect.stringContaining('its own'),
  });
  await writeFile(join(home, 'text.txt'), 'words '.repeat(100));
  await rm(path);
  // Windows has no pipes among its files; there it is one more that is missing.
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(home, 'pipe')]);
  for (const none of ['mail.db', 'text.txt', 'other', 'pipe']) {
    const report = await sources.inspect({ path: join(home, none) });
    expect(report).toEqual({ kind: 'none', path: join(home, none), message: expect.stringContaining(join(home, none)) });
  }
});

it('goes on with a path that is typed', async () => {
  await using person = await openForPerson();
  const { home, scene } = person;
  for (const folder of ['Documents', 'Downloads', '.config']) await mkdir(join(home, folder), { recursive: true });
  await writeFile(join(home, 'dozen.db'), '');
  await symlink(join(home, 'Documents'), join(home, 'dot'));
  const complete = async (text: string, want: 'file' | 'folder' = 'file') =>
    (await scene.client.sources.complete({ text, want })).map(({ path }) => path);
  const folders = [join(home, 'Documents/'), join(home, 'dot/'), join(home, 'Downloads/')];
  expect(await complete('~/do', 'folder')).toEqual(folders);
  expect((await complete(join(home, 'DO'))).toSorted()).toEqual([...folders, join(home, 'dozen.db')].toSorted());
  expect(await complete('~')).not.toContain(join(home, '.config/'));
  expect(await complete('~/.')).toContain(join(home, '.config/'));
  expect(await complete('~/nowhere/a')).toEqual([]);
  expect(await complete('do')).toEqual([]);
  await Promise.all(Array.from({ length: 60 }, (_, index) => writeFile(join(home, 'Documents', `note-${index}`), '')));
  expect(await complete('~/Documents/')).toHaveLength(50);
});
