import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseLsof, parseLsofNames, systemOpenHandles } from '../../electron/engine/platform/open-handles.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

it('tells which of several files other processes have open, and which processes', async ({ skip }) => {
  if (process.platform === 'win32') {
    process.stdout.write('NOT TRIED, open handles: this system does not tell them\n');
    skip();
  }
  await using folder = await makeTempFolder();
  const [open, closed] = ['open.db', 'closed.db'].map((name) => join(folder.path, name)) as [string, string];
  for (const path of [open, closed]) await makeSampleDatabase(path, { bytes: 100_000, journalMode: 'wal', seed: 1 });
  const writer = await startLiveWriter(await realpath(open), { everyMs: 5 });
  expect(await systemOpenHandles.among([open, `${open}-wal`, closed])).toEqual(new Set([open, `${open}-wal`]));
  expect((await systemOpenHandles.of([open, closed]))?.map(({ pid }) => pid)).toEqual([writer.pid]);
  await writer.stop();
  expect(await systemOpenHandles.among([open, closed])).toEqual(new Set());
  expect(await systemOpenHandles.of([open, closed])).toEqual([]);
});

it('reads what lsof prints', () => {
  expect(parseLsof('p42\ncSafari\np43\ncTextEdit\n')).toEqual([
    { pid: 42, command: 'Safari' },
    { pid: 43, command: 'TextEdit' },
  ]);
  expect(parseLsofNames('p42\nf3\nn/a.db\nf4\nn/a.db-wal\np43\nf9\nn/b.db\n', 43)).toEqual(new Set(['/a.db', '/a.db-wal']));
  expect(parseLsofNames('', 1)).toEqual(new Set());
});
