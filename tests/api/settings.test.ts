import { join } from 'node:path';
import { expect, it } from 'vitest';
import { transports } from '../support/engine-clients.ts';
import { makeTempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes } from '../support/test-engine.ts';

const open = transports['in its process'];

it('settings go to another machine as one text', async () => {
  await using scene = await open();
  makeNotes(join(scene.path, 'notes.db'), 5);
  await addFolderDestination(scene.engine, scene.path, 'usb');
  addJob(scene.engine, { name: 'notes', path: join(scene.path, 'notes.db'), destinations: ['usb'] });
  await scene.client.settings.set({ key: 'appearance', value: 'dark' });
  const { text } = await scene.client.settings.export();
  await using other = await open();
  const { changes } = await other.client.settings.import({ text, name: 'settings.json' });
  expect(changes.map(({ kind, name, what }) => [what, kind, name])).toEqual(
    expect.arrayContaining([
      ['job', 'added', 'notes'],
      ['destination', 'added', 'usb'],
    ]),
  );
  expect(await other.client.settings.get()).toEqual(scene.engine.settings.current);
});

it('a report says what was examined and what went wrong, without the names of person and machine', async () => {
  await using person = await makeTempFolder();
  await using scene = await open({ ports: { host: 'adas-laptop', userHome: person.path } });
  const { client, engine } = scene;
  await addFolderDestination(engine, person.path, 'usb');
  addJob(engine, { name: 'notes', path: join(person.path, 'gone.db'), destinations: ['usb'] });
  engine.log.warn('adas-laptop has no room');
  const { text } = await client.engine.report();
  expect(text).toMatch(/BAD +source of notes: there is no file ~\/gone\.db/);
  expect(text).toMatch(/the last warnings and errors in the log:\n(.*\n)*.*HOST has no room/);
  expect(text).not.toContain(person.path);
  expect(text).not.toContain('adas-laptop');
});
