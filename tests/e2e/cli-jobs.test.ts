import { mkdirSync, renameSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SqliteJob } from '../../electron/domain/model.ts';
import {
  type BackupDocument,
  type CliSandbox,
  filesIn,
  onlyDocument,
  openSandbox,
  type SnapshotDocument,
  snapshotFilesIn,
  type VerifyDocument,
  writeNotes,
} from '../support/cli.ts';

/** Sets up two destinations and a job `notes`. */
async function setUp(box: CliSandbox, options: readonly string[] = [], to: readonly string[] = ['usb', 'nas']): Promise<void> {
  box.folder('usb', 'nas');
  writeNotes(box.at('notes.db'));
  await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
  await box.json(['destination', 'add', 'folder', 'nas', 'nas']);
  await box.json(['job', 'add', 'notes', '--sqlite', 'notes.db', ...to.flatMap((name) => ['--to', name]), ...options]);
}

const keepOne = ['--keep-daily', '1', '--keep-monthly', '0', '--keep-at-least', '1'];

describe('destinations', () => {
  it('are added, listed, shown, tested and removed', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    const added = await box.json<{ destination: object }>(['destination', 'add', 'folder', 'usb', 'usb']);
    const config = { kind: 'folder', name: 'usb', id: expect.stringMatching(/^dest-/), path: box.at('usb') };
    expect(added).toMatchObject({ destination: config });
    expect(await box.json(['destination', 'list'])).toEqual([config]);
    expect(await box.json(['destination', 'show', 'usb'])).toMatchObject({
      ...config,
      reachable: true,
      snapshots: 0,
      bytes: 0,
      error: null,
    });
    const tested = await box.json<{ ok: boolean; checks: { ok: boolean }[] }>(['destination', 'test', 'usb']);
    expect(tested).toMatchObject({ ok: true, destination: 'usb' });
    expect(tested.checks.length).toBeGreaterThanOrEqual(4);
    expect(Object.keys(filesIn(box.at('usb'))).filter((file) => !file.startsWith('.'))).toEqual(['nightjar-destination.json']);
    expect(await box.json(['destination', 'remove', 'usb'])).toMatchObject({ removed: config });
    expect(await box.json(['destination', 'list'])).toEqual([]);
  });

  it('that are away are said to be so, and are not made anew', async () => {
    await using box = await openSandbox();
    box.folder('usb');
    await box.json(['destination', 'add', 'folder', 'usb', 'usb']);
    renameSync(box.at('usb'), box.at('unplugged'));
    expect(await box.json(['destination', 'show', 'usb'], 1)).toMatchObject({ reachable: false, error: { code: 'destination-absent' } });
    expect(await box.json(['destination', 'test', 'usb'], 1)).toMatchObject({ ok: false, checks: [{ ok: false }] });
    // An empty mount point is not the disk.
    mkdirSync(box.at('usb'));
    expect(await box.json(['destination', 'test', 'usb'], 1)).toMatchObject({
      ok: false,
      checks: [{ ok: false, message: expect.stringContaining('mark') }],
    });
    expect(filesIn(box.at('usb'))).toEqual({});
  });

  it('that a job uses cannot be removed', async () => {
    await using box = await openSandbox();
    await setUp(box);
    expect(await box.fails(['destination', 'remove', 'usb'], 2)).toMatchObject({
      code: 'destination-in-use',
      message: expect.stringContaining('notes'),
    });
    await box.json(['job', 'set', 'notes', '--to', 'nas']);
    await box.json(['destination', 'remove', 'usb']);
  });
});

describe('jobs', () => {
  const everyOption = [
    ...['--at', '30 4 * * 1-5', '--zone', 'Europe/Berlin', '--sentinel', 'SELECT count(*) FROM notes', '--check', 'integrity_check'],
    ...['--keep-daily', '7', '--keep-weekly', '4', '--keep-monthly', '6', '--keep-yearly', '2', '--keep-at-least', '2'],
    ...['--limit', '600', '--lock-wait', '5', '--compression', 'zstd', '--level', '12'],
  ];

  it('are added with every option, listed, shown, paused, resumed and removed', async () => {
    await using box = await openSandbox();
    await setUp(box, everyOption);
    const job = {
      name: 'notes',
      source: { kind: 'sqlite', path: box.at('notes.db'), check: 'integrity_check', sentinel: 'SELECT count(*) FROM notes' },
      destinations: ['usb', 'nas'],
      schedule: { cron: '30 4 * * 1-5', zone: 'Europe/Berlin' },
      retention: { daily: 7, weekly: 4, monthly: 6, yearly: 2, minVerified: 2 },
      paused: false,
      limitSeconds: 600,
      lockWaitSeconds: 5,
      compression: { codec: 'zstd', level: 12 },
    };
    expect(await box.json(['job', 'list'])).toMatchObject([job]);
    expect(await box.json(['job', 'show', 'notes'])).toMatchObject(job);
    expect(await box.json(['job', 'pause', 'notes'])).toMatchObject({ ...job, paused: true });
    expect(await box.json(['job', 'show', 'NOTES'])).toMatchObject({ ...job, paused: true });
    expect(onlyDocument(await box.run(['status', '--json']))).toMatchObject({ jobs: [{ job: 'notes', next: null }] });
    expect(await box.json(['job', 'resume', 'notes'])).toMatchObject(job);
    expect(await box.json(['job', 'remove', 'notes'])).toMatchObject({ removed: job });
    expect(await box.json(['job', 'list'])).toEqual([]);
  });

  it('have defaults, and keep what "job set" does not name', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const job = {
      source: { check: 'quick_check' },
      schedule: { cron: '17 3 * * *', zone: 'UTC' },
      retention: { daily: 30, weekly: 0, monthly: 12, yearly: 0, minVerified: 3 },
      limitSeconds: 28_800,
      lockWaitSeconds: 60,
      compression: { codec: 'gzip', level: null },
    };
    expect(await box.json(['job', 'show', 'notes'])).toMatchObject(job);
    expect(await box.json(['job', 'set', 'notes', '--keep-daily', '3', '--at', '0 5 * * *'])).toMatchObject({
      ...job,
      schedule: { cron: '0 5 * * *', zone: 'UTC' },
      retention: { ...job.retention, daily: 3 },
    });
  });

  it('are compressed as they say, and the level of another codec is gone', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const set = async (...options: string[]) => (await box.json<SqliteJob>(['job', 'set', 'notes', ...options])).compression;
    expect(await set('--level', '9')).toEqual({ codec: 'gzip', level: 9 });
    expect(await set('--keep-daily', '3')).toEqual({ codec: 'gzip', level: 9 });
    expect(await set('--compression', 'zstd')).toEqual({ codec: 'zstd', level: null });
    expect(await set('--level', '19')).toEqual({ codec: 'zstd', level: 19 });
    expect((await box.run(['job', 'show', 'notes'])).stdout).toContain('compressed with zstd, level 19\n');
    expect(await set('--level', 'none')).toEqual({ codec: 'zstd', level: null });
    const { snapshot } = await box.json<BackupDocument>(['backup', 'notes']);
    await box.json(['restore', snapshot.id, '--to', 'restored.db']);
    expect(Object.keys(filesIn(box.at('usb'))).filter((name) => name.endsWith('.db.zst'))).toHaveLength(1);
  });

  it('keep their snapshots when they are removed', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const { snapshot } = await box.json<BackupDocument>(['backup', 'notes']);
    await box.json(['job', 'remove', 'notes']);
    expect(await box.json(['snapshots', 'notes'])).toMatchObject([{ id: snapshot.id }]);
    await box.json(['restore', 'notes', '--to', 'restored.db']);
  });
});

describe('a job from backup to status', () => {
  it('backs up to both destinations and shows it in snapshots, history, status, verify and doctor', async () => {
    await using box = await openSandbox();
    await setUp(box);
    expect(await box.json(['status'], 1)).toMatchObject({
      healthy: false,
      jobs: [{ job: 'notes', lastGood: null, healthy: false, problems: { length: 2 } }],
    });

    const { run, snapshot } = await box.json<BackupDocument>(['backup', 'notes']);
    expect(snapshot.copies).toMatchObject([
      { destination: 'nas', verified: true },
      { destination: 'usb', verified: true },
    ]);
    expect(snapshotFilesIn(box.at('nas', 'notes'))).toEqual(snapshotFilesIn(box.at('usb', 'notes')));
    expect(await box.json(['snapshots', 'notes'])).toEqual([snapshot]);
    expect(await box.json(['snapshots'])).toEqual([snapshot]);
    expect(await box.json(['history', 'notes'])).toEqual([run]);
    expect(await box.json(['history', '--limit', '0'])).toEqual([]);
    expect(await box.json(['status'])).toMatchObject({
      healthy: true,
      jobs: [{ job: 'notes', lastGood: snapshot.createdAt, next: expect.stringMatching(/T03:17:00\.000Z$/), healthy: true, problems: [] }],
    });
    expect(await box.json(['doctor'])).toMatchObject({ ok: true, findings: expect.any(Array) });
  });

  it('verifies quickly and in full, by job, by day and by snapshot', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const { snapshot } = await box.json<BackupDocument>(['backup', 'notes']);
    const day = snapshot.createdAt.slice(0, 10);
    expect(await box.json(['verify', `notes@${day}`])).toMatchObject({
      ok: true,
      level: 'quick',
      rows: { expected: 100, found: null },
      snapshot: { id: snapshot.id },
    });
    const full = await box.json<VerifyDocument>(['verify', snapshot.id, '--full']);
    expect(full).toMatchObject({ ok: true, level: 'full', rows: { expected: 100, found: 100 }, copies: [{ ok: true }, { ok: true }] });
    expect(full.snapshot.copies).toMatchObject([{ verifiedLevel: 'full' }, { verifiedLevel: 'full' }]);
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
  });

  it('pins and unpins, also in the manifests', async () => {
    await using box = await openSandbox();
    await setUp(box);
    const { snapshot } = await box.json<BackupDocument>(['backup', 'notes']);
    const manifests = () =>
      ['usb', 'nas'].map(
        (name) =>
          JSON.parse(snapshotFilesIn(box.at(name, 'notes'))[`${snapshot.createdAt.slice(0, 10)}.json`]?.toString() ?? '') as {
            pinned: boolean;
          },
      );
    expect(await box.json(['pin', 'notes'])).toMatchObject({ id: snapshot.id, pinned: true });
    expect(manifests()).toMatchObject([{ pinned: true }, { pinned: true }]);
    expect(await box.json(['snapshots'])).toMatchObject([{ pinned: true }]);
    expect(await box.json(['unpin', snapshot.id])).toMatchObject({ id: snapshot.id, pinned: false });
    expect(manifests()).toMatchObject([{ pinned: false }, { pinned: false }]);
    await box.json(['verify', 'notes']);
  });

  it('shows what retention would remove, and removes only without --dry-run', async () => {
    await using box = await openSandbox();
    await setUp(box, keepOne, ['usb']);
    const first = await box.json<BackupDocument>(['backup', 'notes']);
    await box.json(['pin', first.snapshot.id]);
    const second = await box.json<BackupDocument>(['backup', 'notes']);
    await box.json(['unpin', first.snapshot.id]);
    const kept = await box.json<SnapshotDocument[]>(['snapshots', 'notes']);
    const before = snapshotFilesIn(box.at('usb', 'notes'));

    const dryRun = { job: 'notes', dryRun: true, asOf: null, destinations: [{ destination: 'usb' }] };
    expect(await box.json(['retain', 'notes', '--dry-run'])).toMatchObject({
      ...dryRun,
      destinations: [
        {
          verdicts: [
            { snapshot: second.snapshot.id, reasons: expect.arrayContaining(['newest verified']) },
            { snapshot: first.snapshot.id, reasons: [] },
          ],
          removed: [],
        },
      ],
    });
    expect(await box.json(['retain', 'notes', '--as-of', '2099-01-01'])).toMatchObject({ dryRun: true, asOf: '2099-01-01' });
    expect(snapshotFilesIn(box.at('usb', 'notes'))).toEqual(before);
    expect(await box.json(['snapshots', 'notes'])).toEqual(kept);

    expect(await box.json(['retain', 'notes'])).toMatchObject({
      dryRun: false,
      destinations: [{ removed: [{ snapshot: first.snapshot.id }] }],
    });
    expect(await box.json(['snapshots', 'notes'])).toMatchObject([{ id: second.snapshot.id }]);
    expect(Object.keys(snapshotFilesIn(box.at('usb', 'notes')))).toHaveLength(2);
    // What went is in the trash for a while, not gone.
    expect(Object.keys(filesIn(box.at('usb', '.nightjar-trash'))).filter((file) => file.endsWith('.db.gz'))).toHaveLength(1);
  });

  it('expires with the run, and says what', async () => {
    await using box = await openSandbox();
    await setUp(box, keepOne);
    const first = await box.json<BackupDocument>(['backup', 'notes']);
    const second = await box.json<BackupDocument>(['backup', 'notes']);
    const { objectName } = first.snapshot.copies[0] ?? { objectName: '' };
    // Over midnight both are the newest of their day, and the floor of one still lets the first go.
    expect(second.expired).toEqual(['usb', 'nas'].map((destination) => ({ destination, objectName, snapshot: first.snapshot.id })));
  });
});

describe('a destination that is unplugged', () => {
  it('does not keep the other from its copy: exit code 1, a warning, nothing in its place', async () => {
    await using box = await openSandbox();
    await setUp(box);
    renameSync(box.at('usb'), box.at('unplugged'));
    const { run, snapshot } = await box.json<BackupDocument>(['backup', 'notes'], 1);
    expect(run).toMatchObject({ status: 'warning', warnings: [expect.stringMatching(/the destination usb is not there/)] });
    expect(snapshot.copies).toMatchObject([{ destination: 'nas', verified: true }]);
    expect(Object.keys(snapshotFilesIn(box.at('nas', 'notes')))).toHaveLength(2);
    expect(Object.keys(filesIn(box.path)).filter((file) => file.startsWith('usb'))).toEqual([]);
    expect(await box.json(['status'], 1)).toMatchObject({ healthy: false, jobs: [{ problems: [expect.stringContaining('usb')] }] });

    renameSync(box.at('unplugged'), box.at('usb'));
    await box.json(['backup', 'notes']);
    await box.json(['status']);
  });

  it('is named in the result that people read, not only in a warning above it', async () => {
    await using box = await openSandbox();
    await setUp(box);
    renameSync(box.at('usb'), box.at('unplugged'));
    const { code, stdout } = await box.run(['backup', 'notes']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/at nas, verified\n(.*\n)*.*\busb\b/) });
  });

  it('and is the last one fails the run clearly, also where an empty mount point is left', async () => {
    await using box = await openSandbox();
    await setUp(box);
    renameSync(box.at('usb'), box.at('usb-unplugged'));
    renameSync(box.at('nas'), box.at('nas-unplugged'));
    mkdirSync(box.at('nas'));
    const error = await box.fails(['backup', 'notes'], 1);
    expect(error).toMatchObject({
      code: 'destination-absent',
      message: expect.stringMatching(/destination usb is not there/),
      hint: expect.stringMatching(/plug in or mount/),
    });
    expect(filesIn(box.at('nas'))).toEqual({});
    expect(Object.keys(filesIn(box.path)).filter((file) => file.startsWith('usb/'))).toEqual([]);
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
    expect(await box.json(['history'])).toMatchObject([{ status: 'failed', error: { code: 'destination-absent' } }]);
    expect(await box.json(['doctor'], 1)).toMatchObject({ ok: false });
  });
});

describe('settings', () => {
  it('are listed and changed', async () => {
    await using box = await openSandbox();
    const defaults = {
      reserveBytes: 536_870_912,
      warnFreeBytes: 2_147_483_648,
      gzipLevel: 6,
      trashDays: 7,
      staleHours: 36,
      catchUpNearMinutes: 15,
      notifications: true,
      appearance: 'system',
      onFailure: { command: null, webhook: null },
    };
    expect(await box.json(['settings', 'list'])).toEqual(defaults);
    expect(await box.json(['settings', 'set', 'gzipLevel', '9'])).toEqual({ ...defaults, gzipLevel: 9 });
    expect(await box.json(['settings', 'set', 'appearance', 'dark'])).toMatchObject({ appearance: 'dark' });
    expect(await box.json(['settings', 'set', 'notifications', 'off'])).toMatchObject({ notifications: false });
    expect(await box.json(['settings', 'list'])).toEqual({ ...defaults, gzipLevel: 9, appearance: 'dark', notifications: false });
    expect(await box.fails(['settings', 'set', 'notifications', 'never'], 2)).toMatchObject({ message: '"never" is neither on nor off' });
    expect(await box.fails(['settings', 'set', 'appearance', 'pink'], 2)).toMatchObject({
      message: expect.stringContaining('appearance cannot be pink'),
    });
  });

  it('hold the disk guard: too large a reserve refuses with both numbers, before anything is created', async () => {
    await using box = await openSandbox();
    await setUp(box);
    await box.json(['settings', 'set', 'reserveBytes', '900000000000000']);
    const error = await box.fails(['backup', 'notes'], 3);
    expect(error).toMatchObject({ code: 'disk-space-low', message: expect.stringMatching(/needs .+B .*only .+B are free/) });
    expect(snapshotFilesIn(box.at('usb', 'notes'))).toEqual({});
    expect(filesIn(box.at('home', 'staging'))).toEqual({});
  });
});
