import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupError } from '../../electron/domain/errors.ts';
import { driveConfigSchema } from '../../electron/domain/model.ts';
import { runJob } from '../../electron/engine/operations/run-job.ts';
import { dayMs, hourMs, minuteMs, SchedulerScene, tickMs } from './scheduler-scene.ts';

const start = Date.parse('2026-11-22T03:00:00Z');
let scene: SchedulerScene;

beforeEach(async () => {
  scene = await SchedulerScene.open(start);
});
afterEach(() => scene[Symbol.asyncDispose]());

describe('a job that is due', () => {
  it('is really backed up at its time, once, and the ledger has its run', async () => {
    await scene.addJob('notes');
    await scene.start('real');
    const finished = runFinished();
    await scene.pass(17 * minuteMs);
    expect(await finished).toBe('succeeded');
    await scene.recorded('notes');
    const [snapshot] = scene.engine.catalog.snapshots('notes');
    await scene.pass(20 * hourMs);
    const runs = scene.engine.catalog.runs({ job: 'notes' });
    expect(runs.map(({ trigger }) => trigger)).toEqual(['schedule']);
    expect(snapshot?.createdAtMs).toBe(start + 17 * minuteMs);
    expect(scene.engine.ledger('notes').slots(9)).toEqual([
      { atMs: start + 17 * minuteMs, state: 'done', reason: null, runId: runs[0]?.id },
    ]);
  });

  it('starts to the second, not with the next tick', async () => {
    await scene.addJob('notes', { schedule: { cron: '1 3 * * *', zone: 'UTC' } });
    scene.clock.jump(50_000);
    await scene.start();
    await scene.pass(10_000);
    expect(scene.runs.map(({ startedAtMs }) => startedAtMs)).toEqual([start + minuteMs]);
  });

  it('is made up for once after a sleep of days, when the machine has been awake for two minutes', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.sleep(3 * dayMs + 6 * hourMs);
    expect(scene.starts).toEqual([]);
    await scene.pass(2 * minuteMs - 1);
    expect(scene.starts).toEqual([]);
    await scene.pass(1);
    await scene.end();
    await scene.pass(dayMs - 8 * hourMs);
    expect(scene.starts).toEqual([['notes', 'missed', '11-25T09:02']]);
    expect(scene.slots('notes').map(([at, state]) => `${at} ${state}`)).toEqual([
      '11-22T03:17 missed',
      '11-23T03:17 missed',
      '11-24T03:17 missed',
      '11-25T03:17 done',
    ]);
  });

  it('is not made up for where the next one is near: how near is a setting', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.sleep(dayMs + 5 * minuteMs);
    expect(scene.slots('notes')).toEqual([['11-22T03:17', 'missed', 'the machine was off or asleep, and the next one is near']]);
    scene.engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, catchUpNearMinutes: 5 } }));
    await scene.pass(13 * minuteMs);
    await scene.end();
    await scene.sleep(2 * dayMs - 8 * minuteMs);
    await scene.pass(3 * minuteMs);
    expect(scene.starts.map(([, trigger]) => trigger)).toEqual(['schedule', 'missed']);
  });

  it('is made up for when the program was not running', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.scheduler?.close();
    scene.clock.jump(10 * hourMs);
    await scene.restart('closed');
    await scene.pass(2 * minuteMs);
    expect(scene.starts).toEqual([['notes', 'missed', '11-22T13:02']]);
  });

  it('starts staggered after a gap, and takes turns where a destination is shared', async () => {
    for (const name of ['a', 'b', 'c']) await scene.addJob(name, { destinations: [name === 'c' ? 'other' : 'usb'] });
    await scene.start();
    await scene.sleep(6 * hourMs);
    await scene.pass(2 * minuteMs);
    expect(scene.starts).toEqual([['a', 'missed', '11-22T09:02']]);
    await scene.pass(30_000);
    expect(scene.starts.map(([job]) => job)).toEqual(['a', 'c']);
    scene.runs[0]?.end();
    await scene.look();
    expect(scene.starts.map(([job]) => job)).toEqual(['a', 'c', 'b']);
  });
});

describe('a run that fails', () => {
  it('is tried again five minutes later, then after ten, and is done when it succeeds', async () => {
    await scene.addJob('notes');
    const live = join(scene.path, 'notes.db');
    await rename(live, `${live}.away`);
    await scene.start('real');
    for (const minutes of [17, 5]) {
      const failed = runFinished();
      await scene.pass(minutes * minuteMs);
      expect(await failed).toBe('failed');
      await scene.recorded('notes');
    }
    expect(scene.slots('notes')).toEqual([['11-22T03:17', 'failed', expect.stringContaining('notes.db')]]);
    await rename(`${live}.away`, live);
    await scene.pass(9 * minuteMs);
    const succeeded = runFinished();
    await scene.pass(minuteMs);
    expect(await succeeded).toBe('succeeded');
    await scene.recorded('notes');
    const runs = scene.engine.catalog.runs({ job: 'notes' });
    expect(runs.map(({ trigger }) => trigger)).toEqual(['retry', 'retry', 'schedule']);
    expect(scene.engine.ledger('notes').slots(9)).toMatchObject([{ state: 'done', reason: null, runId: runs[0]?.id }]);
  });

  it('is not tried again where that would be no use, or somebody ended it', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(17 * minuteMs);
    await scene.end(new BackupError('series-foreign', 'snapshots of another machine'));
    await scene.pass(dayMs);
    await scene.end(new BackupError('cancelled', 'somebody ended it'));
    await scene.pass(23 * hourMs);
    expect(scene.starts.map(([, trigger, at]) => `${trigger} ${at}`)).toEqual(['schedule 11-22T03:17', 'schedule 11-23T03:17']);
    expect(scene.slots('notes').map(([, state]) => state)).toEqual(['failed', 'failed']);
  });

  it('because the program was killed is known at the next start, and made up for', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(17 * minuteMs);
    await scene.restart('killed');
    expect(scene.slots('notes')).toEqual([['11-22T03:17', 'failed', 'the program or the machine stopped in the middle of it']]);
    await scene.pass(5 * minuteMs);
    expect(scene.starts.map(([, trigger]) => trigger)).toEqual(['schedule', 'retry']);
  });

  it('because Nightjar was told to stop ends at once, and is made up for after the next start', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(17 * minuteMs);
    await scene.restart('closed');
    expect(scene.runs[0]?.signal?.aborted).toBe(true);
    await scene.pass(5 * minuteMs);
    expect(scene.starts.map(([, trigger]) => trigger)).toEqual(['schedule', 'retry']);
    await scene.end();
    expect(scene.slots('notes')).toEqual([['11-22T03:17', 'done', null]]);
  });
});

describe('a slot', () => {
  it('during a pause is skipped, and nothing is made up for afterwards', async () => {
    const job = await scene.addJob('notes', { paused: true, pausedUntil: '2026-11-23T03:17:00Z' });
    await scene.start();
    await scene.pass(dayMs);
    expect(scene.starts).toEqual([]);
    await scene.pass(17 * minuteMs);
    await scene.end();
    scene.engine.settings.replaceJob(job.name, (present) => ({ ...present, paused: true, pausedUntil: null }));
    await scene.pass(2 * dayMs);
    scene.engine.settings.replaceJob(job.name, (present) => ({ ...present, paused: false }));
    await scene.pass(hourMs);
    expect(scene.slots('notes')).toEqual([
      ['11-22T03:17', 'skipped', 'it was paused'],
      ['11-23T03:17', 'done', null],
      ['11-24T03:17', 'skipped', 'it was paused'],
      ['11-25T03:17', 'skipped', 'it was paused'],
    ]);
  });

  it('at which another run of the job goes on is skipped', async () => {
    const job = await scene.addJob('notes');
    await scene.start();
    const other = Promise.withResolvers<void>();
    const manual = scene.engine.runs.run(job, () => other.promise);
    await scene.pass(18 * minuteMs);
    other.resolve();
    await manual;
    await scene.pass(hourMs);
    expect([scene.starts, scene.slots('notes')]).toEqual([[], [['11-22T03:17', 'skipped', 'the run before it was still going']]]);
  });

  it('that waits after a gap is done by a run that somebody asks for meanwhile', async () => {
    const job = await scene.addJob('notes');
    await scene.start();
    await scene.sleep(6 * hourMs);
    const { run } = await runJob(scene.engine, { job, trigger: 'manual' });
    await scene.look();
    await scene.pass(12 * hourMs);
    expect(scene.starts).toEqual([]);
    expect(scene.engine.ledger('notes').slots(9)).toMatchObject([{ state: 'done', runId: run.id }]);
  });

  it('of a schedule that was changed does not come, and the new one begins now', async () => {
    const job = await scene.addJob('notes', { rules: { onlyOnMains: true, minBatteryPercent: 0, bandwidth: [] } });
    scene.power = { onBattery: true, percent: 80 };
    await scene.start();
    await scene.pass(hourMs);
    scene.power = null;
    scene.engine.settings.replaceJob(job.name, (present) => ({ ...present, schedule: { cron: '0 5 * * *', zone: 'UTC' } }));
    await scene.pass(hourMs);
    expect([scene.starts, scene.slots('notes')]).toEqual([
      [['notes', 'schedule', '11-22T05:00']],
      [
        ['11-22T03:17', 'skipped', 'the schedule was changed'],
        ['11-22T05:00', 'started', null],
      ],
    ]);
  });

  it('that ran does not run again where the clock is set back', async () => {
    await scene.addJob('notes');
    await scene.start();
    await scene.pass(20 * minuteMs);
    await scene.end();
    scene.clock.jump(-2 * hourMs);
    await scene.pass(4 * hourMs);
    expect(scene.starts).toEqual([['notes', 'schedule', '11-22T03:17']]);
    await scene.pass(dayMs);
    expect(scene.starts.at(-1)).toEqual(['notes', 'schedule', '11-23T03:17']);
  });

  it('of a catalog that cannot be written now is decided when it can be again', async () => {
    await scene.addJob('notes');
    await scene.start();
    const { catalog } = scene.engine;
    const real = catalog.ledger.bind(catalog);
    catalog.ledger = () => {
      throw new Error('the disk is full');
    };
    await scene.pass(hourMs);
    expect(scene.starts).toEqual([]);
    catalog.ledger = real;
    await scene.pass(5 * minuteMs);
    expect(scene.starts.map(([job]) => job)).toEqual(['notes']);
  });
});

describe('a rule', () => {
  const rules = { onlyOnMains: false, minBatteryPercent: 0, bandwidth: [] };

  it.each([
    ['mains power', { ...rules, onlyOnMains: true }, 'it waits for mains power'],
    ['the battery', { ...rules, minBatteryPercent: 50 }, 'it waits for the battery to have 50 %, or for mains power; it has 40 %'],
  ])('lets a run wait for %s, says so, and it starts within a minute of that', async (_, jobRules, reason) => {
    await scene.addJob('notes', { rules: jobRules });
    scene.power = { onBattery: true, percent: 40 };
    await scene.start();
    await scene.pass(2 * hourMs);
    expect([scene.starts, scene.slots('notes')]).toEqual([[], [['11-22T03:17', 'planned', reason]]]);
    scene.power = { onBattery: jobRules.minBatteryPercent > 0, percent: 50 };
    await scene.pass(minuteMs);
    expect(scene.starts).toHaveLength(1);
  });
});

describe('a missed run to a destination behind the network', () => {
  beforeEach(async () => {
    const drive = {
      kind: 'drive',
      name: 'gdrive',
      id: 'dest-1',
      folder: 'Backups',
      folderId: null,
      credentials: { kind: 'own' },
      account: null,
    };
    const config = driveConfigSchema.parse(drive);
    scene.engine.settings.change((settings) => ({ ...settings, destinations: [...settings.destinations, config] }));
    await scene.addJob('notes', { destinations: ['usb', 'gdrive'] });
    scene.isOnline = false;
  });

  it('waits until that is reached', async () => {
    await scene.start();
    await scene.sleep(6 * hourMs);
    await scene.pass(10 * minuteMs);
    expect([scene.starts, scene.slots('notes')]).toEqual([[], [['11-22T03:17', 'planned', 'it waits for the network']]]);
    scene.isOnline = true;
    await scene.look();
    expect(scene.starts).toHaveLength(1);
  });

  it('does what it can after half an hour without', async () => {
    await scene.start();
    await scene.sleep(6 * hourMs);
    await scene.pass(33 * minuteMs + tickMs);
    expect(scene.starts).toHaveLength(1);
  });

  it('does not wait where it is on time: what fails is told', async () => {
    await scene.start();
    await scene.pass(17 * minuteMs);
    expect(scene.starts).toEqual([['notes', 'schedule', '11-22T03:17']]);
  });
});

/** The status of the next run that ends. */
function runFinished(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const stop = scene.engine.listen((event) => {
    if (event.type !== 'run-finished') return;
    stop();
    resolve(event.status);
  });
  return promise;
}
