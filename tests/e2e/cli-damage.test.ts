import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  type CliSandbox,
  countNotes,
  filesIn,
  openSandbox,
  type RestoreDocument,
  type SnapshotDocument,
  type StatusDocument,
  type VerifyDocument,
  writeNotes,
} from '../support/cli.ts';

/** Backs up the job `notes`, 100 rows, to the destinations named. */
async function backUp(box: CliSandbox, ...destinations: string[]): Promise<SnapshotDocument> {
  box.folder(...destinations);
  writeNotes(box.at('notes.db'));
  for (const name of destinations) await box.json(['destination', 'add', 'folder', name, name]);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', ...destinations.flatMap((name) => ['--to', name])]);
  return (await box.json<BackupDocument>(['backup', 'notes'])).snapshot;
}

/** Where the object of a snapshot, or its manifest, lies at a destination. */
function stored(box: CliSandbox, snapshot: SnapshotDocument, destination: string, ending: '.db.gz' | '.json'): string {
  const name = snapshot.copies.find((copy) => copy.destination === destination)?.objectName ?? '';
  return box.at(destination, 'notes', name.replace(/\.db\.gz$/, ending));
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(path, bytes);
}

describe('an object at the destination with one flipped byte', () => {
  it.each(['quick', 'full'])('fails a %s verification, makes the status unhealthy, and is never restored', async (level) => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    flipByte(stored(box, snapshot, 'usb', '.db.gz'));

    const verified = await box.json<VerifyDocument>(['verify', 'notes', ...(level === 'full' ? ['--full'] : [])], 1);
    expect(verified).toMatchObject({
      ok: false,
      level,
      copies: [{ destination: 'usb', ok: false, message: expect.stringMatching(/SHA-256|damaged/) }],
    });
    expect(verified.snapshot.copies).toMatchObject([{ verified: false, failure: expect.any(String) }]);
    const status = await box.json<StatusDocument>(['status'], 1);
    expect(status).toMatchObject({ healthy: false, jobs: [{ healthy: false, lastGood: null }] });
    expect(status.jobs[0]?.problems.join('\n')).toContain(snapshot.copies[0]?.objectName);

    for (const args of [['notes'], ['--from', 'usb']]) {
      expect(await box.fails(['restore', ...args, '--to', 'restored.db'], 1)).toMatchObject({
        code: 'digest-mismatch',
        message: expect.stringContaining('damaged'),
      });
    }
    expect(Object.keys(filesIn(box.path)).filter((file) => file.includes('restored.db'))).toEqual([]);
  });

  it('is passed over for the other copy, with a warning', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'nas', 'usb');
    flipByte(stored(box, snapshot, 'nas', '.db.gz'));
    const restored = await box.json<RestoreDocument>(['restore', 'notes', '--to', 'restored.db']);
    expect(restored.warnings).toEqual([expect.stringMatching(/at nas is damaged/)]);
    expect(countNotes(box.at('restored.db'))).toBe(100);
    expect(await box.json(['verify', 'notes'], 1)).toMatchObject({
      ok: false,
      copies: [
        { destination: 'nas', ok: false },
        { destination: 'usb', ok: true },
      ],
    });
    expect(await box.json(['status'], 1)).toMatchObject({
      jobs: [{ lastGood: snapshot.createdAt, problems: expect.arrayContaining([expect.stringContaining('at nas')]) }],
    });
  });
});

describe('a snapshot of which somebody deleted', () => {
  it.each([
    ['the object', '.db.gz'],
    ['the manifest', '.json'],
  ] as const)('%s is missing', async (_, ending) => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    rmSync(stored(box, snapshot, 'usb', ending));
    expect(await box.json(['verify', 'notes'], 1)).toMatchObject({
      ok: false,
      copies: [{ ok: false, message: expect.stringContaining('is not at usb') }],
    });
    expect(await box.json(['status'], 1)).toMatchObject({ healthy: false, jobs: [{ lastGood: null }] });

    const next = await box.json<BackupDocument>(['backup', 'notes']);
    expect(next.run.warnings).toEqual([expect.stringMatching(/is missing at usb/)]);
    const [newest, oldest] = await box.json<SnapshotDocument[]>(['snapshots', 'notes']);
    expect([newest, oldest]).toMatchObject([
      { id: next.snapshot.id, copies: [{ state: 'stored', verified: true }] },
      { id: snapshot.id, copies: [{ state: 'missing', verified: false }] },
    ]);
    expect(await box.fails(['restore', snapshot.id, '--to', 'restored.db'], 1)).toMatchObject({ code: 'object-missing' });
    await box.json(['restore', 'notes', '--to', 'restored.db']);
  });

  it('the object keeps the status unhealthy until it is forgotten', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    rmSync(stored(box, snapshot, 'usb', '.db.gz'));
    const next = await box.json<BackupDocument>(['backup', 'notes']);
    expect(await box.json(['status'], 1)).toMatchObject({
      jobs: [{ lastGood: next.snapshot.createdAt, problems: [expect.stringContaining(snapshot.id)] }],
    });
    await box.json(['forget', snapshot.id]);
    expect(await box.json(['status'])).toMatchObject({ healthy: true });
    expect(await box.json(['snapshots', 'notes'])).toMatchObject([{ id: next.snapshot.id }]);
    expect(await box.fails(['forget', 'nope'], 2)).toMatchObject({ code: 'snapshot-unknown' });
  });
});

describe('a catalog', () => {
  const losses: [string, boolean, (path: string) => void][] = [
    ['overwritten with garbage', true, (path) => writeFileSync(path, randomBytes(50_000))],
    [
      'with garbage in the middle',
      true,
      (path) => writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, 4096), randomBytes(40_000)])),
    ],
    ['cut in half', true, (path) => truncateSync(path, 24_576)],
    ['cut to nothing', false, (path) => truncateSync(path, 0)],
    ['deleted', false, (path) => rmSync(path)],
  ];

  it.each(losses)('%s is made anew from the destination', async (_, isKept, lose) => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    lose(box.at('home', 'catalog.db'));
    const { code, stdout, stderr } = await box.run(['snapshots', 'notes', '--json']);
    expect({ code, found: JSON.parse(stdout) }).toMatchObject({
      code: 0,
      found: [
        {
          id: snapshot.id,
          rawSha256: snapshot.rawSha256,
          tables: snapshot.tables,
          copies: [{ destination: 'usb', state: 'stored', verified: true }],
        },
      ],
    });
    expect(stderr).toMatch(isKept ? /catalog was damaged; it was set aside as .*catalog\.db\.damaged-/ : /found 1 snapshot at usb/);
    expect(readdirSync(box.home).some((name) => name.startsWith('catalog.db.damaged-'))).toBe(isKept);
    await box.json(['status']);
    await box.json(['restore', 'notes', '--to', 'restored.db']);
  });

  it('that is lost while the destination is away learns of its snapshots when it is back', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    rmSync(box.at('home', 'catalog.db'));
    renameSync(box.at('usb'), box.at('unplugged'));
    const away = await box.run(['snapshots', '--json']);
    expect(away).toMatchObject({ code: 0, stderr: expect.stringMatching(/the snapshots at usb are not known yet/) });
    expect(JSON.parse(away.stdout)).toEqual([]);
    renameSync(box.at('unplugged'), box.at('usb'));
    expect(await box.json(['snapshots'])).toMatchObject([{ id: snapshot.id }]);
  });

  it('of a later program is left alone', async () => {
    await using box = await openSandbox();
    await backUp(box, 'usb');
    const database = new Database(box.at('home', 'catalog.db'));
    database.pragma('user_version = 99990');
    database.close();
    const before = readFileSync(box.at('home', 'catalog.db'));
    expect(await box.fails(['backup', 'notes'], 1)).toMatchObject({ code: 'catalog-newer' });
    expect(readFileSync(box.at('home', 'catalog.db'))).toEqual(before);
  });
});

describe('a new machine', () => {
  it('finds the snapshots when destination and job are added again, and goes on with them', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    rmSync(box.home, { recursive: true });

    expect(await box.json(['destination', 'add', 'folder', 'usb', 'usb'])).toMatchObject({ found: ['found 1 snapshot at usb'] });
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb']);
    expect(await box.json(['snapshots', 'notes'])).toMatchObject([{ id: snapshot.id, copies: [{ verified: true }] }]);
    await box.json(['status']);
    await box.json(['restore', 'notes', '--to', 'restored.db']);
    const next = await box.json<BackupDocument>(['backup', 'notes']);
    expect(next.snapshot.copies[0]?.objectName).not.toBe(snapshot.copies[0]?.objectName);
    expect(await box.json(['snapshots', 'notes'])).toHaveLength(2);
  });

  it('where the database lies elsewhere continues the series only when told to', async () => {
    await using box = await openSandbox();
    const snapshot = await backUp(box, 'usb');
    rmSync(box.home, { recursive: true });
    box.folder('moved');
    writeNotes(box.at('moved', 'notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);

    const add = ['job', 'add', 'notes', '--sqlite', 'moved/notes.db', '--to', 'usb'];
    expect(await box.fails(add, 3)).toMatchObject({ code: 'series-foreign', hint: expect.stringContaining('--adopt') });
    expect(await box.json(['job', 'list'])).toEqual([]);
    await box.json([...add, '--adopt']);
    const next = await box.json<BackupDocument>(['backup', 'notes']);
    expect((await box.json<SnapshotDocument[]>(['snapshots', 'notes'])).map(({ id }) => id)).toEqual([next.snapshot.id, snapshot.id]);
  });
});

describe('a settings file', () => {
  const broken: [string, string][] = [
    ['cut off in the middle', '{ "destinations": [ { "kind": "fol'],
    ['with values that make no sense', '{ "preferences": { "gzipLevel": 77 } }'],
    ['that is empty', ''],
  ];

  it.each(broken)('%s is set aside, which is said, and the last good settings are in force', async (_, content) => {
    await using box = await openSandbox();
    await backUp(box, 'usb');
    writeFileSync(box.at('home', 'settings.json'), content);
    const { code, stdout, stderr } = await box.run(['job', 'list', '--json']);
    expect({ code, jobs: JSON.parse(stdout) }).toMatchObject({ code: 0, jobs: [{ name: 'notes', destinations: ['usb'] }] });
    const aside = readdirSync(box.home).filter((name) => name.startsWith('settings.broken-'));
    expect(aside.map((name) => readFileSync(box.at('home', name), 'utf8'))).toEqual([content]);
    expect(stderr).toMatch(/set aside/);
    await box.json(['backup', 'notes']);
  });

  it('that is broken and has no last good one is left alone, with an error that names it', async () => {
    await using box = await openSandbox();
    box.folder('home');
    writeFileSync(box.at('home', 'settings.json'), '{ oops');
    for (const args of [['job', 'list'], ['status'], ['settings', 'set', 'gzipLevel', '9']]) {
      expect(await box.fails(args, 1)).toMatchObject({
        code: 'settings-invalid',
        message: expect.stringContaining(box.at('home', 'settings.json')),
        hint: expect.any(String),
      });
    }
    expect(readFileSync(box.at('home', 'settings.json'), 'utf8')).toBe('{ oops');
  });
});
