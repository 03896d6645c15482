import { copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDriveServer } from '../support/drive-server.ts';
import { type ClientScene, failureOf, readAll, transports } from '../support/engine-clients.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { addDriveDestination } from '../support/test-drive.ts';
import { addFolderDestination, addJob, makeNotes } from '../support/test-engine.ts';

const open = transports['in its process'];

async function backUpNotes({ client, engine, path }: ClientScene): Promise<string> {
  const live = join(path, 'notes.db');
  await makeSampleDatabase(live, { bytes: 300_000, journalMode: 'wal', seed: 1 });
  await addFolderDestination(engine, path, 'usb');
  addJob(engine, { name: 'notes', path: live, destinations: ['usb'] });
  await readAll(await client.jobs.backup({ job: 'notes' }));
  return live;
}

it('plans a restore in place with what it would find and write, and changes nothing', async () => {
  await using scene = await open();
  const { client, engine } = scene;
  const live = await backUpNotes(scene);
  const { size } = await stat(live);
  const { raw } = engine.catalog.snapshots('notes')[0]?.manifest ?? {};
  const before = await readdir(scene.path, { recursive: true });
  const plan = await client.restores.plan({ snapshot: 'notes' });
  expect(plan).toMatchObject({
    snapshot: { job: 'notes' },
    target: live,
    present: { bytes: size, walBytes: 0 },
    openBy: process.platform === 'win32' ? null : [],
    needs: [
      {
        needBytes: (raw?.bytes ?? 0) + size,
        verdict: 'ok',
        writes: [
          { what: 'the restored database', bytes: raw?.bytes },
          { what: 'the present one, kept', bytes: size },
        ],
      },
    ],
  });
  expect(await readdir(scene.path, { recursive: true })).toEqual(before);

  const writer = await startLiveWriter(live, { everyMs: 5 });
  const inUse = await client.restores.plan({ snapshot: 'notes' });
  expect(inUse.openBy?.map(({ pid }) => pid)).toEqual([writer.pid]);
  expect(inUse.present?.walBytes).toBeGreaterThan(0);
  await writer.stop();

  await rm(live);
  expect(await client.restores.plan({ snapshot: 'notes' })).toMatchObject({ target: live, present: null });
  engine.settings.change((settings) => ({ ...settings, preferences: { ...settings.preferences, reserveBytes: 1e15 } }));
  expect((await client.restores.plan({ snapshot: 'notes' })).needs.map(({ verdict }) => verdict)).toEqual(['refuse']);
});

it('reads what a destination, or any folder, holds, and writes nothing there', async () => {
  await using scene = await open();
  const { client, engine, path } = scene;
  await backUpNotes(scene);
  makeNotes(join(path, 'mail.db'), 10);
  addJob(engine, { name: 'mail', path: join(path, 'mail.db'), destinations: ['usb'] });
  await readAll(await client.jobs.backup({ job: 'mail' }));
  const manifests = engine.catalog.snapshots().map(({ manifest }) => manifest);
  expect(await client.destinations.contents({ destination: 'USB' })).toEqual({ manifests, notes: [] });

  const bare = join(path, 'bare');
  await mkdir(join(bare, 'notes'), { recursive: true });
  for (const name of await readdir(join(path, 'usb', 'notes'))) await copyFile(join(path, 'usb', 'notes', name), join(bare, 'notes', name));
  await writeFile(join(bare, 'notes', '2020-01-01.json'), '{');
  const before = await readdir(bare, { recursive: true });
  const { manifests: found, notes } = await client.destinations.contents({ destination: bare });
  expect(found).toEqual(manifests.filter(({ job }) => job === 'notes'));
  expect(notes).toEqual([expect.stringContaining('2020-01-01.json')]);
  expect(await readdir(bare, { recursive: true })).toEqual(before);

  const restored = await readAll(await client.restores.foreign({ destination: bare, target: join(path, 'back.db') }));
  expect(restored.outcome.snapshotId).toBe(found[0]?.id);
  expect(await failureOf(client.destinations.contents({ destination: join(path, 'nowhere') }))).toMatchObject({
    code: 'destination-absent',
  });
  expect(await failureOf(client.destinations.contents({ destination: 'nono' }))).toMatchObject({ code: 'destination-unknown' });
});

it('previews a policy that is not in force', async () => {
  await using scene = await open();
  const { client, engine } = scene;
  await backUpNotes(scene);
  await readAll(await client.jobs.backup({ job: 'notes' }));
  const policy = { daily: 1, weekly: 0, monthly: 0, yearly: 0, minVerified: 1 };
  const reasonsOf = (outcomes: Awaited<ReturnType<typeof client.retention.preview>>) =>
    outcomes.map(({ destination, verdicts }) => [destination, ...verdicts.map(({ reasons }) => reasons.join(', '))]);
  expect(reasonsOf(await client.retention.preview({ job: 'notes', policy }))).toEqual([
    ['usb', 'newest verified, daily 1', 'base of 1 delta'],
  ]);
  expect(reasonsOf(await client.retention.plan({ job: 'notes' }))).toEqual([
    ['usb', 'newest verified, daily 1, monthly 1', 'one of the last 3 verified, base of 1 delta'],
  ]);
  expect(engine.catalog.snapshots('notes')).toHaveLength(2);
  const none = { ...policy, daily: 0 };
  expect(await failureOf(client.retention.preview({ job: 'notes', policy: none }))).toMatchObject({ code: 'usage-invalid' });
});

it('reads what a folder in Drive holds, and sends nothing there', async () => {
  await using scene = await open();
  const { client, engine, path } = scene;
  const server = await startDriveServer({ folder: join(path, 'google') });
  await addDriveDestination(engine, server);
  makeNotes(join(path, 'mail.db'), 10);
  addJob(engine, { name: 'mail', path: join(path, 'mail.db'), destinations: ['gdrive'] });
  await readAll(await client.jobs.backup({ job: 'mail' }));
  const sentBefore = server.requests().length;
  const { manifests, notes } = await client.destinations.contents({ destination: 'gdrive' });
  expect(manifests).toEqual(engine.catalog.snapshots('mail').map(({ manifest }) => manifest));
  expect(notes).toEqual([]);
  const asked = server.requests().slice(sentBefore);
  expect(asked.filter(({ method, path: place }) => method !== 'GET' && !place.startsWith('/token'))).toEqual([]);
  await server.close();
});
