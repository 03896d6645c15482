import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runLogPath } from '../../electron/engine/platform/log.ts';
import { addLockedJob, type ClientScene, failureOf, heard, readAll, transports } from '../support/engine-clients.ts';
import { addFolderDestination, addJob, makeNotes } from '../support/test-engine.ts';

const open = transports['in its process'];

async function addNotesJob(scene: ClientScene): Promise<void> {
  const path = join(scene.path, 'notes.db');
  makeNotes(path, 50);
  await addFolderDestination(scene.engine, scene.path, 'usb');
  addJob(scene.engine, { name: 'notes', path, destinations: ['usb'] });
}

/** Writes runs of a job into the catalog, each as it started. */
function addRuns(
  { engine }: ClientScene,
  job: string,
  ...runs: readonly (readonly [id: string, atMs: number, status: 'succeeded' | 'failed'])[]
): void {
  for (const [id, startedAtMs, status] of runs) {
    engine.catalog.startRun({ id, job, trigger: 'schedule', startedAtMs });
    engine.catalog.endRun(id, { status, endedAtMs: startedAtMs + 1000, warnings: [] });
  }
}

it('lists the runs of a job, of statuses, and of a span of time', async () => {
  await using scene = await open();
  addRuns(scene, 'notes', ['run-a', 1000, 'succeeded'], ['run-b', 2000, 'failed'], ['run-c', 3000, 'succeeded']);
  addRuns(scene, 'mail', ['run-d', 2500, 'failed']);
  const idsOf = async (filter: Parameters<typeof scene.client.runs.list>[0]) => (await scene.client.runs.list(filter)).map(({ id }) => id);
  expect(await idsOf({})).toEqual(['run-c', 'run-d', 'run-b', 'run-a']);
  expect(await idsOf({ job: 'NOTES' })).toEqual(['run-c', 'run-b', 'run-a']);
  expect(await idsOf({ statuses: ['failed'] })).toEqual(['run-d', 'run-b']);
  expect(await idsOf({ statuses: ['failed', 'succeeded'], job: 'notes', limit: 2 })).toEqual(['run-c', 'run-b']);
  expect(await idsOf({ fromMs: 2000, beforeMs: 3000 })).toEqual(['run-d', 'run-b']);
  expect(await idsOf({ fromMs: 3001 })).toEqual([]);
});

it('tells a client that comes in the middle how far the runs under way are', async () => {
  await using scene = await open();
  const { client, engine } = scene;
  const writer = await addLockedJob(scene);
  expect(await client.runs.live()).toEqual([]);
  const begun = heard(scene, 'step-started');
  const backup = client.jobs.backup({ job: 'locked' }).then(readAll);
  await begun;
  const [run] = engine.catalog.runs();
  expect(await client.runs.live()).toEqual([
    {
      runId: run?.id,
      job: 'locked',
      status: 'running',
      steps: [{ step: 'guard', label: expect.any(String), startedAtMs: expect.any(Number) }],
      warnings: [],
    },
  ]);
  writer[Symbol.dispose]();
  await backup;
  expect(await client.runs.live()).toEqual([]);
});

it('gives the last lines of the log of a run, and says where there is none any more', async () => {
  await using scene = await open();
  await addNotesJob(scene);
  const { client, engine } = scene;
  await readAll(await client.jobs.backup({ job: 'notes' }));
  const [run] = engine.catalog.runs();
  const id = run?.id ?? '';
  const lines = await client.runs.log({ run: id });
  expect(lines[0]).toMatchObject({ level: 'info', message: 'run started', fields: { run: id, job: 'notes' } });
  expect(lines.at(-1)).toMatchObject({ message: 'run succeeded' });
  expect(await client.runs.log({ run: id, limit: 2 })).toEqual(lines.slice(-2));
  await rm(runLogPath(engine.home.logFolder, id) ?? '');
  expect(await failureOf(client.runs.log({ run: id }))).toMatchObject({
    code: 'run-unknown',
    message: expect.stringContaining('not kept'),
  });
  expect(await failureOf(client.runs.log({ run: '../../catalog' }))).toMatchObject({ code: 'run-unknown' });
});

it('shows days by what happened on them in the zone that was asked for', async () => {
  await using scene = await open({ ports: {} });
  await addNotesJob(scene);
  const { client, engine } = scene;
  await readAll(await client.jobs.backup({ job: 'notes' }));
  const nowMs = engine.ports.clock.now();
  addRuns(scene, 'notes', ['run-a', nowMs - 3 * 86_400_000, 'succeeded'], ['run-b', nowMs - 86_400_000, 'failed']);
  addRuns(scene, 'mail', ['run-c', nowMs - 3 * 86_400_000, 'failed']);
  const days = await client.runs.calendar({ job: 'notes', days: 4, zone: 'Pacific/Kiritimati' });
  expect(days.map(({ day, ...facts }) => facts)).toEqual([
    { state: 'verified', snapshots: 0, verified: 0, failed: 0, succeeded: 1, skipped: 0 },
    { state: 'none', snapshots: 0, verified: 0, failed: 0, succeeded: 0, skipped: 0 },
    { state: 'failed', snapshots: 0, verified: 0, failed: 1, succeeded: 0, skipped: 0 },
    { state: 'verified', snapshots: 1, verified: 1, failed: 0, succeeded: 1, skipped: 0 },
  ]);
  const all = await client.runs.calendar({ days: 4, zone: 'UTC' });
  expect(all.map(({ state }) => state)).toEqual(['failed', 'none', 'failed', 'verified']);
  expect(await failureOf(client.runs.calendar({ zone: 'Mars/Olympus' }))).toMatchObject({ code: 'usage-invalid' });
});
