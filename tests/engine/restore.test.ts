import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { restoreInPlace, restoreToFile } from '../../electron/engine/operations/restore.ts';
import type { RestoreContext } from '../../electron/engine/operations/restore-run.ts';
import { discardKept, undoRestore } from '../../electron/engine/operations/undo.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, addNotes, countNotes, makeNotes, openTestEngine } from '../support/test-engine.ts';

let folder: TempFolder;
let engine: Engine;
let live: string;
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await makeTempFolder();
  await mkdir(join(folder.path, 'data'));
  live = join(folder.path, 'data', 'notes.db');
  engine = await openTestEngine(folder.path);
  await addFolderDestination(engine, folder.path, 'usb');
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

function context(): RestoreContext {
  return {
    ports: engine.ports,
    log: engine.log,
    preferences: engine.settings.current.preferences,
    protectedFolders: [],
    emit: engine.emit,
    record: engine.catalog,
  };
}

async function backUp() {
  const job = addJob(engine, { name: 'notes', path: live, destinations: ['usb'] });
  const { snapshot } = await runBackup(engine, { job, trigger: 'manual', retain: true, signal });
  return { manifest: snapshot.manifest, copies: [engine.destination('usb')], signal };
}

/** Leaves the live database with committed rows that are only in its WAL, and nobody who has it open. */
async function crashedWriter(rows: number): Promise<void> {
  const aside = join(folder.path, 'aside');
  await mkdir(aside);
  const writer = new Database(live);
  writer.pragma('wal_autocheckpoint = 0');
  addNotes(writer, rows);
  for (const ending of ['', '-wal', '-shm']) await cp(live + ending, join(aside, basename(live) + ending));
  writer.close();
  for (const ending of ['', '-wal', '-shm']) await cp(join(aside, basename(live) + ending), live + ending);
}

async function filesOf(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const ending of ['', '-wal', '-shm', '-journal']) {
    const bytes = await readFile(path + ending).catch(() => null);
    if (bytes) files[ending] = bytes.toString('base64');
  }
  return files;
}

/** Another process that has the database open and does nothing. */
async function openElsewhere(path: string): Promise<{ pid: number | undefined; close(): Promise<void> }> {
  const script = `const D = require('better-sqlite3'); const d = new D(process.argv[1]); d.prepare('SELECT count(*) FROM note').get(); process.send('open'); process.on('message', () => {});`;
  const holder = spawn(process.execPath, ['-e', script, path], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    cwd: join(import.meta.dirname, '../..'),
  });
  await once(holder, 'message');
  const close = async () => {
    const ended = once(holder, 'exit');
    holder.kill();
    await ended;
  };
  return { pid: holder.pid, close };
}

describe('in place', () => {
  it('puts the snapshot there, keeps the former files, and undo brings them back byte for byte, the log included', async () => {
    makeNotes(live, 100);
    const request = await backUp();
    await crashedWriter(77);
    const former = await filesOf(live);
    expect(Object.keys(former)).toEqual(['', '-wal', '-shm']);

    const { undo } = await restoreInPlace(context(), { ...request, target: live });
    expect(await filesOf(live)).toEqual({ '': expect.any(String) });
    const restored = await filesOf(live);
    const restore = engine.catalog.restore(undo ?? '');
    expect(restore?.state).toBe('done');

    const undone = await undoRestore(engine, context(), restore as NonNullable<typeof restore>, signal);
    expect(await filesOf(live)).toEqual(former);
    expect(engine.catalog.restore(undo ?? '')?.state).toBe('undone');

    // An undo is a restore like any other: it can be undone in turn.
    const second = engine.catalog.restore(undone.undo ?? '');
    await undoRestore(engine, context(), second as NonNullable<typeof second>, signal);
    expect(await filesOf(live)).toEqual(restored);
    expect(countNotes(live)).toBe(100);
  });

  it('is refused while another process has the database open, and says which', async () => {
    makeNotes(live, 10);
    const request = await backUp();
    const holder = await openElsewhere(live);
    const before = await filesOf(live);
    await expect(restoreInPlace(context(), { ...request, target: live })).rejects.toMatchObject({
      code: 'target-in-use',
      message: expect.stringContaining(`process ${holder.pid}`),
    });
    expect(await filesOf(live)).toEqual(before);
    await holder.close();
  });

  it('is refused by the lock where the platform cannot name who has it open', async () => {
    makeNotes(live, 10);
    const request = await backUp();
    const holder = await openElsewhere(live);
    const blind = { ...context(), ports: { ...engine.ports, handles: { of: async () => null, among: async () => null } } };
    await expect(restoreInPlace(blind, { ...request, target: live })).rejects.toMatchObject({ code: 'target-in-use' });
    await holder.close();
    expect(countNotes(live)).toBe(10);
    expect((await readdir(join(folder.path, 'data'))).filter((name) => name.includes('restore'))).toEqual([]);
  });

  it('never lets an old log be replayed over the restored file', async () => {
    makeNotes(live, 50);
    const request = await backUp();
    await crashedWriter(500);
    await restoreInPlace(context(), { ...request, target: live });
    expect(countNotes(live)).toBe(50);
  });

  it('replaces a database that is damaged beyond opening, and undo brings the damaged bytes back', async () => {
    makeNotes(live, 50);
    const request = await backUp();
    await writeFile(live, 'this was a database once');
    const { undo } = await restoreInPlace(context(), { ...request, target: live });
    expect(countNotes(live)).toBe(50);
    const restore = engine.catalog.restore(undo ?? '');
    await undoRestore(engine, context(), restore as NonNullable<typeof restore>, signal);
    expect(await readFile(live, 'utf8')).toBe('this was a database once');
  });

  it('puts it back where the database is gone, also beside a stale log, and undo takes it away again', async () => {
    makeNotes(live, 50);
    const request = await backUp();
    await crashedWriter(5);
    const log = await readFile(`${live}-wal`);
    await rm(live);
    const { undo } = await restoreInPlace(context(), { ...request, target: live });
    expect(countNotes(live)).toBe(50);
    const restore = engine.catalog.restore(undo ?? '');
    await undoRestore(engine, context(), restore as NonNullable<typeof restore>, signal);
    expect(await filesOf(live)).toMatchObject({ '-wal': log.toString('base64') });
    expect(await stat(live).catch(() => null)).toBeNull();
  });

  it('keeps the permissions, and goes through a symbolic link to the file itself', async () => {
    makeNotes(live, 5);
    await chmod(live, 0o640);
    const request = await backUp();
    const link = join(folder.path, 'link.db');
    await symlink(live, link);
    await restoreInPlace(context(), { ...request, target: link });
    expect((await stat(live)).mode & 0o777).toBe(0o640);
    expect(countNotes(link)).toBe(5);
  });

  it('forgets what it kept only when told to', async () => {
    makeNotes(live, 5);
    const request = await backUp();
    const { undo } = await restoreInPlace(context(), { ...request, target: live });
    const restore = engine.catalog.restore(undo ?? '');
    if (!restore?.keptPath) throw new Error('nothing was kept');
    await discardKept(engine, restore);
    expect(await stat(restore.keptPath).catch(() => null)).toBeNull();
    const discarded = engine.catalog.restore(restore.id);
    await expect(undoRestore(engine, context(), discarded as NonNullable<typeof discarded>, signal)).rejects.toMatchObject({
      code: 'undo-impossible',
    });
  });
});

describe('to a file', () => {
  it('never overwrites without force, not even beside a stale log', async () => {
    makeNotes(live, 5);
    const request = await backUp();
    const target = join(folder.path, 'new.db');
    await writeFile(target, 'mine');
    await expect(restoreToFile(context(), { ...request, target, force: false })).rejects.toMatchObject({ code: 'target-exists' });
    expect(await readFile(target, 'utf8')).toBe('mine');
    const other = join(folder.path, 'other.db');
    await writeFile(`${other}-wal`, 'a log');
    await expect(restoreToFile(context(), { ...request, target: other, force: false })).rejects.toMatchObject({ code: 'target-exists' });
    await restoreToFile(context(), { ...request, target: other, force: true });
    expect(countNotes(other)).toBe(5);
  });

  it('takes the next copy where the first is damaged', async () => {
    makeNotes(live, 500);
    const usb = join(folder.path, 'usb');
    await addFolderDestination(engine, folder.path, 'nas');
    const job = addJob(engine, { name: 'notes', path: live, destinations: ['usb', 'nas'] });
    const { snapshot } = await runBackup(engine, { job, trigger: 'manual', retain: true, signal });
    const object = join(usb, 'notes', snapshot.manifest.object.name);
    const bytes = await readFile(object);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(object, bytes);
    const target = join(folder.path, 'new.db');
    const copies = [engine.destination('usb'), engine.destination('nas')];
    const outcome = await restoreToFile(context(), { manifest: snapshot.manifest, copies, signal, target, force: false });
    expect(countNotes(target)).toBe(500);
    expect(outcome.warnings).toEqual([expect.stringContaining('usb is damaged')]);
    await expect(
      restoreToFile(context(), {
        manifest: snapshot.manifest,
        copies: copies.slice(0, 1),
        signal,
        target: join(folder.path, 'none.db'),
        force: false,
      }),
    ).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect((await readdir(folder.path)).toSorted()).toEqual(['data', 'home', 'nas', 'new.db', 'usb']);
  });
});
