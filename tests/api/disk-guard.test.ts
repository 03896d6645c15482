import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemDiskSpace } from '../../electron/engine/platform/disk-space.ts';
import type { DiskSpace } from '../../electron/engine/ports.ts';
import { failureOf, readAll, transports } from '../support/engine-clients.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { addFolderDestination, addJob, makeNotes } from '../support/test-engine.ts';

const open = transports['in its process'];
const gigabyte = 1e9;

/** Every folder below `usb` is on a disk of its own, with so much free. */
function twoDisks(free: { usb: number; here: number }): DiskSpace {
  return {
    of: async (path) => {
      const isUsb = path.includes('/usb');
      const freeBytes = isUsb ? free.usb : free.here;
      return { ...(await systemDiskSpace.of(path)), id: isUsb ? 'usb' : 'here', freeBytes, totalBytes: 100 * gigabyte };
    },
  };
}

it('says of every volume what the next runs need there, and creates nothing', async () => {
  const free = { usb: 50 * gigabyte, here: 50 * gigabyte };
  await using scene = await open({ ports: { disk: twoDisks(free) } });
  const { client, engine, path } = scene;
  expect(await client.engine.diskGuard()).toEqual({ volumes: [], unknown: [] });
  await addFolderDestination(engine, path, 'usb');
  await addFolderDestination(engine, path, 'unused');
  for (const name of ['notes', 'mail']) {
    makeNotes(join(path, `${name}.db`), 500);
    addJob(engine, { name, path: join(path, `${name}.db`), destinations: ['usb'] });
  }
  const before = await readdir(path, { recursive: true });
  const { unknown, volumes } = await client.engine.diskGuard();
  expect(await readdir(path, { recursive: true })).toEqual(before);
  expect(unknown).toEqual([]);
  expect(volumes).toMatchObject([
    {
      freeBytes: free.here,
      totalBytes: 100 * gigabyte,
      reserveBytes: engine.settings.current.preferences.reserveBytes,
      warnFreeBytes: engine.settings.current.preferences.warnFreeBytes,
      verdict: 'ok',
      next: [{ job: 'notes' }, { job: 'mail' }],
      daysLeft: null,
    },
    { freeBytes: free.usb, verdict: 'ok', next: [{ job: 'notes', writes: [{ what: 'snapshot at usb' }] }, { job: 'mail' }] },
  ]);
  for (const { freeBytes, next } of volumes) {
    for (const need of next) {
      expect(need.needBytes).toBe(need.writes.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(need.freeAfterBytes).toBe(freeBytes - need.needBytes);
    }
  }

  free.usb = 10_000;
  expect((await client.engine.diskGuard()).volumes.map(({ path: place, verdict }) => [place, verdict])).toEqual([
    [join(path, 'usb'), 'refuse'],
    [expect.any(String), 'ok'],
  ]);
});

it('plans with what the run itself then needs', async () => {
  await using scene = await open();
  const { client, engine, path } = scene;
  await addFolderDestination(engine, path, 'usb');
  makeNotes(join(path, 'notes.db'), 500);
  addJob(engine, { name: 'notes', path: join(path, 'notes.db'), destinations: ['usb'] });
  const { volumes } = await client.engine.diskGuard();
  await readAll(await client.jobs.backup({ job: 'notes' }));
  const guard = engine.catalog.runs()[0]?.steps.find(({ name }) => name === 'guard');
  expect(volumes.flatMap(({ next, path: place }) => next.map(({ needBytes }) => [`needs on ${place}`, needBytes]))).toEqual(
    Object.entries(guard?.facts ?? {}).filter(([name]) => name.startsWith('needs on')),
  );
});

it('says why where it cannot tell what a job needs, and tells of the others', async () => {
  await using scene = await open();
  const { client, engine, path } = scene;
  const usb = await addFolderDestination(engine, path, 'usb');
  await addFolderDestination(engine, path, 'nas');
  makeNotes(join(path, 'notes.db'), 50);
  addJob(engine, { name: 'gone', path: join(path, 'gone.db'), destinations: ['nas'] });
  addJob(engine, { name: 'notes', path: join(path, 'notes.db'), destinations: ['usb', 'nas'] });
  addJob(engine, { name: 'away', path: join(path, 'notes.db'), destinations: ['usb'] });
  await rm(usb, { recursive: true });
  const { unknown, volumes } = await client.engine.diskGuard();
  expect(unknown).toEqual([
    { job: 'gone', message: `there is no file ${join(path, 'gone.db')}` },
    { job: 'away', message: expect.stringContaining('usb') },
  ]);
  expect(volumes.flatMap(({ next }) => next.map(({ job }) => job))).toEqual(['notes']);
});

it('refuses beforehand what the run refuses on a disk that is really too small', async ({ skip }) => {
  await using scene = await open();
  const { client, engine, path } = scene;
  const disk = await mountSmallDisk(join(path, 'usb'), 2_000_000);
  if (typeof disk === 'string') {
    process.stdout.write(`NOT TRIED, the disk guard of a small disk: ${disk}\n`);
    return skip(disk);
  }
  await using _ = disk;
  await addFolderDestination(engine, path, 'usb');
  makeNotes(join(path, 'notes.db'), 3000);
  addJob(engine, { name: 'notes', path: join(path, 'notes.db'), destinations: ['usb'] });
  engine.settings.change((settings) => ({
    ...settings,
    preferences: { ...settings.preferences, reserveBytes: 1_900_000, warnFreeBytes: 0 },
  }));
  const { volumes } = await client.engine.diskGuard();
  expect(volumes.map(({ path: place, totalBytes, verdict }) => [place, totalBytes < 2_100_000, verdict])).toEqual([
    [join(path, 'usb'), true, 'refuse'],
    [expect.any(String), false, 'ok'],
  ]);
  const need = volumes[0]?.next[0]?.needBytes;
  expect(await failureOf(client.jobs.backup({ job: 'notes' }).then(readAll))).toMatchObject({
    code: 'disk-space-low',
    details: { needBytes: need },
  });

  engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, reserveBytes: 0 } }));
  await readAll(await client.jobs.backup({ job: 'notes' }));
  const nowMs = engine.ports.clock.now();
  const { freeBytes, totalBytes } = await systemDiskSpace.of(join(path, 'usb'));
  engine.catalog.evidence().addSpaceSample('usb', { atMs: nowMs - 4 * 86_400_000, freeBytes: 2 * freeBytes, totalBytes });
  engine.catalog.evidence().addSpaceSample('usb', { atMs: nowMs, freeBytes, totalBytes });
  const after = await client.engine.diskGuard();
  expect(after.volumes.find(({ path: place }) => place === join(path, 'usb'))?.daysLeft).toBe(4);
});
