import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  type CliSandbox,
  countNotes,
  databaseFilesAt,
  filesIn,
  holdDatabase,
  launcherPath,
  openSandbox,
  type RestoreDocument,
  writeCrashedNotes,
  writeNotes,
} from '../support/cli.ts';
import { asOrdinaryUser, skipWhereClosed } from '../support/ordinary-user.ts';

/** Backs up a database of 100 notes with nothing configured, so under the name `notes`. */
async function backUp(box: CliSandbox): Promise<BackupDocument['snapshot']> {
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  return (await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb'])).snapshot;
}

const tables = [
  { name: 'notes', rows: 100 },
  { name: 'tags', rows: 0 },
];

describe('restore to a file', () => {
  it.each(['notes', 'NOTES@latest', 'notes@DAY', 'ID'])('%s', async (what) => {
    await using box = await openSandbox();
    const snapshot = await backUp(box);
    const reference = what.replace('DAY', snapshot.createdAt.slice(0, 10)).replace('ID', snapshot.id);
    const live = databaseFilesAt(box.at('notes.db'));
    expect(await box.json(['restore', reference, '--to', 'restored.db'])).toEqual({
      restored: snapshot.id,
      path: box.at('restored.db'),
      tables,
      undo: null,
      warnings: [],
    });
    expect(countNotes(box.at('restored.db'))).toBe(100);
    expect(databaseFilesAt(box.at('notes.db'))).toEqual(live);
    expect(Object.keys(filesIn(box.path)).filter((file) => file.includes('nightjar-restore'))).toEqual([]);
  });

  it('overwrites nothing without --force, and only the file with it', async () => {
    await using box = await openSandbox();
    await backUp(box);
    writeFileSync(box.at('taken.db'), 'precious');
    expect(await box.fails(['restore', 'notes', '--to', 'taken.db'], 3)).toMatchObject({
      code: 'target-exists',
      message: expect.stringContaining(box.at('taken.db')),
      hint: expect.stringContaining('--force'),
    });
    expect(readFileSync(box.at('taken.db'), 'utf8')).toBe('precious');
    await box.json(['restore', 'notes', '--to', 'taken.db', '--force']);
    expect(countNotes(box.at('taken.db'))).toBe(100);
  });

  it('refuses a target beside a stale -wal, which SQLite would replay over it', async () => {
    await using box = await openSandbox();
    await backUp(box);
    writeFileSync(box.at('restored.db-wal'), 'left by somebody');
    expect(await box.fails(['restore', 'notes', '--to', 'restored.db'], 3)).toMatchObject({
      code: 'target-exists',
      message: expect.stringContaining('-wal'),
    });
    expect(existsSync(box.at('restored.db'))).toBe(false);
    expect(readFileSync(box.at('restored.db-wal'), 'utf8')).toBe('left by somebody');
  });

  it('never replaces a snapshot or a file of the data folder, not even with --force', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box);
    const protectedFiles = [box.at('usb', 'notes', snapshot.copies[0]?.objectName ?? ''), box.at('home', 'catalog.db')];
    const before = protectedFiles.map((path) => readFileSync(path).subarray(0, 16));
    for (const path of protectedFiles)
      expect(await box.fails(['restore', 'notes', '--to', path, '--force'], 3)).toMatchObject({ code: 'target-refused' });
    expect(protectedFiles.map((path) => readFileSync(path).subarray(0, 16))).toEqual(before);
  });

  it('whose folder is closed afterwards holds nothing else up', async (context) => {
    skipWhereClosed(context);
    await using box = await openSandbox();
    box.folder('usb', 'out');
    writeNotes(box.at('notes.db'));
    const options = asOrdinaryUser(box.path, box.at('usb'), box.at('out'), box.at('notes.db'));
    await box.json(['backup', '--sqlite', 'notes.db', '--to', 'usb'], 0, options);
    await box.json(['restore', 'notes', '--to', 'out/restored.db'], 0, options);
    chmodSync(box.at('out'), 0o000);
    const after = await box.run(['status', '--json'], options);
    chmodSync(box.at('out'), 0o700);
    expect(after).toMatchObject({ code: 0, stderr: '' });
  });

  const refusals: [string, string[], number, string][] = [
    ['a folder as the target', ['notes', '--to', 'usb'], 3, 'target-refused'],
    ['a target in no folder', ['notes', '--to', 'nowhere/x.db'], 3, 'target-refused'],
    ['a job without snapshots', ['nope', '--to', 'x.db'], 2, 'snapshot-unknown'],
    ['a day without snapshots', ['notes@2001-01-01', '--to', 'x.db'], 2, 'snapshot-unknown'],
    ['a WHEN that is none', ['notes@yesterday', '--to', 'x.db'], 2, 'usage-invalid'],
    ['no target', ['notes'], 2, 'usage-invalid'],
    ['two targets', ['notes', '--to', 'x.db', '--in-place'], 2, 'usage-invalid'],
    ['nothing at all', [], 2, 'usage-invalid'],
    ['--force with --in-place', ['notes', '--in-place', '--force'], 2, 'usage-invalid'],
    ['--at without --from, which would restore another day', ['notes', '--at', '2001-01-01', '--to', 'x.db'], 2, 'usage-invalid'],
    [
      'a snapshot beside --from, which would restore another one',
      ['notes@2001-01-01', '--from', 'usb', '--to', 'x.db'],
      2,
      'usage-invalid',
    ],
    ['--undo of no restore', ['--undo', 'restore-none'], 2, 'restore-unknown'],
    ['--discard of no restore', ['--discard', 'restore-none'], 2, 'restore-unknown'],
  ];

  it('refuses what makes no sense, and changes nothing', async () => {
    await using box = await openSandbox();
    await backUp(box);
    const outcomes: (typeof refusals)[number][] = [];
    for (const [name, args, exitCode] of refusals) {
      const { code, stdout } = await box.run(['restore', ...args, '--json']);
      const { error } = JSON.parse(stdout) as { error?: { code: string } };
      outcomes.push([name, args, code ?? exitCode, error?.code ?? 'no error']);
    }
    expect(outcomes).toEqual(refusals);
    expect(existsSync(box.at('x.db'))).toBe(false);
  });
});

describe('restore in place', () => {
  it('without --yes and without a terminal is refused, and nothing changes', async () => {
    await using box = await openSandbox();
    await backUp(box);
    const live = databaseFilesAt(box.at('notes.db'));
    const error = await box.fails(['restore', 'notes', '--in-place'], 3);
    expect(error).toMatchObject({ code: 'confirmation-missing', hint: expect.stringContaining('--yes') });
    expect(databaseFilesAt(box.at('notes.db'))).toEqual(live);
  });

  it('replaces the database with its sidecars; --undo brings all of it back byte for byte; --discard forgets it', async () => {
    await using box = await openSandbox();
    await backUp(box);
    writeCrashedNotes(box.at('notes.db'), { inFile: 7, inWal: 5 });
    const former = databaseFilesAt(box.at('notes.db'));
    expect(Object.keys(former)).toEqual(['', '-wal']);

    const restored = await box.json<RestoreDocument>(['restore', 'notes', '--in-place', '--yes']);
    expect(restored).toMatchObject({ path: box.at('notes.db'), tables, undo: expect.stringMatching(/^restore-/) });
    expect(Object.keys(databaseFilesAt(box.at('notes.db')))).toEqual(['']);
    expect(countNotes(box.at('notes.db'))).toBe(100);

    const undone = await box.json<RestoreDocument>(['restore', '--undo', restored.undo ?? '']);
    expect(databaseFilesAt(box.at('notes.db'))).toEqual(former);
    expect(await box.json(['restore', '--list'])).toMatchObject([
      { id: undone.undo, mode: 'undo', state: 'done' },
      { id: restored.undo, mode: 'in-place', state: 'undone', snapshot: restored.restored, path: box.at('notes.db') },
    ]);

    await box.json(['restore', '--undo', undone.undo ?? '']);
    expect(countNotes(box.at('notes.db'))).toBe(100);
    await box.json(['restore', '--discard', restored.undo ?? '']);
    expect(await box.fails(['restore', '--undo', restored.undo ?? ''], 3)).toMatchObject({ code: 'undo-impossible' });
    expect(existsSync(`${box.at('notes.db')}.before-${restored.undo}`)).toBe(false);
  });

  it('is refused while another process has the database open, which it names', async () => {
    await using box = await openSandbox();
    await backUp(box);
    await using holder = await holdDatabase(box.at('notes.db'), "INSERT INTO notes (body) VALUES ('a')");
    const error = await box.fails(['restore', 'notes', '--in-place', '--yes'], 3);
    expect(error).toMatchObject({
      code: 'target-in-use',
      message: expect.stringContaining(process.platform === 'linux' ? `process ${holder.pid}` : 'notes.db'),
    });
    expect(Object.keys(filesIn(box.path)).filter((file) => file.startsWith('notes.db.'))).toEqual([]);
  });

  it('goes through a symbolic link to the database itself', async () => {
    await using box = await openSandbox();
    box.folder('usb', 'real');
    writeNotes(box.at('real', 'notes.db'));
    symlinkSync(box.at('real', 'notes.db'), box.at('notes.db'));
    await box.json(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    writeNotes(box.at('real', 'notes.db'), { rows: 11 });
    await box.json(['restore', 'notes', '--in-place', '--yes']);
    expect(countNotes(box.at('real', 'notes.db'))).toBe(100);
    expect(readFileSync(box.at('notes.db'))).toEqual(readFileSync(box.at('real', 'notes.db')));
  });

  it('brings back a database that is gone, or damaged beyond reading', async () => {
    await using box = await openSandbox();
    await backUp(box);
    writeFileSync(box.at('notes.db'), 'no database any more');
    const { undo } = await box.json<RestoreDocument>(['restore', 'notes', '--in-place', '--yes']);
    expect(countNotes(box.at('notes.db'))).toBe(100);
    await box.json(['restore', '--undo', undo ?? '']);
    expect(readFileSync(box.at('notes.db'), 'utf8')).toBe('no database any more');
  });

  /** The answer to the question on a terminal; `script` lends one. */
  async function answer(box: CliSandbox, keys: string): Promise<{ code: number | null; shown: string }> {
    const command = `'${process.execPath}' '${launcherPath}' restore notes --in-place`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, NIGHTJAR_HOME: box.home, SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    while (!shown.includes('[y/N]')) await once(child.stdout, 'data');
    child.stdin.write(keys);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, shown };
  }

  const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;
  const answers: [string, string, number, number][] = [
    ['yes', 'yes\r', 0, 100],
    ['no', 'n\r', 3, 12],
    ['nothing', '\r', 3, 12],
    ['Ctrl-C', '\u0003', 3, 12],
    ['Ctrl-D', '\u0004', 3, 12],
  ];

  it.runIf(hasScript).for(answers)('asks on a terminal: %s', async ([, keys, exitCode, notes]) => {
    await using box = await openSandbox();
    await backUp(box);
    writeCrashedNotes(box.at('notes.db'), { inFile: 12, inWal: 0 });
    const { code, shown } = await answer(box, keys);
    expect({ code, notes: countNotes(box.at('notes.db')), stack: /\n\s+at /.test(shown) }).toEqual({ code: exitCode, notes, stack: false });
  });
});

describe('restore --from a folder, on a machine that has nothing else', () => {
  it('needs no data folder and makes none', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box);
    const options = { home: box.at('fresh') };
    expect(await box.json(['restore', '--from', 'usb', '--to', 'restored.db'], 0, options)).toMatchObject({
      restored: snapshot.id,
      tables,
    });
    expect(countNotes(box.at('restored.db'))).toBe(100);
    expect(existsSync(box.at('fresh'))).toBe(false);
  });

  it('leaves an empty data folder empty, and the folder of snapshots as it is', async () => {
    await using box = await openSandbox();
    await backUp(box);
    box.folder('fresh');
    const before = filesIn(box.at('usb'));
    await box.json(['restore', '--from', 'usb', '--to', 'restored.db'], 0, { home: box.at('fresh') });
    expect(filesIn(box.at('fresh'))).toEqual({});
    expect(filesIn(box.at('usb'))).toEqual(before);
  });

  it('chooses by job and by day, and says what there is', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box);
    writeNotes(box.at('other.db'), { rows: 5 });
    await box.json(['backup', '--sqlite', 'other.db', '--to', 'usb']);
    const from = ['restore', '--from', 'usb'];
    const day = snapshot.createdAt.slice(0, 10);

    expect(await box.fails([...from, '--to', 'x.db'], 2)).toMatchObject({
      code: 'usage-invalid',
      hint: expect.stringContaining('notes, other'),
    });
    expect(await box.fails([...from, '--job', 'nope', '--to', 'x.db'], 2)).toMatchObject({
      code: 'snapshot-unknown',
      hint: expect.stringContaining('notes, other'),
    });
    expect(await box.fails([...from, '--job', 'notes', '--at', '2001-01-01', '--to', 'x.db'], 2)).toMatchObject({
      hint: expect.stringContaining(day),
    });
    expect(await box.fails([...from, '--job', 'notes', '--at', 'soon', '--to', 'x.db'], 2)).toMatchObject({ code: 'usage-invalid' });
    expect(await box.fails(['restore', '--from', 'nowhere', '--to', 'x.db'], 1)).toMatchObject({ code: 'destination-absent' });
    expect(await box.fails(['restore', '--from', 'usb/notes', '--to', 'x.db'], 2)).toMatchObject({ code: 'snapshot-unknown' });
    expect(existsSync(box.at('x.db'))).toBe(false);

    await box.json([...from, '--job', 'other', '--to', 'other-restored.db']);
    expect(countNotes(box.at('other-restored.db'))).toBe(5);
    await box.json([...from, '--job', 'notes', '--at', day, '--to', 'notes-restored.db']);
    expect(countNotes(box.at('notes-restored.db'))).toBe(100);
  });
});
