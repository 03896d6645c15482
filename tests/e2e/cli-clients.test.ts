import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostEngine } from '../../electron/api/engine-host.ts';
import { serveEngine } from '../../electron/api/engine-socket.ts';
import {
  type BackupDocument,
  type CliSandbox,
  filesIn,
  type Holder,
  holdDatabase,
  openSandbox,
  type RunDocument,
  type RunningCli,
  writeNotes,
} from '../support/cli.ts';
import { openTestEngine } from '../support/test-engine.ts';

/** A sandbox with these jobs, each for a database and with a destination of its own: runs that share one take turns. */
async function openJobs(...names: string[]): Promise<CliSandbox> {
  const box = await openSandbox();
  for (const name of names) {
    box.folder(`usb-${name}`);
    await box.json(['destination', 'add', 'folder', `usb-${name}`, `usb-${name}`]);
    writeNotes(box.at(`${name}.db`), { journalMode: 'delete' });
    await box.json(['job', 'add', name, '--sqlite', `${name}.db`, '--to', `usb-${name}`, '--lock-wait', '3600']);
  }
  return box;
}

/** Begins a backup that lasts as long as another process has the database locked. */
async function backUpLocked(box: CliSandbox, name: string): Promise<{ running: RunningCli; lock: Holder }> {
  const lock = await holdDatabase(box.at(`${name}.db`), 'BEGIN EXCLUSIVE');
  const running = box.start(['backup', name]);
  await until(box, (runs) => runs.some(({ job, status }) => job === name && status === 'running'));
  return { running, lock };
}

/** Asks for the history until it is as expected. */
async function until(box: CliSandbox, isSo: (runs: RunDocument[]) => boolean): Promise<void> {
  while (!isSo(await box.json<RunDocument[]>(['history'])));
}

const historyOf = async (box: CliSandbox) =>
  (await box.json<RunDocument[]>(['history'])).map(({ job, status }) => `${job} ${status}`).toSorted();

describe('commands beside an engine that is at work', () => {
  it('do what they do alone, with their progress and their exit codes', async () => {
    await using box = await openJobs('long', 'notes');
    const { lock, running } = await backUpLocked(box, 'long');

    const { code, stderr, stdout } = await box.run(['backup', '--sqlite', 'notes.db', '--to', 'usb-notes']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Copying the database.*Sending to/s) });
    expect(stdout).toContain('✓ notes: 100 rows');
    expect(await box.json(['verify', 'notes', '--full'])).toMatchObject({ ok: true, rows: { expected: 100, found: 100 } });
    expect(await box.json(['restore', 'notes', '--to', 'restored.db'])).toMatchObject({ path: box.at('restored.db') });
    expect(await box.json(['settings', 'set', 'gzipLevel', '1'])).toMatchObject({ gzipLevel: 1 });
    expect(await box.json(['job', 'set', 'notes', '--keep-daily', '5'])).toMatchObject({ retention: { daily: 5 } });
    expect(await box.json(['destination', 'show', 'usb-notes'])).toMatchObject({ name: 'usb-notes', reachable: true });
    expect(await box.fails(['backup', 'nono'], 2)).toMatchObject({ code: 'job-unknown' });
    expect(await box.fails(['settings', 'set', 'gzipLevel', '11'], 2)).toMatchObject({
      code: 'usage-invalid',
      message: 'gzipLevel cannot be 11: gzipLevel: it must be at most 9',
    });
    expect(await historyOf(box)).toEqual(['long running', 'notes warning']);

    await lock[Symbol.asyncDispose]();
    expect(await running.ended()).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ long: 100 rows') });
    expect(existsSync(join(box.home, 'engine.sock'))).toBe(false);
  });

  it('are stopped by Ctrl-C, with what they have started and nothing else', async () => {
    await using box = await openJobs('long', 'other');
    const long = await backUpLocked(box, 'long');
    const other = await backUpLocked(box, 'other');
    other.running.child.kill('SIGINT');
    expect(await other.running.ended()).toMatchObject({ code: 1, stderr: expect.stringContaining('stopped') });
    await until(box, (runs) => runs.every(({ job, status }) => job !== 'other' || status === 'cancelled'));
    expect(await historyOf(box)).toEqual(['long running', 'other cancelled']);
    await Promise.all([long, other].map(({ lock }) => lock[Symbol.asyncDispose]()));
    expect(await long.running.ended()).toMatchObject({ code: 0 });
  });

  it('keep it until they have what they asked for', async () => {
    await using box = await openJobs('short', 'long');
    const short = await backUpLocked(box, 'short');
    const long = await backUpLocked(box, 'long');
    await short.lock[Symbol.asyncDispose]();
    await short.running.seen('finishing what other commands have asked');
    expect(short.running.child.exitCode).toBeNull();
    await long.lock[Symbol.asyncDispose]();
    expect(await long.running.ended()).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ long: 100 rows') });
    expect(await short.running.ended()).toMatchObject({ code: 0, stdout: expect.stringContaining('✓ short: 100 rows') });
  });

  it('say that it was lost where it is killed; the next one takes its place', async () => {
    await using box = await openJobs('long', 'other');
    const long = await backUpLocked(box, 'long');
    const other = await backUpLocked(box, 'other');
    long.running.child.kill('SIGKILL');
    await long.running.ended();
    expect(await other.running.ended()).toMatchObject({ code: 1, stderr: expect.stringContaining('ended before it had answered') });
    // The socket of the dead one is still there.
    expect(existsSync(join(box.home, 'engine.sock'))).toBe(true);
    await Promise.all([long, other].map(({ lock }) => lock[Symbol.asyncDispose]()));
    expect(await historyOf(box)).toEqual(['long interrupted', 'other interrupted']);
    expect(await box.json<BackupDocument>(['backup', 'long'])).toMatchObject({ snapshot: { job: 'long' } });
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
    expect(existsSync(join(box.home, 'engine.sock'))).toBe(false);
  });

  it('of another version than it say so in a sentence, and change nothing', async () => {
    await using box = await openSandbox();
    const engine = await openTestEngine(box.path);
    const socket = await serveEngine(hostEngine(engine));
    for (const args of [['status'], ['settings', 'set', 'gzipLevel', '1']]) {
      expect(await box.fails(args, 3)).toEqual({
        code: 'home-busy',
        message: expect.stringMatching(/^nightjar test \(process \d+\) is at work in .*, and this is nightjar \d/),
        hint: expect.stringContaining('update'),
      });
    }
    await socket.close();
    engine.close();
    expect(await box.json(['settings', 'list'])).toMatchObject({ gzipLevel: 6 });
  });
});
