import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../electron/domain/engine-event.ts';
import { BackupError, errorFacts } from '../../electron/domain/errors.ts';
import type { SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { asPassingRun, asRun, settleRuns } from '../../electron/engine/operations/run.ts';
import { cancelRun } from '../../electron/engine/operations/run-job.ts';
import type { Steps } from '../../electron/engine/operations/steps.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, openTestEngine } from '../support/test-engine.ts';

const start = Date.parse('2026-11-25T03:17:00Z');
const limitSeconds = 600;

let folder: TempFolder;
let clock: ManualClock;
let engine: Engine;
let job: SqliteJob;
let told: EngineEvent[];

beforeEach(async () => {
  folder = await makeTempFolder();
  clock = new ManualClock(start);
  engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
  job = addJob(engine, { name: 'notes', path: join(folder.path, 'notes.db'), destinations: ['usb'], limitSeconds });
  told = [];
  engine.listen((event) => void told.push(event));
});
afterEach(async () => {
  engine.close();
  await folder[Symbol.asyncDispose]();
});

const run = (work: (steps: Steps) => Promise<unknown>, on = engine) =>
  engine.runs.run(job, () => asRun(on, job, 'manual', undefined, work)).then(() => null, errorFacts);
const runs = () => engine.catalog.runs();
const logged = () => readFileSync(join(engine.home.path, 'logs', 'nightjar.log'), 'utf8');

describe('work that does not end when it is told to', () => {
  /** Begins a run whose step ends only when the test says so. */
  function beginStuck() {
    const { promise: hung, reject, resolve } = Promise.withResolvers<void>();
    const late = Promise.withResolvers<unknown>();
    const ended = run((steps) => {
      const work = steps.take('snapshot', 'Copying', () => hung).then(() => steps.complete('record', 'Recording', async () => {}));
      late.resolve(work.catch(() => {}));
      return work;
    });
    return { ended, late: late.promise, reject, resolve };
  }

  it('is left to itself a minute after the limit, and the next run begins', async () => {
    const { ended } = beginStuck();
    await nextTurn();
    const next = run(async () => {});
    await clock.pass(limitSeconds * 1000 + 59_000);
    expect(runs()).toMatchObject([{ status: 'running' }]);
    await clock.pass(1000);
    const failure = await ended;
    expect(failure).toEqual({
      code: 'timed-out',
      message: `the run took longer than its limit of ${limitSeconds} s and was ended; what it was doing has not ended 60 s later, and was left to itself`,
      hint: 'give it more time with --limit SECONDS',
    });
    expect(await next).toBeNull();
    expect(runs().toReversed()).toMatchObject([
      {
        status: 'failed',
        error: failure,
        steps: [{ name: 'snapshot', status: 'failed', endedAtMs: start + limitSeconds * 1000 + 60_000 }],
      },
      { status: 'succeeded' },
    ]);
  });

  it('is left to itself also where the catalog keeps no run of it: a drill, a verification', async () => {
    const { signal } = new AbortController();
    const work = () => new Promise<never>(() => {});
    const passing = engine.runs
      .run(job, () => asPassingRun(engine, { job: 'notes', trigger: 'manual', signal, work, isGood: () => true }))
      .then(() => null, errorFacts);
    await nextTurn();
    const next = run(async () => {});
    cancelRun(engine, [...engine.cancels.keys()][0] ?? '');
    await clock.pass(60_000);
    expect(await passing).toMatchObject({ code: 'cancelled', message: expect.stringContaining('was left to itself') });
    expect(await next).toBeNull();
    expect(told.filter(({ type }) => type === 'run-finished')).toMatchObject([{ status: 'cancelled' }, { status: 'succeeded' }]);
  });

  it('is left to itself a minute after it was cancelled', async () => {
    const { ended } = beginStuck();
    await nextTurn();
    cancelRun(engine, runs()[0]?.id ?? '');
    await clock.pass(60_000);
    expect(await ended).toMatchObject({ code: 'cancelled', message: expect.stringContaining('was left to itself') });
    expect(runs()).toMatchObject([{ status: 'cancelled' }]);
    expect([...engine.cancels]).toEqual([]);
  });

  it.each(['ends', 'fails'])('changes nothing of the run where it %s later', async (how) => {
    const { ended, late, reject, resolve } = beginStuck();
    await nextTurn();
    cancelRun(engine, runs()[0]?.id ?? '');
    await clock.pass(60_000);
    await ended;
    const before = [runs(), told.length];
    clock.jump(1000);
    if (how === 'ends') resolve();
    else reject(new Error('the disk is gone'));
    await late;
    await nextTurn();
    expect([runs(), told.length]).toEqual(before);
    expect(told.at(-1)?.type).toBe('run-finished');
  });

  it('is not spoken of where it ends in time', async () => {
    const ended = run(
      (steps) =>
        new Promise((_, reject) => {
          steps.signal.addEventListener('abort', () => void clock.sleep(59_000).then(() => reject(steps.signal.reason)));
        }),
    );
    await nextTurn();
    cancelRun(engine, runs()[0]?.id ?? '');
    await clock.pass(59_000);
    expect(await ended).toMatchObject({ code: 'cancelled', message: expect.not.stringContaining('left to itself') });
  });
});

describe('a run whose end the catalog does not take', () => {
  /** The engine, while its catalog takes no end of a run. */
  function onFullDisk(): Engine {
    const full = () => {
      throw new BackupError('disk-full', 'the catalog cannot be written');
    };
    const catalog = new Proxy(engine.catalog, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        if (key === 'endRun' || key === 'endStep') return full;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { ...engine, catalog };
  }
  const fail = (steps: Steps) =>
    steps.take('guard', 'Looking', () => Promise.reject(new BackupError('source-missing', 'there is no such database')));
  const end = {
    status: 'failed',
    endedAtMs: start,
    error: { code: 'source-missing', message: 'there is no such database' },
    steps: [{ status: 'failed', endedAtMs: start }],
  };

  it('is put right as soon as it does, with what it has come to', async () => {
    const full = onFullDisk();
    expect(await run(fail, full)).toMatchObject({ code: 'source-missing' });
    clock.jump(1000);
    settleRuns(full);
    expect(runs()).toMatchObject([{ status: 'running' }]);
    settleRuns(engine);
    expect(runs()).toMatchObject([end]);
    expect(engine.unsettled.size).toBe(0);
  });

  it('is put right by the next run, also where it was a success', async () => {
    expect(await run(async () => {}, onFullDisk())).toMatchObject({ code: 'disk-full' });
    await run(fail, onFullDisk());
    await run(async () => {});
    expect(
      runs()
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['failed', 'failed', 'succeeded']);
  });
});

it('a listener that throws harms neither a run nor the other listeners, and is logged', async () => {
  engine.listen(({ type }) => {
    if (type.startsWith('run-')) throw new Error(`no ear for ${type}`);
  });
  const others: string[] = [];
  engine.listen(({ type }) => void others.push(type));
  expect(await run(async () => {})).toBeNull();
  expect([runs(), others]).toMatchObject([[{ status: 'succeeded' }], ['run-started', 'run-finished']]);
  for (const type of others) expect(logged()).toContain(`no ear for ${type}`);
});
