import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import { runSqliteTask, whileSettled } from '../../electron/engine/sqlite/sqlite-tasks.ts';
import type { UtilityProcess } from '../../electron/shell/electron-api.ts';
import { utilityWorkers } from '../../electron/shell/workers.ts';
import { Emitter } from '../support/electron/emitter.ts';
import { FakeElectron } from '../support/fake-electron.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { countNotes, makeNotes } from '../support/test-engine.ts';

describe('a worker of the app', () => {
  it('answers its task, and is gone then', async () => {
    await using folder = await makeTempFolder();
    const source = join(folder.path, 'notes.db');
    makeNotes(source, 500);
    const workers = utilityWorkers(new FakeElectron());
    const target = join(folder.path, 'copy.db');
    const facts = await runSqliteTask(workers, { kind: 'snapshot', path: source, target, lockWaitMs: 1000 });
    expect([facts.restarts, countNotes(target)]).toEqual([0, 500]);
  });

  it('fails as it does elsewhere', async () => {
    const workers = utilityWorkers(new FakeElectron());
    const missing = runSqliteTask(workers, { kind: 'probe', path: '/nowhere/notes.db', lockWaitMs: 0 });
    await expect(missing).rejects.toMatchObject({ code: 'source-missing' });
  });

  it('holds a lock until it is told to release it', async () => {
    await using folder = await makeTempFolder();
    const path = join(folder.path, 'notes.db');
    makeNotes(path, 10);
    const workers = utilityWorkers(new FakeElectron());
    const others = () => runSqliteTask(workers, { kind: 'settle', path, lockWaitMs: 0 });
    await whileSettled(workers, path, 1000, async () => {
      await expect(others()).rejects.toMatchObject({ code: 'target-in-use' });
    });
  });

  it('is ended at once, also in the middle of its work', async () => {
    await using folder = await makeTempFolder();
    const source = join(folder.path, 'notes.db');
    makeNotes(source, 200_000);
    // With somebody else in it, it is copied page by page.
    const other = new Database(source);
    other.exec('INSERT INTO note (body) VALUES (1)');
    const stop = new AbortController();
    const task = { kind: 'snapshot', path: source, target: join(folder.path, 'copy.db'), lockWaitMs: 1000 } as const;
    const running = runSqliteTask(utilityWorkers(new FakeElectron()), task, {
      signal: stop.signal,
      onProgress: () => stop.abort(new BackupError('cancelled', 'enough')),
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    other.close();
  });

  it('that crashes says how', async () => {
    const worker = utilityWorkers(new FakeElectron()).start(pathToFileURL('/nowhere/worker.js'));
    const note = await new Promise<string>((resolve) => worker.onExit(resolve));
    expect(note).toMatch(/^exit code 1: .*Cannot find module/s);
  });

  it('that is not wanted any more before it is there is ended when it is', () => {
    class Coming extends Emitter implements UtilityProcess {
      pid: number | undefined;
      readonly stderr = null;
      kills = 0;
      postMessage(): void {}
      kill(): boolean {
        this.kills += 1;
        return false;
      }
    }
    const coming = new Coming();
    const worker = utilityWorkers({ utilityProcess: { fork: () => coming } }).start(pathToFileURL('/worker.js'));
    worker.kill();
    coming.emit('spawn');
    expect(coming.kills).toBe(2);
  });

  it('whose V8 gives up ends with that as its reason, and takes nobody along', async () => {
    class Dying extends Emitter implements UtilityProcess {
      readonly pid = undefined;
      readonly stderr = null;
      postMessage(): void {}
      kill(): boolean {
        return false;
      }
    }
    const dying = new Dying();
    const worker = utilityWorkers({ utilityProcess: { fork: () => dying } }).start(pathToFileURL('/worker.js'));
    const ended = new Promise<string>((resolve) => worker.onExit(resolve));
    dying.emit('error', 'FatalError', 'v8::ToLocalChecked', '{}');
    dying.emit('exit', 134);
    expect(await ended).toBe('exit code 134: FatalError in v8::ToLocalChecked');
  });
});
