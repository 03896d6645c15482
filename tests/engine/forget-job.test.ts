import { readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginSchedule } from '../../electron/domain/ledger.ts';
import { encodeSettings } from '../../electron/domain/settings-file.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { runBackup } from '../../electron/engine/operations/backup.ts';
import { importSettings } from '../../electron/engine/operations/import-settings.ts';
import { retainAt } from '../../electron/engine/operations/retain.ts';
import { removeJob, addJob as setUpJob } from '../../electron/engine/operations/set-up-job.ts';
import { systemClock } from '../../electron/engine/platform/clock.ts';
import { watchSettings } from '../../electron/engine/settings-watch.ts';
import { sampleManifest } from '../domain/sample-manifest.ts';
import { gitJobOf, intentOf, makeStoreScene } from '../support/store-scene.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine, standingClock } from '../support/test-engine.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-01-10T03:17:00Z');

/** Lets a catalog know of a job everything that it can. */
function fill(engine: Engine, name: string): void {
  const { createdAt, id: snapshotId, raw, sqlite } = sampleManifest();
  const former = { snapshotId, createdAtMs: Date.parse(createdAt), rawBytes: raw.bytes, tables: sqlite.tables };
  const evidence = engine.catalog.evidence();
  evidence.addAnomaly({ snapshotId, job: name, foundAtMs: start, former, losses: ['all of it is gone'], acknowledgedAtMs: null });
  evidence.setTold(name, [{ kind: 'shrunk', about: [snapshotId] }], start);
  engine.ledger(name).setState({ cron: '17 3 * * *', zone: 'UTC' }, beginSchedule(start));
  engine.ledger(name).start({ cron: '17 3 * * *', zone: 'UTC' }, beginSchedule(start), start);
  engine.queue(name).enqueue([intentOf('a.md')], start);
}

const known = ({ catalog, ledger, queue }: Engine, name: string) => ({
  losses: catalog.evidence().openAnomalies(name).length,
  told: catalog.evidence().told(name).length,
  slots: ledger(name).slots(10).length,
  items: queue(name).items().length,
});
const nothing = { losses: 0, told: 0, slots: 0, items: 0 };

/** An engine with the jobs `notes` and `other` at one destination, and a git job `journal`. */
async function makeScene() {
  const folder = await makeTempFolder();
  const clock = standingClock(systemClock, start);
  const engine = await openTestEngine(folder.path, { clock });
  await addFolderDestination(engine, folder.path, 'usb');
  const [notes, other] = ['notes', 'other'].map((name) => {
    const path = join(folder.path, `${name}.db`);
    makeNotes(path, 20);
    return addJob(engine, { name, path, destinations: ['usb'], retention: { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 } });
  });
  if (notes === undefined || other === undefined) throw new Error('there is no job');
  const journal = gitJobOf('journal', { path: '/data/journal', stores: [''] });
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, journal] }));
  return {
    engine,
    clock,
    notes,
    other,
    trash: () => readdir(join(folder.path, 'usb', '.nightjar-trash')),
    [Symbol.asyncDispose]: async () => {
      engine.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const gone = ['notes', 'journal'];
const without = ({ settings }: Engine) => ({
  ...settings.current,
  jobs: settings.current.jobs.filter(({ name }) => !gone.includes(name)),
});

describe('a job that is removed', () => {
  it.each<[how: string, remove: (engine: Engine) => Promise<void>]>([
    [
      'by a command',
      async (engine) => {
        for (const name of gone) removeJob(engine, name);
      },
    ],
    [
      'from the settings file by hand',
      async (engine) => {
        const watch = watchSettings(engine, () => {});
        writeFileSync(join(engine.home.path, 'settings.json'), JSON.stringify(without(engine)));
        engine.settings.change((settings) => settings);
        watch.close();
      },
    ],
    [
      'by an import that replaces everything',
      async (engine) => {
        const text = encodeSettings(without(engine), { program: 'nightjar test', atMs: start });
        await importSettings(engine, { text, name: 'out.json', mode: 'replace', dryRun: false });
      },
    ],
  ])('%s leaves nothing behind, and the trash of its destination is emptied again', async (_, remove) => {
    await using scene = await makeScene();
    const { clock, engine, notes, other } = scene;
    for (let day = 0; day < 2; day++) {
      clock.set(start + day * dayMs);
      for (const job of [notes, other]) await runBackup(engine, { job, trigger: 'schedule', retain: true });
    }
    for (const name of gone) fill(engine, name);
    clock.set(start + 60 * dayMs);
    await retainAt(engine, other, engine.destination('usb'));
    expect(await scene.trash()).not.toEqual([]);
    await remove(engine);
    expect(engine.settings.current.jobs.map(({ name }) => name)).toEqual(['other']);
    expect(gone.map((name) => known(engine, name))).toEqual([nothing, nothing]);
    await retainAt(engine, other, engine.destination('usb'));
    expect(await scene.trash()).toEqual([]);
  });

  it.each(gone)('but %s cannot be, for the settings cannot be written, keeps everything', async (name) => {
    await using scene = await makeScene();
    const { engine } = scene;
    fill(engine, name);
    engine.settings.beforeChange(() => {
      throw new Error('no space left on device');
    });
    expect(() => removeJob(engine, name)).toThrow('no space left');
    const text = encodeSettings(without(engine), { program: 'nightjar test', atMs: start });
    await expect(importSettings(engine, { text, name: 'out.json', mode: 'replace', dryRun: false })).rejects.toThrow('no space left');
    expect(known(engine, name)).toEqual({ losses: 1, told: 1, slots: 1, items: 1 });
  });
});

describe('what a crash has left of a git job that was removed', () => {
  it('is nothing to one that is added under its name', async () => {
    await using scene = await makeStoreScene();
    const { engine, job } = scene;
    removeJob(engine, job.name);
    engine.queue(job.name).enqueue([intentOf('notes/a.md')], start);
    await setUpJob(engine, job);
    expect(engine.queue(job.name).items()).toEqual([]);
  });

  it('is nothing to one that is imported under its name', async () => {
    await using scene = await makeScene();
    const { engine } = scene;
    const text = encodeSettings(engine.settings.current, { program: 'nightjar test', atMs: start });
    removeJob(engine, 'journal');
    engine.queue('journal').enqueue([intentOf('a.md')], start);
    await importSettings(engine, { text, name: 'out.json', mode: 'merge', dryRun: false });
    expect([engine.queue('journal').items(), readFileSync(join(engine.home.path, 'settings.json'), 'utf8')]).toEqual([
      [],
      expect.stringContaining('journal'),
    ]);
  });
});
