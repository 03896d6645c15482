import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type ClientScene, failureOf, readAll, transports } from '../support/engine-clients.ts';
import { addFolderDestination, addJob, addNotes, countNotes, makeNotes } from '../support/test-engine.ts';

/** Backs up a database of 40 notes, adds five, and backs it up once more on the same day. */
async function backUpTwice({ client, engine, path }: ClientScene): Promise<void> {
  const live = join(path, 'notes.db');
  makeNotes(live, 40);
  await addFolderDestination(engine, path, 'usb');
  addJob(engine, { name: 'notes', path: live, destinations: ['usb'] });
  await readAll(await client.jobs.backup({ job: 'notes' }));
  const writer = new Database(live);
  addNotes(writer, 5);
  writer.close();
  await readAll(await client.jobs.backup({ job: 'notes' }));
}

describe.each(Object.entries(transports))('a client %s', (_, open) => {
  it('brings back exactly the snapshot that it names, also from a folder of which nothing is known', async () => {
    await using scene = await open();
    await backUpTwice(scene);
    const { client, path } = scene;
    const usb = join(path, 'usb');
    const [newer, older] = await client.snapshots.list({ job: 'notes' });
    if (newer === undefined || older === undefined) throw new Error('there are no two snapshots');
    const rows = [];
    for (const { id } of [older, newer]) {
      const target = join(path, `${id}.db`);
      const { outcome } = await readAll(await client.restores.foreign({ destination: usb, at: id, target }));
      expect(outcome.outcome.sha256).toBe((await client.snapshots.get({ snapshot: id })).manifest.raw.sha256);
      rows.push(countNotes(target));
    }
    expect(rows).toEqual([40, 45]);

    const none = client.restores.foreign({ destination: usb, at: 'snap-2222222222', target: join(path, 'none.db') });
    expect(await failureOf(none.then(readAll))).toMatchObject({ code: 'snapshot-unknown' });
    const among = client.restores.foreign({ destination: usb, at: older.id, target: join(usb, 'among.db') });
    expect(await failureOf(among.then(readAll))).toMatchObject({ code: 'target-refused' });
    expect(await readdir(usb)).toEqual(expect.not.arrayContaining(['among.db']));
  });

  it('cancels a restore by its id', async () => {
    await using scene = await open();
    await backUpTwice(scene);
    const { client, engine, path } = scene;
    const target = join(path, 'new.db');
    const stream = await client.restores.toFile({ snapshot: 'notes', target });
    const { value: started } = await stream.next();
    if (started === undefined || !('runId' in started)) throw new Error('it did not start');
    await client.runs.cancel({ run: started.runId });
    expect(await failureOf(readAll(stream))).toMatchObject({ code: 'cancelled' });
    expect(engine.catalog.restores()).toMatchObject([{ id: started.runId, state: 'failed' }]);
    expect(existsSync(target)).toBe(false);
    expect((await readdir(path)).filter((name) => name.includes('new.db'))).toEqual([]);
    expect(await failureOf(client.runs.cancel({ run: started.runId }))).toMatchObject({ code: 'run-unknown' });
  });
});
