import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import {
  type BackupDocument,
  databaseFilesAt,
  entryIn,
  filesIn,
  holdDatabase,
  openSandbox,
  snapshotFilesIn,
  writeCrashedNotes,
  writeNoise,
  writeNotes,
} from '../support/cli.ts';
import { startLiveWriter } from '../support/live-writer.ts';
import { checkInvariants, makeSampleDatabase } from '../support/sample-databases.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const hex = expect.stringMatching(/^[0-9a-f]{64}$/);
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** The name that a snapshot must have in UTC, as the first of its day or as a later one. */
function nameOf(createdAt: string, isRepeat: boolean): string {
  return `${createdAt.slice(0, 10)}${isRepeat ? `_${createdAt.slice(11, 19).replaceAll(':', '')}` : ''}.db.gz`;
}

describe('a one-off backup with nothing configured', () => {
  it('stores a plain gzip and its manifest, and says so in every required key', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'), { rows: 321 });
    const before = databaseFilesAt(box.at('notes.db'));
    const { run, snapshot, expired } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);

    const stamp = snapshot.createdAt.slice(0, 10);
    const stored = snapshotFilesIn(box.at('usb', 'notes'));
    expect(Object.keys(stored)).toEqual([`${stamp}.db.gz`, `${stamp}.json`]);
    const object = stored[`${stamp}.db.gz`] ?? Buffer.alloc(0);
    const raw = gunzipSync(object);
    expect({ run, snapshot, expired }).toMatchObject({
      run: {
        id: expect.any(String),
        status: 'succeeded',
        trigger: 'manual',
        startedAt: instant,
        endedAt: instant,
        steps: expect.any(Array),
      },
      snapshot: {
        id: expect.any(String),
        job: 'notes',
        createdAt: instant,
        rawBytes: raw.length,
        rawSha256: sha256(raw),
        tables: [
          { name: 'notes', rows: 321 },
          { name: 'tags', rows: 0 },
        ],
        copies: [
          { destination: box.at('usb'), objectName: `${stamp}.db.gz`, bytes: object.length, sha256: sha256(object), verified: true },
        ],
      },
      expired: [],
    });
    expect(run.steps.map(({ name, status }) => `${name} ${status}`)).toEqual(
      expect.arrayContaining(['guard', 'snapshot', 'check', 'compress', 'send', 'verify', 'record'].map((name) => `${name} done`)),
    );
    expect(JSON.parse(stored[`${stamp}.json`]?.toString() ?? '')).toMatchObject({
      format: 'nightjar-snapshot',
      id: snapshot.id,
      raw: { sha256: hex },
    });
    expect(databaseFilesAt(box.at('notes.db'))).toEqual(before);
  });

  it('speaks to people: the result on stdout, progress on stderr', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    const { code, stdout, stderr } = await box.run(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^✓ notes: 100 rows in 2 tables, .+ stored as .+\n {2}notes\/\d{4}-\d\d-\d\d\.db\.gz at .*usb, verified\n {2}snapshot snap-\w+; .+\n$/,
    );
    expect(stderr).toMatch(/^( {2}[A-Z].+ \(.+\)\n){6,8}$/);
  });

  it('names a repeat of the same day by its time, and leaves the first as it was', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    const names: string[] = [];
    for (const attempt of ['first', 'second', 'third']) {
      const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
      const name = snapshot.copies[0]?.objectName ?? attempt;
      // Two within one second cannot have the same name: the later one takes the next second.
      const isRepeat = names.includes(nameOf(snapshot.createdAt, false));
      const nextSecond = new Date(Date.parse(snapshot.createdAt) + 1000).toISOString();
      expect([nameOf(snapshot.createdAt, isRepeat), nameOf(nextSecond, isRepeat)]).toContain(name);
      names.push(name);
    }
    expect(new Set(names).size).toBe(3);
    expect(Object.keys(snapshotFilesIn(box.at('usb', 'notes'))).filter((file) => file.endsWith('.db.gz'))).toEqual(names.toSorted());
  });

  it('goes to several folders at once', async () => {
    await using box = await openSandbox();
    box.folder('usb', 'nas');
    writeNotes(box.at('notes.db'));
    const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb', '--to', 'nas']);
    expect(snapshot.copies.map(({ destination }) => destination)).toEqual([box.at('nas'), box.at('usb')]);
    expect(snapshotFilesIn(box.at('nas', 'notes'))).toEqual(snapshotFilesIn(box.at('usb', 'notes')));
  });

  it('into the folder of a configured destination is a snapshot at that destination', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    expect(snapshot.copies).toMatchObject([{ destination: 'usb' }]);
    expect(await box.json(['destination', 'show', 'usb'])).toMatchObject({ snapshots: 1 });
  });

  it.each([
    ['a folder that is not there', 'unplugged'],
    ['a file', 'notes.db'],
  ])('%s is refused as a destination, and nothing is created', async (_, to) => {
    await using box = await openSandbox();
    writeNotes(box.at('notes.db'));
    expect(await box.fails(['backup', '--sqlite', 'notes.db', '--to', to], 1)).toMatchObject({ code: 'destination-absent' });
    expect(Object.keys(filesIn(box.path))).toEqual(['notes.db']);
  });

  it('ends at its wall-clock limit with 124, also inside a blocking wait', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'), { journalMode: 'delete' });
    await using _ = await holdDatabase(box.at('notes.db'), 'BEGIN EXCLUSIVE');
    const error = await box.fails(['backup', '--sqlite', 'notes.db', '--to', 'usb', '--limit', '1'], 124);
    expect(error).toMatchObject({ code: 'timed-out', message: expect.stringContaining('1 s') });
    expect(filesIn(box.at('usb'))).toEqual({});
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
  });
});

describe('the source', () => {
  it('in WAL mode without sidecars keeps none, and not one of its bytes changes', async () => {
    await using box = await openSandbox();
    box.folder('usb', 'app');
    writeNotes(box.at('app', 'notes.db'));
    const before = filesIn(box.at('app'));
    await box.json(['backup', '--sqlite', 'app/notes.db', '--to', 'usb']);
    expect(Object.keys(before)).toEqual(['notes.db']);
    expect(filesIn(box.at('app'))).toEqual(before);
  });

  it('left behind by a crash: what is only in its -wal is in the snapshot, and both files stay as they were', async () => {
    await using box = await openSandbox();
    box.folder('usb', 'app');
    writeCrashedNotes(box.at('app', 'notes.db'), { inFile: 100, inWal: 23 });
    const before = databaseFilesAt(box.at('app', 'notes.db'));
    const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'app/notes.db', '--to', 'usb']);
    expect(Object.keys(before)).toEqual(['', '-wal']);
    expect(snapshot.tables).toContainEqual({ name: 'notes', rows: 123 });
    expect(databaseFilesAt(box.at('app', 'notes.db'))).toEqual(before);
  });

  it('held open by another process: what is only in its -wal is in the snapshot', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'), { rows: 100 });
    await using _ = await holdDatabase(box.at('notes.db'), "PRAGMA wal_autocheckpoint = 0; INSERT INTO notes (body) VALUES ('a'), ('b')");
    const { '-shm': __, ...before } = databaseFilesAt(box.at('notes.db'));
    const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    expect(snapshot.tables).toContainEqual({ name: 'notes', rows: 102 });
    expect(databaseFilesAt(box.at('notes.db'))).toMatchObject(before);
  });

  it('under a live writer gives a consistent snapshot', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    await makeSampleDatabase(box.at('app.db'), { bytes: 4 * 1024 * 1024, journalMode: 'wal', seed: 7 });
    const writer = await startLiveWriter(box.at('app.db'), { everyMs: 5 });
    const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'app.db', '--to', 'usb']);
    const { commits } = await writer.stop();
    expect(commits).toBeGreaterThan(10);
    await box.json(['restore', snapshot.id, '--to', 'restored.db']);
    expect(checkInvariants(box.at('restored.db'))).toEqual([]);
    const restored = new Database(box.at('restored.db'), { readonly: true });
    expect(snapshot.tables).toContainEqual({ name: 'ledger', rows: restored.prepare('SELECT count(*) FROM ledger').pluck().get() });
    restored.close();
  });

  it('in rollback mode works too, and says that writers wait', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'), { journalMode: 'delete' });
    const { run } = await box.json<BackupDocument>(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    expect(run).toMatchObject({ status: 'warning', warnings: [expect.stringContaining('not in WAL mode')] });
  });
});

describe('another database of the same name', () => {
  it.each([
    ['from the same data folder', 'home'],
    ['from another data folder', 'other-home'],
  ])('%s is refused the series of the first, until it has a name of its own', async (_, home) => {
    await using box = await openSandbox();
    box.folder('usb', 'work');
    writeNotes(box.at('notes.db'), { text: 'private' });
    writeNotes(box.at('work', 'notes.db'), { text: 'work' });
    await box.json(['backup', '--sqlite', 'notes.db', '--to', 'usb']);
    const before = snapshotFilesIn(box.at('usb', 'notes'));
    const options = { home: box.at(home) };

    const error = await box.fails(['backup', '--sqlite', 'work/notes.db', '--to', 'usb'], 3, options);
    expect(error).toEqual({
      code: 'series-foreign',
      message: expect.stringContaining(box.at('notes.db')),
      hint: expect.stringContaining('--name'),
    });
    expect(snapshotFilesIn(box.at('usb', 'notes'))).toEqual(before);

    const { snapshot } = await box.json<BackupDocument>(
      ['backup', '--sqlite', 'work/notes.db', '--to', 'usb', '--name', 'work-notes'],
      0,
      options,
    );
    expect(snapshot.job).toBe('work-notes');
    expect(snapshotFilesIn(box.at('usb', 'notes'))).toEqual(before);
    expect(Object.keys(snapshotFilesIn(box.at('usb', 'work-notes')))).toHaveLength(2);
  });
});

describe('Ctrl-C', () => {
  it.each(['while it is copied', 'while it is compressed'] as const)('%s: exit code 1, "cancelled", and nothing is left', async (when) => {
    await using box = await openSandbox();
    box.folder('usb', 'home/staging');
    writeNoise(box.at('large.db'), 96);
    const running = box.start(['backup', '--sqlite', 'large.db', '--to', 'usb'], { detached: true });
    if (when === 'while it is copied') await entryIn(await entryIn(box.at('home', 'staging'), /^run-/), /^copy\.db/);
    else await running.seen('Copying the database');
    // The terminal sends it to the workers as well.
    process.kill(-running.pid, 'SIGINT');

    const { code, stdout, stderr } = await running.ended();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/\nnightjar: .*(cancelled|stopped).*\n$/);
    expect(filesIn(box.at('usb'))).toEqual({});
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
    expect(await box.json(['history'])).toMatchObject([{ status: 'cancelled', error: { code: 'cancelled' } }]);
  });

  it('with --json: one document that says so', async () => {
    await using box = await openSandbox();
    box.folder('usb', 'home/staging');
    writeNoise(box.at('large.db'), 96);
    const running = box.start(['backup', '--sqlite', 'large.db', '--to', 'usb', '--json'], { detached: true });
    await entryIn(await entryIn(box.at('home', 'staging'), /^run-/), /^copy\.db$/);
    process.kill(-running.pid, 'SIGINT');
    const { code, stdout } = await running.ended();
    expect({ code, document: JSON.parse(stdout) }).toMatchObject({
      code: 1,
      document: { error: { code: 'cancelled', message: expect.any(String) } },
    });
  });
});
