import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import { gitJobSchema, type Job } from '../../electron/domain/model.ts';
import type { LedgerMemory } from '../../electron/engine/catalog/ledger-memory.ts';
import { pauseJob, skipNextSlot } from '../../electron/engine/operations/pause-job.ts';
import { runJob } from '../../electron/engine/operations/run-job.ts';
import { removeJob } from '../../electron/engine/operations/set-up-job.ts';
import { startScheduler } from '../../electron/engine/schedule/scheduler.ts';
import { dayMs, hourMs, minuteMs, SchedulerScene, tickMs } from './scheduler-scene.ts';

const start = Date.parse('2026-03-10T00:00:00Z');
/** From the start to just after the first slot. */
const toFirstSlot = 3 * hourMs + 18 * minuteMs;
let scene: SchedulerScene;

beforeEach(async () => {
  scene = await SchedulerScene.open(start);
});
afterEach(() => scene[Symbol.asyncDispose]());

describe('a clock', () => {
  it('that was ahead for a while does not let later slots count as done', async () => {
    const job = await scene.addJob('notes');
    await scene.start('real');
    await scene.scheduler?.close();
    scene.clock.jump(10 * dayMs);
    await runJob(scene.engine, { job, trigger: 'manual' });
    scene.clock.jump(-10 * dayMs);
    await scene.start();
    await scene.pass(toFirstSlot);
    expect(scene.starts).toEqual([['notes', 'schedule', '03-10T03:17']]);
  });

  it('that says 1970 decides nothing, and makes no history', async () => {
    await scene.addJob('notes', { schedule: { cron: '5 * * * *', zone: 'UTC' } });
    await scene.start();
    await scene.pass(6 * minuteMs);
    await scene.end();
    const before = scene.slots('notes');
    scene.clock.jump(-start);
    await scene.pass(3 * minuteMs);
    scene.clock.jump(start);
    await scene.pass(minuteMs);
    expect([scene.slots('notes'), before]).toEqual([before, [['03-10T00:05', 'done', null]]]);
  });

  it('that is set back while a retry waits does not take that away', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(toFirstSlot);
    await scene.end(new Error('no network'));
    scene.clock.jump(-hourMs);
    await scene.pass(2 * hourMs);
    expect(scene.starts.map(([, trigger]) => trigger)).toEqual(['schedule', 'retry']);
  });
});

describe('a run that fails', () => {
  it('is tried again also where settings were changed while it went on', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(toFirstSlot);
    await scene.addJob('other', { schedule: { cron: '0 12 * * *', zone: 'UTC' } });
    await scene.pass(minuteMs);
    await scene.end(new Error('no network'));
    await scene.pass(6 * minuteMs);
    expect(scene.starts.map(([job, trigger]) => `${job} ${trigger}`)).toEqual(['notes schedule', 'notes retry']);
  });

  it('is tried again for a day, not for a month', async () => {
    await scene.addJob('notes', { schedule: { cron: '17 3 10 * *', zone: 'UTC' } });
    let runs = 0;
    const run = async () => {
      runs += 1;
      throw new BackupError('destination-absent', 'no disk');
    };
    await scene.start('held', { run });
    await scene.pass(dayMs + 4 * hourMs);
    const inTheFirstDay = runs;
    await scene.pass(10 * dayMs);
    expect([runs, inTheFirstDay > 10]).toEqual([inTheFirstDay, true]);
  });
});

describe('a catalog that cannot be written', () => {
  /** An engine whose ledgers refuse to write these, as long as the test says so. */
  function withFullDisk(...methods: (keyof LedgerMemory)[]) {
    const disk = { isFull: true };
    const full = () => {
      throw new Error('database or disk is full');
    };
    const ledger = (job: string) => {
      const real = scene.engine.ledger(job);
      const get = (target: LedgerMemory, key: keyof LedgerMemory) =>
        disk.isFull && methods.includes(key) ? full : (target[key] as () => void).bind(target);
      return new Proxy(real, { get } as ProxyHandler<LedgerMemory>);
    };
    return { disk, engine: { ...scene.engine, ledger } };
  }

  it('at the end of a run does not leave its slot started for ever', async () => {
    await scene.addJob('notes');
    const { disk, engine } = withFullDisk('end', 'setState');
    let runs = 0;
    const run = async () => {
      runs += 1;
      if (runs === 1) throw new Error('no network');
      return { run: { id: 'run-2' } };
    };
    await scene.start('held', { run });
    await scene.scheduler?.close();
    scene.scheduler = startScheduler(engine, { tickMs, run });
    await scene.clock.asleep(tickMs);
    await scene.pass(toFirstSlot);
    expect([runs, scene.slots('notes')]).toEqual([1, [['03-10T03:17', 'started', null]]]);
    disk.isFull = false;
    await scene.pass(2 * minuteMs);
    expect(scene.slots('notes').map(([, state]) => state)).toEqual(['failed']);
    await scene.pass(6 * minuteMs);
    expect([runs, scene.slots('notes')]).toEqual([2, [['03-10T03:17', 'done', null]]]);
  });

  it('at the start does not end the program, and what a dead engine left is known later', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(toFirstSlot);
    const { disk, engine } = withFullDisk('end', 'setState');
    const second = startScheduler(engine, { tickMs, run: async () => ({ run: { id: 'run-2' } }) });
    await scene.pass(2 * minuteMs);
    expect(scene.slots('notes')).toEqual([['03-10T03:17', 'started', null]]);
    disk.isFull = false;
    await scene.pass(minuteMs);
    expect(scene.slots('notes')).toEqual([['03-10T03:17', 'failed', 'the program or the machine stopped in the middle of it']]);
    await second.close();
  });
});

describe('a run that takes longer than its interval', () => {
  it('lets the slots in between be skipped, also in a git store', async () => {
    const source = { kind: 'git', path: scene.path, stores: ['x'], branch: 'main' };
    const job: Job = gitJobSchema.parse({ name: 'journal', source, schedule: { cron: '0 * * * *', zone: 'UTC' } });
    scene.engine.settings.change((settings) => ({ ...settings, jobs: [job] }));
    const { promise, resolve } = Promise.withResolvers<void>();
    let started = 0;
    const run = () =>
      scene.engine.turns(job.source.path, async () => {
        started += 1;
        await promise;
        return { run: { id: 'run-1' } };
      });
    await scene.start('held', { run });
    await scene.pass(5 * hourMs + minuteMs);
    resolve();
    await scene.pass(minuteMs);
    expect([started, scene.slots('journal').map(([, state]) => state)]).toEqual([1, ['done', 'skipped', 'skipped', 'skipped', 'skipped']]);
  });

  it('lets the next slot wait where it is only the drill that does', async () => {
    await scene.addJob('notes', { schedule: { cron: '0 * * * *', zone: 'UTC' } });
    const drill = Promise.withResolvers<void>();
    let runs = 0;
    const run = async () => {
      runs += 1;
      return { run: { id: `run-${runs}` } };
    };
    await scene.start('held', { run, afterRun: () => (runs === 1 ? drill.promise : Promise.resolve()) });
    await scene.pass(2 * hourMs + minuteMs);
    expect([runs, scene.slots('notes').map(([, state]) => state)]).toEqual([1, ['done', 'planned']]);
    drill.resolve();
    await scene.look();
    expect([runs, scene.slots('notes').map(([, state]) => state)]).toEqual([2, ['done', 'done']]);
  });
});

describe('a run that waits for its turn', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b']) await scene.addJob(name, { destinations: ['usb'] });
    const { engine } = scene;
    const hold = Promise.withResolvers<void>();
    const [a] = engine.settings.current.jobs;
    if (a) void engine.runs.run(a, () => hold.promise);
    engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.filter(({ name }) => name === 'b') }));
    await scene.start('real');
    await scene.pass(toFirstSlot);
    free = hold.resolve;
  });
  let free: () => void;

  it('does not begin where its job was paused meanwhile, and its slot says so', async () => {
    pauseJob(scene.engine, 'b', undefined);
    free();
    await scene.recorded('b');
    expect(scene.slots('b')).toEqual([['03-10T03:17', 'skipped', 'it was paused while it waited for its turn']]);
    expect(scene.engine.catalog.runs()).toEqual([]);
  });

  it('does not begin where its job was removed meanwhile', async () => {
    removeJob(scene.engine, 'b');
    free();
    await scene.recorded('b');
    await scene.look();
    expect([scene.slots('b'), scene.engine.catalog.runs()]).toEqual([[], []]);
  });
});

describe('skip-next', () => {
  it('leaves out the slot that it names, whatever was missed before', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.scheduler?.close();
    scene.clock.jump(2 * dayMs + 10 * hourMs);
    const { atMs } = skipNextSlot(scene.engine, 'notes');
    await scene.start();
    await scene.pass(5 * minuteMs);
    await scene.end();
    await scene.pass(2 * dayMs);
    expect(new Date(atMs).toISOString()).toBe('2026-03-13T03:17:00.000Z');
    expect(scene.slots('notes').slice(2, 5)).toEqual([
      ['03-12T03:17', 'done', null],
      ['03-13T03:17', 'skipped', 'somebody asked to leave it out'],
      ['03-14T03:17', 'started', null],
    ]);
  });

  it('is over where a pause lies over its slot', async () => {
    await scene.addJob('notes');
    await scene.start();
    skipNextSlot(scene.engine, 'notes');
    pauseJob(scene.engine, 'notes', '12h');
    await scene.pass(2 * dayMs);
    expect(scene.slots('notes').map(([, state]) => state)).toEqual(['skipped', 'started']);
  });
});
