import { chmodSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { type CliSandbox, modesIn, openSandbox, writeNoise, writeNotes } from '../support/cli.ts';
import { asOrdinaryUser, skipWhereClosed } from '../support/ordinary-user.ts';

interface Finding {
  readonly what: string;
  readonly verdict: string;
  readonly message: string;
  readonly hint?: string;
}

async function setUp(box: CliSandbox): Promise<void> {
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb']);
  await box.json(['backup', 'notes']);
}

async function findings(box: CliSandbox, exitCode: number, ...args: string[]): Promise<Record<string, Finding[]>> {
  const { findings: all, ok } = await box.json<{ ok: boolean; findings: Finding[] }>(['doctor', ...args], exitCode);
  expect(ok).toBe(exitCode === 0);
  return Object.groupBy(all, ({ what }) => what) as Record<string, Finding[]>;
}

describe('nightjar doctor', () => {
  it('finds nothing wrong with a set-up that is right, and says what it looked at', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const found = await findings(box, 0);
    expect(Object.fromEntries(Object.entries(found).map(([what, [one]]) => [what.replace(box.path, ''), one?.verdict]))).toEqual({
      versions: 'good',
      clock: 'good',
      'data folder /home': 'good',
      'privacy of the data folder': 'good',
      lock: 'good',
      settings: 'good',
      catalog: 'good',
      'destination usb': 'good',
      'source of notes': 'good',
      'permissions of notes': 'good',
    });
    expect(found.versions?.[0]?.message).toMatch(/^nightjar \S+, Node \d.*, SQLite 3\.\d.*, git \d.*, (linux|darwin|win32) /);
  });

  it('finds what is wrong with settings, data folder, catalog and clock', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const settings = JSON.parse(readFileSync(box.at('home', 'settings.json'), 'utf8'));
    settings.destinations[0].path = 'usb';
    writeFileSync(box.at('home', 'settings.json'), JSON.stringify(settings));
    writeFileSync(box.at('home', 'settings.broken-1.json'), '{');
    chmodSync(box.at('home', 'settings.broken-1.json'), 0o644);
    writeFileSync(box.at('home', 'catalog.db.damaged-2026'), '');
    const catalog = new Database(box.at('home', 'catalog.db'));
    catalog.prepare("INSERT INTO slot (job, at_ms, state, reason) VALUES ('notes', 0, 'skipped', 'on battery')").run();
    catalog.prepare('UPDATE run SET started_at_ms = started_at_ms + 86400000, ended_at_ms = ended_at_ms + 86400000').run();
    catalog.close();
    const found = await findings(box, 1);
    expect(found['schedule of notes']).toMatchObject([{ message: 'its last slot, 1970-01-01T00:00:00.000Z, is skipped (on battery)' }]);
    expect(found.settings).toMatchObject([
      { verdict: 'bad', message: 'destinations.0.path: "usb" must be an absolute path' },
      { verdict: 'warning', message: expect.stringContaining('settings.broken-1.json') },
    ]);
    expect(found['privacy of the data folder']).toMatchObject([{ verdict: 'warning', hint: expect.stringContaining('chmod') }]);
    expect(found.catalog).toMatchObject([{ verdict: 'good' }, { verdict: 'warning', message: expect.stringContaining('damaged-2026') }]);
    expect(found.clock).toMatchObject([{ verdict: 'bad', message: expect.stringContaining('set back') }]);
  });

  it('finds a damaged catalog without touching it, beside the one that has it open', async () => {
    await using box = await openSandbox();
    await setUp(box);
    writeNoise(box.at('large.db'), 64);
    const running = box.start(['backup', '--sqlite', 'large.db', '--to', 'usb']);
    await running.seen('Copying the database');
    running.child.kill('SIGSTOP');

    const beside = await findings(box, 0);
    expect(beside.lock).toMatchObject([
      { verdict: 'warning', message: expect.stringMatching(new RegExp(`process ${running.pid}.*could not be checked`)) },
    ]);
    expect(beside['destination usb']).toMatchObject([{ verdict: 'warning', message: expect.stringContaining('was not checked') }]);
    expect([beside['source of notes']?.[0]?.verdict, beside.catalog?.[0]?.verdict]).toEqual(['good', 'good']);

    // With its last pages gone, the tables and indexes in them are damaged.
    rmSync(box.at('home', 'catalog.db-wal'));
    truncateSync(box.at('home', 'catalog.db'), 24_576);
    const damaged = await findings(box, 1);
    expect(damaged.catalog).toMatchObject([{ verdict: 'bad', hint: expect.stringContaining('made anew') }]);
  });

  it('says what is wrong with a data folder that cannot be opened at all', async () => {
    await using box = await openSandbox();
    box.folder('home');
    writeFileSync(box.at('home', 'settings.json'), '{');
    const { findings: all } = await box.json<{ findings: Finding[] }>(['doctor'], 1);
    expect(all).toMatchObject([{ what: 'versions' }, { verdict: 'bad', message: expect.stringContaining('is not JSON') }]);
  });

  it('finds permissions that keep a source from being read', async (context) => {
    skipWhereClosed(context);
    await using box = await openSandbox();
    await setUp(box);
    writeFileSync(box.at('notes.db-journal'), '');
    const options = asOrdinaryUser(
      box.path,
      ...['home', 'usb'].flatMap((name) => Object.keys(modesIn(box.at(name))).map((path) => box.at(name, path))),
    );
    chmodSync(box.at('notes.db-journal'), 0o600);
    const { findings: all } = await box.json<{ findings: Finding[] }>(['doctor'], 1, options);
    if (process.getuid?.() === 0)
      expect(all.filter(({ what }) => what === 'permissions of notes')).toMatchObject([
        { verdict: 'bad', message: expect.stringMatching(/notes\.db-journal may not be read by this user: it belongs to user 0/) },
      ]);
  });
});

describe('nightjar doctor --report', () => {
  it('is a text for an issue: what was found and the last troubles, without names and secrets', async () => {
    await using box = await openSandbox();
    await setUp(box);
    rmSync(box.at('usb'), { recursive: true });
    await box.fails(['backup', 'notes'], 1);
    writeFileSync(
      box.at('home', 'logs', 'nightjar.log'),
      `${JSON.stringify({ level: 'warn', time: '2026-11-22T03:17:00.000Z', msg: `https://ada:s3cret@example.org and ${box.path}/x for ada@example.org` })}\n`,
      { flag: 'a' },
    );
    const { code, stdout, stderr } = await box.run(['doctor', '--report'], { environment: { HOME: box.path } });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).not.toContain(box.path);
    expect(stdout).not.toMatch(/s3cret|ada@/);
    expect(stdout).toMatch(/^BAD {5}destination usb: .*~\/usb/m);
    expect(stdout).toMatch(/^ok {6}source of notes: ~\/notes\.db/m);
    expect(stdout).toMatch(/error .*code=destination-absent/);
    expect(stdout).toContain('2026-11-22T03:17:00.000Z warn https://***@example.org and ~/x for ***@example.org');
    const json = await box.run(['doctor', '--report', '--json']);
    expect(json.stdout).not.toContain(box.path);
  });
});
