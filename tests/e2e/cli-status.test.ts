import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { parseStatusFile } from '../../electron/domain/status-file.ts';
import { type BackupDocument, type CliSandbox, openSandbox, type StatusDocument, writeNotes } from '../support/cli.ts';
import { startRecordingServer } from '../support/recording-server.ts';

/** A job `notes` of 100 rows that goes to `usb`, with a first backup. */
async function backUp(box: CliSandbox, ...options: string[]): Promise<BackupDocument> {
  box.folder('usb');
  writeNotes(box.at('notes.db'));
  await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', '--to', 'usb', ...options]);
  return box.json<BackupDocument>(['backup', 'notes']);
}
type Status = StatusDocument & { readonly headline: string; readonly state: string };

describe('status', () => {
  it('begins with one sentence, and has its evidence below', async () => {
    await using box = await openSandbox();
    await backUp(box);
    const { stdout } = await box.run(['status']);
    expect(stdout).toMatch(/^✓ All good: notes backed up \d\d:\d\d (today|yesterday)\n✓ notes: verified /);
    expect(stdout).toMatch(/^ {4}usb: verified .+ ago; no drill yet; .+ free$/m);
    expect(await box.json<Status>(['status'])).toMatchObject({
      healthy: true,
      state: 'good',
      headline: expect.stringContaining('All good'),
      jobs: [{ state: 'good', lastProven: null, losses: [], places: [{ place: 'usb', lastDrill: null, space: { daysLeft: null } }] }],
    });
  });

  it('stands beside the snapshots as well, for its owner alone', async () => {
    await using box = await openSandbox();
    const { snapshot } = await backUp(box);
    const path = box.at('usb', 'notes', 'STATUS.json');
    expect(parseStatusFile(readFileSync(path, 'utf8'))).toMatchObject({ job: 'notes', lastVerified: snapshot.createdAt, state: 'good' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('drill', () => {
  it('proves a job and keeps the date; exit code 1 where a proof failed, which status says first', async () => {
    await using box = await openSandbox();
    const { snapshot } = await backUp(box);
    expect(await box.json(['drill', 'notes'])).toMatchObject({
      ok: true,
      drills: [{ job: 'notes', place: 'usb', outcome: 'proven', ok: true, level: 'full', snapshot: snapshot.id, rows: 100 }],
    });
    expect((await box.run(['snapshots', 'notes'])).stdout).toMatch(/^notes was last proven restorable on \d{4}-/m);
    truncateSync(box.at('usb', 'notes', snapshot.copies[0]?.objectName ?? ''), 100);
    const failed = await box.run(['drill']);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringMatching(/^✗ notes: the drill failed: /)]);
    const status = await box.json<Status>(['status'], 1);
    expect([status.state, status.headline]).toEqual(['failed', expect.stringMatching(/^notes: the drill of usb failed: /)]);
  });

  it('of a job has a rhythm that can be set', async () => {
    await using box = await openSandbox();
    await backUp(box, '--drill', 'monthly');
    expect(await box.json(['job', 'set', 'notes', '--drill', 'off'])).toMatchObject({ drill: 'off' });
    expect(await box.fails(['job', 'set', 'notes', '--drill', 'daily'], 2)).toMatchObject({
      code: 'usage-invalid',
      message: expect.stringContaining('--drill'),
    });
  });
});

describe('a database that shrank', () => {
  it('is said by backup, retain and status, until it is acknowledged', async () => {
    await using box = await openSandbox();
    await backUp(box, '--keep-daily', '1', '--keep-monthly', '0', '--keep-at-least', '1');
    const database = new Database(box.at('notes.db'));
    database.exec('DELETE FROM notes WHERE id > 10');
    database.close();
    const second = await box.json<BackupDocument>(['backup', 'notes']);
    expect(second.run).toMatchObject({ status: 'warning', warnings: [expect.stringContaining('10 rows instead of 100')] });
    expect((await box.run(['retain', 'notes'])).stdout).toMatch(/nothing is removed: the table notes has 10 rows instead of 100/);
    expect((await box.json<Status>(['status'], 1)).headline).toMatch(/^notes: it shrank on .*nightjar job acknowledge notes/);
    expect(await box.json(['job', 'acknowledge', 'notes'])).toMatchObject({ acknowledged: [{ snapshot: second.snapshot.id }] });
    expect(await box.json(['status'])).toMatchObject({ healthy: true });
    expect(await box.json(['retain', 'notes'])).toMatchObject({ destinations: [{ removed: [expect.anything()], frozenBy: [] }] });
    expect(await box.fails(['job', 'acknowledge', 'notes'], 2)).toMatchObject({ code: 'usage-invalid' });
  });

  it('may be said of less, or not at all', async () => {
    await using box = await openSandbox();
    await backUp(box, '--no-anomaly');
    expect(await box.json(['job', 'set', 'notes', '--anomaly', '--anomaly-percent', '10'])).toMatchObject({
      anomaly: { enabled: true, rowsFellPercent: 10, sizeFellPercent: 10 },
    });
  });
});

describe('outside eyes', () => {
  it('are told of runs and failures', async () => {
    await using box = await openSandbox();
    await using server = await startRecordingServer();
    await backUp(box, '--health-check', `${server.url}/ping`);
    await box.json(['settings', 'on-failure', '--webhook', `${server.url}/hook`]);
    writeFileSync(box.at('notes.db'), 'this is no database, and has not been one for long'.repeat(100));
    await box.fails(['backup', 'notes'], 1);
    expect(server.requests.map(({ path }) => path)).toEqual(['/ping/start', '/ping', '/ping/start', '/ping/fail', '/hook']);
    expect(JSON.parse(server.requests.at(-1)?.body ?? '')).toMatchObject({ kind: 'failed', job: 'notes' });
    expect(await box.json(['settings', 'on-failure', '--webhook', 'none', '--command', '/bin/echo', 'hello'])).toMatchObject({
      onFailure: { webhook: null, command: ['/bin/echo', 'hello'] },
    });
    expect((await box.run(['settings', 'list'])).stdout).toContain('on failure: webhook none, command /bin/echo hello');
    await box.json(['job', 'set', 'notes', '--health-check', 'none']);
    await box.fails(['backup', 'notes'], 1);
    expect(server.requests).toHaveLength(5);
  });

  it.each([
    ['job', 'set', 'notes', '--health-check', 'http://example.org/x'],
    ['settings', 'on-failure', '--webhook', 'http://example.org/x'],
  ])('are never reached over an open line: %s %s', async (...args) => {
    await using box = await openSandbox();
    await backUp(box);
    expect(await box.fails(args, 2)).toMatchObject({
      code: 'usage-invalid',
      message: expect.stringMatching(/(--health-check|webhook).*https/),
    });
  });
});
