import { describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/engine.ts';
import { sqliteJobNamed } from '../../electron/engine/settings-store.ts';
import { HandClock, openAppScene, type RunningApp, withNotes } from '../support/app-scene.ts';
import type { FakeElectron } from '../support/fake-electron.ts';

const night = Date.parse('2026-11-25T03:00:00Z');
const due = Date.parse('2026-11-25T03:17:00Z');
const powerLookMs = 20_000;

/** The job `notes`, due once a day; the scheduler has seen that it is not due yet. */
async function beforeItsSlot(clock: HandClock, app: RunningApp): Promise<void> {
  const { ledger } = app.engine;
  const { schedule } = sqliteJobNamed(app.engine.settings.current, 'notes');
  while (ledger('notes').state(schedule) === null) await new Promise((resolve) => setImmediate(resolve));
  clock.nowMs = due;
}

async function withTriedDrill(engine: Engine, path: string): Promise<void> {
  await withNotes()(engine, path);
}

const wakes: readonly (readonly [string, (electron: FakeElectron, clock: HandClock) => void])[] = [
  ['the machine wakes up', ({ powerMonitor }) => powerMonitor.emit('resume')],
  ['somebody unlocks the screen', ({ powerMonitor }) => powerMonitor.emit('unlock-screen')],
  ['the mains are back', ({ powerMonitor }) => powerMonitor.emit('on-ac')],
  [
    'the network is back',
    ({ net }, clock) => {
      net.online = false;
      clock.look(powerLookMs);
      net.online = true;
      clock.look(powerLookMs);
    },
  ],
  ['the clock shows that the machine has slept', (_, clock) => clock.look(powerLookMs)],
];

describe('the scheduler of the app', () => {
  it.each(wakes)('looks at once when %s', async (_, wake) => {
    const clock = new HandClock();
    clock.nowMs = night;
    await using scene = await openAppScene({ prepare: withTriedDrill, ports: { clock } });
    const app = await scene.begin();
    await beforeItsSlot(clock, app);
    const started = app.told('run-started');
    const finished = app.told('run-finished');
    wake(scene.electron, clock);
    expect(await started).toMatchObject({ job: 'notes' });
    expect(await finished).toMatchObject({ status: 'succeeded' });
    const [run] = await app.client.runs.list({ job: 'notes' });
    expect(run?.startedAtMs).toBe(due);
  });

  it('is not disturbed by looks that find nothing new', async () => {
    const clock = new HandClock();
    clock.nowMs = night;
    await using scene = await openAppScene({ prepare: withTriedDrill, ports: { clock } });
    const { client } = await scene.begin();
    clock.nowMs = night + powerLookMs;
    clock.look(powerLookMs);
    expect(await client.runs.list({})).toEqual([]);
  });
});

describe('the machine', () => {
  it('is kept from suspending the app while a run is under way, and no longer', async () => {
    await using scene = await openAppScene({ prepare: withNotes(20_000) });
    const { client, told } = await scene.begin();
    const { blockers } = scene.electron;
    const during: number[] = [blockers.size];
    const started = told('run-started').then(() => during.push(blockers.size));
    const finished = told('run-finished');
    await client.jobs.trigger({ job: 'notes' });
    await started;
    await finished;
    during.push(blockers.size);
    expect([during, scene.electron.blockersStarted]).toEqual([[0, 1, 0], 1]);
  });

  it('is kept from that also while a run is being ended', async () => {
    await using scene = await openAppScene({ prepare: withNotes(50_000) });
    const { client, told } = await scene.begin();
    const { app, blockers } = scene.electron;
    const began = told('step-progress');
    await client.jobs.trigger({ job: 'notes' });
    await began;
    app.quit();
    expect(blockers.size).toBe(1);
    await app.ended.promise;
    expect(blockers.size).toBe(0);
  });

  it('that is about to go down waits for a safe point', async () => {
    await using scene = await openAppScene({ prepare: withNotes() });
    await scene.begin();
    expect(scene.electron.powerMonitor.ask('shutdown')).toBe(false);
    expect(await scene.electron.app.ended.promise).toBe(0);
  });
});
