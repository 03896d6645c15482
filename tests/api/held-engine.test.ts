import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { noDesktop } from '../../electron/api/desktop.ts';
import { connectEngine } from '../../electron/api/engine-connection.ts';
import { holdEngine } from '../../electron/api/held-engine.ts';
import { parseStatusFile } from '../../electron/domain/status-file.ts';
import { connect } from '../support/engine-clients.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine } from '../support/test-engine.ts';

it('an engine that is held serves other programs, and is closed when what they have asked for is done and told', async () => {
  await using temp = await makeTempFolder();
  const engine = await openTestEngine(temp.path);
  makeNotes(join(temp.path, 'notes.db'), 50);
  const usb = await addFolderDestination(engine, temp.path, 'usb');
  addJob(engine, { name: 'notes', path: join(temp.path, 'notes.db'), destinations: ['usb'] });
  const held = await holdEngine(engine, { ...noDesktop, choosePath: async () => '/chosen' });
  const { client, close } = await connect(engine);
  expect(await client.desktop.choosePath({ want: 'file', title: 'Which?' })).toEqual({ path: '/chosen' });
  await client.jobs.trigger({ job: 'notes' });
  await close();
  await held.close();

  expect(await connectEngine(engine.home, 'nightjar test', new AbortController().signal)).toBeNull();
  const status = parseStatusFile(await readFile(join(usb, 'notes', 'STATUS.json'), 'utf8'));
  const next = await openTestEngine(temp.path);
  expect(next.notices).toEqual([]);
  const [run] = next.catalog.runs();
  expect(run).toMatchObject({ job: 'notes', status: 'succeeded' });
  expect(status).toMatchObject({ job: 'notes' });
  next.close();
});
