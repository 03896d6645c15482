import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BackupDocument, type CliError, filesIn, holdDatabase, openSandbox, writeNotes } from '../support/cli.ts';
import { asOrdinaryUser, folderClosedToOthers, skipWhereClosed } from '../support/ordinary-user.ts';

interface BadSource {
  readonly code: string;
  readonly message: RegExp;
  make(path: string): void;
  /** Tried as a user for whom permissions count. */
  readonly isForbidden?: boolean;
}

/** Spoils pages in the middle of a database of about 400 pages. */
function damage(path: string): void {
  writeNotes(path, { rows: 10_000 });
  const file = openSync(path, 'r+');
  writeSync(file, randomBytes(4096 * 20), 0, 4096 * 20, 4096 * 100);
  closeSync(file);
}

const badSources: Record<string, BadSource> = {
  missing: { code: 'source-missing', message: /^there is no file source\.db$/, make: () => {} },
  'a folder': { code: 'source-not-database', message: /source\.db is not a file/, make: (path) => mkdirSync(path) },
  'a text file': {
    code: 'source-not-database',
    message: /source\.db is not a SQLite database/,
    make: (path) => writeFileSync(path, 'dear diary\n'.repeat(1000)),
  },
  encrypted: {
    code: 'source-encrypted',
    message: /source\.db looks like an encrypted database/,
    make: (path) => writeFileSync(path, randomBytes(4096 * 16)),
  },
  'zero bytes': { code: 'source-empty', message: /source\.db is an empty file/, make: (path) => writeFileSync(path, '') },
  damaged: { code: 'source-corrupt', message: /problems in source\.db/, make: damage },
  unreadable: {
    code: 'source-unreadable',
    message: /source\.db may not be read/,
    make: (path) => {
      writeNotes(path);
      chmodSync(path, 0o000);
    },
    isForbidden: true,
  },
};

interface Failure {
  readonly error: CliError;
  readonly atDestination: readonly string[];
  readonly inStaging: readonly string[];
}

/** What a one-off backup of a bad source says, and what it leaves. */
async function failOneOff({ make, isForbidden = false }: BadSource): Promise<Failure> {
  await using box = await openSandbox();
  box.folder('usb');
  make(box.at('source.db'));
  const options = isForbidden ? asOrdinaryUser(box.path, box.at('usb')) : {};
  const { code, message, hint } = await box.fails(['backup', '--sqlite', 'source.db', '--to', 'usb'], 1, options);
  return {
    error: { code, message: message.replaceAll(`${box.path}/`, ''), ...(hint === undefined ? {} : { hint }) },
    atDestination: Object.keys(filesIn(box.at('usb'))),
    inStaging: Object.keys(filesIn(box.at('home', 'staging'))),
  };
}

describe('a source that cannot be backed up', () => {
  const failures = new Map<string, Failure>();

  beforeAll(async () => {
    for (const [name, source] of Object.entries(badSources)) {
      if (source.isForbidden && folderClosedToOthers() !== null) continue;
      failures.set(name, await failOneOff(source));
    }
  });

  it.for(Object.entries(badSources))('%s: its own code and one sentence, and nothing is created', ([name, source], context) => {
    const { code, isForbidden, message } = source;
    if (isForbidden) skipWhereClosed(context);
    expect(failures.get(name)).toMatchObject({
      error: { code, message: expect.stringMatching(message) },
      atDestination: [],
      inStaging: [],
    });
    expect(failures.get(name)?.error.message).toMatch(/^.{10,250}$/);
  });

  it('says for each something else', () => {
    const messages = [...failures.values()].map(({ error }) => error.message);
    expect(messages.toSorted()).toEqual([...new Set(messages)].toSorted());
  });

  it('missing: a one-off backup does not even make the data folder', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    const { code, stdout, stderr } = await box.run(['backup', '--sqlite', 'nowhere/notes.db', '--to', 'usb']);
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`there is no file ${box.at('nowhere', 'notes.db')}\n`),
    });
    expect(existsSync(box.home)).toBe(false);
  });

  it('locked: waits as long as the job says, then says so; the next run succeeds', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'), { journalMode: 'delete' });
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb', '--lock-wait', '1']);
    {
      await using _ = await holdDatabase(box.at('notes.db'), 'BEGIN EXCLUSIVE');
      const error = await box.fails(['backup', 'notes'], 1);
      expect(error).toEqual({
        code: 'source-locked',
        message: expect.stringMatching(/notes\.db is locked by another program/),
        hint: expect.stringContaining('--lock-wait'),
      });
      expect(filesIn(box.at('usb', 'notes'))).toEqual({});
    }
    await box.json(['backup', 'notes']);
  });

  it('is refused when a job is set up, and no job is left behind', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    writeFileSync(box.at('text.db'), 'dear diary');
    expect(await box.fails(['job', 'add', 'notes', '--sqlite', 'text.db', '--to', 'usb'], 1)).toMatchObject({
      code: 'source-not-database',
    });
    expect(await box.json(['job', 'list'])).toEqual([]);
  });

  it('keeps the reason in the history and the status of its job', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb']);
    writeFileSync(box.at('notes.db'), '');
    await box.fails(['backup', 'notes'], 1);
    expect(await box.json(['history', 'notes'])).toMatchObject([
      { status: 'failed', error: { code: 'source-empty', message: expect.stringContaining('notes.db') } },
    ]);
    expect(await box.json(['status'], 1)).toMatchObject({
      healthy: false,
      jobs: [
        { healthy: false, problems: expect.arrayContaining([expect.stringMatching(/the last run failed: .*notes\.db is an empty file/)]) },
      ],
    });
  });
});

describe('a database that may only be read', () => {
  it.for(['wal', 'delete'] as const)('in mode "%s" is backed up all the same', async (journalMode, context) => {
    skipWhereClosed(context);
    await using box = await openSandbox();
    box.folder('usb', 'app');
    writeNotes(box.at('app', 'notes.db'), { journalMode });
    chmodSync(box.at('app', 'notes.db'), 0o444);
    chmodSync(box.at('app'), 0o555);
    const options = asOrdinaryUser(box.path, box.at('usb'));
    const { snapshot } = await box.json<BackupDocument>(['backup', '--sqlite', 'app/notes.db', '--to', 'usb'], 0, options);
    expect(snapshot.tables).toContainEqual({ name: 'notes', rows: 100 });
    expect(Object.keys(filesIn(box.at('app')))).toEqual(['notes.db']);
    chmodSync(box.at('app'), 0o755);
  });
});

describe('a sentinel query', () => {
  const cases: [string, RegExp][] = [
    ['SELECT count(*) FROM tags', /found nothing/],
    ['SELECT count(*) FROM nowhere', /no such table: nowhere/],
    ['DELETE FROM notes', /does not only read/],
  ];

  it.each(cases)('%s: fails the run with a reason, and no snapshot appears', async (sql, message) => {
    await using box = await openSandbox();
    box.folder('usb');
    writeNotes(box.at('notes.db'));
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb', '--sentinel', sql]);
    expect(await box.fails(['backup', 'notes'], 1)).toMatchObject({ code: 'sentinel-failed', message: expect.stringMatching(message) });
    expect(filesIn(box.at('usb', 'notes'))).toEqual({});
  });
});
