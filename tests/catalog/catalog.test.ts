import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isVerified } from '../../electron/domain/snapshot-record.ts';
import { Catalog } from '../../electron/engine/catalog/catalog.ts';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { sampleManifest } from '../domain/sample-manifest.ts';

let catalog: Catalog;
beforeEach(() => {
  const database = new Database(':memory:');
  database.pragma('foreign_keys = ON');
  migrate(database);
  catalog = new Catalog(Object.assign(database, { access: 'read-write' as const }));
});
afterEach(() => catalog.close());

const manifestOf = (id: string, day: string, job = 'notes') =>
  sampleManifest({ id, job, createdAt: `${day}T02:17:00.000Z`, object: { ...sampleManifest().object, name: `${day}.db.gz` } });
const quickAt = (atMs: number) => ({ level: 'quick', atMs }) as const;
const startRun = (id: string, startedAtMs: number, job = 'notes') => catalog.startRun({ id, job, trigger: 'manual', startedAtMs });
const onlyCopy = () => catalog.snapshots()[0]?.copies[0];

describe('a run', () => {
  it('is read as it was written, with its steps in their order', () => {
    startRun('run-1', 10);
    catalog.startStep('run-1', 0, 'guard', 11);
    catalog.startStep('run-1', 1, 'snapshot', 13);
    catalog.endStep('run-1', 0, 'done', 12, { freeBytes: 5, volume: '/' });
    catalog.recordSnapshot(manifestOf('snap-1', '2026-11-22'), [{ destination: 'usb', verified: quickAt(14) }], { runId: 'run-1' });
    const error = { code: 'disk-full', message: 'the disk is full', hint: 'free some space' };
    catalog.endRun('run-1', { status: 'failed', endedAtMs: 15, warnings: ['one', 'two'], error });
    expect(catalog.run('run-1')).toEqual({
      id: 'run-1',
      job: 'notes',
      trigger: 'manual',
      status: 'failed',
      startedAtMs: 10,
      endedAtMs: 15,
      snapshotId: 'snap-1',
      error,
      warnings: ['one', 'two'],
      steps: [
        { name: 'guard', status: 'done', startedAtMs: 11, endedAtMs: 12, facts: { freeBytes: 5, volume: '/' } },
        { name: 'snapshot', status: 'failed', startedAtMs: 13, endedAtMs: 15, facts: {} },
      ],
    });
  });

  it('that has only begun has no more than that', () => {
    startRun('run-1', 10);
    expect(catalog.run('run-1')).toEqual({
      id: 'run-1',
      job: 'notes',
      trigger: 'manual',
      status: 'running',
      startedAtMs: 10,
      warnings: [],
      steps: [],
    });
  });

  it('is found newest first, of one job or of all, as many as wanted', () => {
    startRun('run-1', 10);
    startRun('run-2', 30);
    startRun('run-3', 20, 'photos');
    const ids = [{}, { job: 'notes' }, { limit: 2 }, { job: 'nobody' }].map((filter) => catalog.runs(filter).map(({ id }) => id));
    expect(ids).toEqual([['run-2', 'run-3', 'run-1'], ['run-2', 'run-1'], ['run-2', 'run-3'], []]);
  });

  it('that a dead engine left behind is interrupted with its step, and no other is', () => {
    startRun('run-1', 10);
    catalog.endRun('run-1', { status: 'succeeded', endedAtMs: 11, warnings: [] });
    startRun('run-2', 20);
    catalog.startStep('run-2', 0, 'guard', 21);
    catalog.endStep('run-2', 0, 'done', 22, { freeBytes: 5 });
    catalog.startStep('run-2', 1, 'snapshot', 23);
    expect([catalog.interruptRunning(90), catalog.interruptRunning(91)]).toEqual([['run-2'], []]);
    expect(catalog.run('run-1')).toMatchObject({ status: 'succeeded', endedAtMs: 11 });
    expect(catalog.run('run-2')).toMatchObject({
      status: 'interrupted',
      endedAtMs: 90,
      error: { code: 'interrupted', message: expect.any(String) },
      steps: [
        { status: 'done', endedAtMs: 22 },
        { status: 'failed', endedAtMs: 90 },
      ],
    });
  });

  it('that nobody knows is undefined', () => expect(catalog.run('run-9')).toBeUndefined());
});

describe('a snapshot', () => {
  it('is read as it was recorded, with its copies, and ends their intents', () => {
    for (const destination of ['usb', 'nas', 'cloud']) {
      catalog.addIntent({ runId: 'run-1', destination, objectName: 'notes/2026-11-22.db.gz', createdAtMs: 1 });
    }
    const manifest = manifestOf('snap-1', '2026-11-22');
    const copies = [
      { destination: 'usb', verified: quickAt(14) },
      { destination: 'nas', verified: { level: 'full', atMs: 15 } as const },
    ];
    catalog.recordSnapshot(manifest, copies, { walGrowthBytes: 4096 });
    const object = { objectName: '2026-11-22.db.gz', bytes: manifest.object.bytes, sha256: manifest.object.sha256, state: 'stored' };
    expect(catalog.snapshot('snap-1')).toEqual({
      id: 'snap-1',
      job: 'notes',
      createdAtMs: Date.parse(manifest.createdAt),
      pinned: false,
      walGrowthBytes: 4096,
      manifest,
      copies: [
        { destination: 'nas', ...object, verified: { level: 'full', atMs: 15 } },
        { destination: 'usb', ...object, verified: { level: 'quick', atMs: 14 } },
      ],
    });
    expect(['usb', 'nas', 'cloud'].map((destination) => catalog.intents(destination).length)).toEqual([0, 0, 1]);
  });

  it('recorded again at another destination has both copies, once each', () => {
    const manifest = manifestOf('snap-1', '2026-11-22');
    catalog.recordSnapshot(manifest, [{ destination: 'usb', verified: quickAt(14) }], { walGrowthBytes: 4096 });
    for (const _ of ['once', 'twice']) catalog.recordSnapshot(manifest, [{ destination: 'nas', verified: quickAt(15) }]);
    expect(catalog.snapshots().map(({ walGrowthBytes, copies }) => [walGrowthBytes, copies.map(({ destination }) => destination)])).toEqual(
      [[4096, ['nas', 'usb']]],
    );
  });

  it('recorded again where its copy was missing has the copy back', () => {
    const copies = [{ destination: 'usb', verified: quickAt(14) }];
    catalog.recordSnapshot(manifestOf('snap-1', '2026-11-22'), copies);
    catalog.setCopyState('snap-1', 'usb', 'missing');
    catalog.recordSnapshot(manifestOf('snap-1', '2026-11-22'), copies);
    expect(onlyCopy()?.state).toBe('stored');
  });

  it('that could not be recorded whole is not recorded at all', () => {
    startRun('run-1', 1);
    const bad = [
      { destination: 'usb', verified: quickAt(14) },
      { destination: 'nas', verified: { level: 'deep' as 'full', atMs: 15 } },
    ];
    expect(() => catalog.recordSnapshot(manifestOf('snap-1', '2026-11-22'), bad, { runId: 'run-1' })).toThrow('CHECK');
    expect([catalog.snapshot('snap-1'), catalog.run('run-1')?.snapshotId]).toEqual([undefined, undefined]);
  });

  it('is found newest first, of one job or of all, until its last copy is expired', () => {
    catalog.recordSnapshot(manifestOf('snap-1', '2026-11-20'), [{ destination: 'usb', verified: quickAt(1) }]);
    catalog.recordSnapshot(
      manifestOf('snap-2', '2026-11-22'),
      ['usb', 'nas'].map((destination) => ({ destination, verified: quickAt(2) })),
    );
    catalog.recordSnapshot(manifestOf('snap-3', '2026-11-21', 'photos'), [{ destination: 'usb', verified: quickAt(3) }]);
    const ids = (job?: string) => catalog.snapshots(job).map(({ id }) => id);
    expect([ids(), ids('notes')]).toEqual([
      ['snap-2', 'snap-3', 'snap-1'],
      ['snap-2', 'snap-1'],
    ]);
    catalog.setCopyState('snap-1', 'usb', 'expired');
    catalog.setCopyState('snap-2', 'usb', 'expired');
    catalog.setCopyState('snap-3', 'usb', 'missing');
    expect(ids()).toEqual(['snap-2', 'snap-3']);
    expect(catalog.expiredManifests('notes', 'usb').map(({ id }) => id)).toEqual(['snap-2', 'snap-1']);
  });

  it('is pinned and unpinned with its manifest', () => {
    const manifest = manifestOf('snap-1', '2026-11-22');
    catalog.recordSnapshot(manifest, [{ destination: 'usb', verified: quickAt(1) }]);
    const seen = [true, false].map((pinned) => {
      catalog.setPinned('snap-1', { ...manifest, pinned });
      const found = catalog.snapshot('snap-1');
      return [found?.pinned, found?.manifest.pinned];
    });
    expect(seen).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

describe('a copy', () => {
  beforeEach(() => catalog.recordSnapshot(manifestOf('snap-1', '2026-11-22'), [{ destination: 'usb', verified: quickAt(10) }]));
  const verified = () => catalog.snapshots().flatMap(({ copies }) => copies.map(isVerified));

  it('whose proof failed keeps its former success beside the failure, and is not verified', () => {
    catalog.recordVerification('snap-1', 'usb', { level: 'full', atMs: 20, failure: 'the digest differs' });
    expect(onlyCopy()).toMatchObject({ verified: { level: 'quick', atMs: 10 }, failure: { message: 'the digest differs', atMs: 20 } });
    expect(verified()).toEqual([false]);
  });

  it('whose proof succeeds after a failure is verified, without a trace of it', () => {
    catalog.recordVerification('snap-1', 'usb', { level: 'full', atMs: 20, failure: 'the digest differs' });
    catalog.recordVerification('snap-1', 'usb', { level: 'full', atMs: 30 });
    expect(onlyCopy()).toEqual({ ...onlyCopy(), state: 'stored', verified: { level: 'full', atMs: 30 } });
    expect(onlyCopy()).not.toHaveProperty('failure');
    expect(verified()).toEqual([true]);
  });

  it.each(['missing', 'expired'] as const)('that is %s is not verified', (state) => {
    catalog.setCopyState('snap-1', 'usb', state);
    expect(catalog.snapshot('snap-1')?.copies.map(isVerified)).toEqual([false]);
  });

  it('is forgotten with its destination, the snapshot with its last copy, and other destinations stay', () => {
    catalog.recordSnapshot(
      manifestOf('snap-2', '2026-11-23'),
      ['usb', 'nas'].map((destination) => ({ destination, verified: quickAt(2) })),
    );
    for (const destination of ['usb', 'nas']) {
      catalog.addIntent({ runId: 'run-1', destination, objectName: 'notes/2026-11-24.db.gz', createdAtMs: 1 });
      catalog.setUnread(destination, true);
    }
    catalog.forgetDestination('usb');
    expect({
      snapshots: ['snap-1', 'snap-2'].map((id) => catalog.snapshot(id)?.copies.map(({ destination }) => destination)),
      intents: ['usb', 'nas'].map((destination) => catalog.intents(destination).length),
      unread: catalog.unreadDestinations(),
    }).toEqual({ snapshots: [undefined, ['nas']], intents: [0, 1], unread: ['nas'] });
  });
});

it('an intent is read as it was written, replaced by a later one of its name, and removed', () => {
  const intent = { runId: 'run-1', destination: 'usb', objectName: 'notes/2026-11-22.db.gz', createdAtMs: 1 };
  catalog.addIntent(intent);
  catalog.addIntent({ ...intent, runId: 'run-2', createdAtMs: 2 });
  expect([catalog.intents('usb'), catalog.intents('nas')]).toEqual([[{ ...intent, runId: 'run-2', createdAtMs: 2 }], []]);
  catalog.removeIntent('usb', intent.objectName);
  expect(catalog.intents('usb')).toEqual([]);
});

it('a restore is read as it was written, with as much as is known of it, newest first', () => {
  const bare = { id: 'restore-1', job: 'notes', mode: 'file', state: 'running', targetPath: '/new.db', startedAtMs: 1 } as const;
  const full = {
    ...bare,
    id: 'restore-2',
    snapshotId: 'snap-1',
    partPath: '/.part',
    keptPath: '/kept',
    mode: 'in-place',
    startedAtMs: 2,
    endedAtMs: 3,
  } as const;
  catalog.addRestore(bare);
  catalog.addRestore(full);
  expect([catalog.restores(), catalog.restore('restore-1'), catalog.restore('restore-9')]).toEqual([[full, bare], bare, undefined]);
  catalog.setRestoreState('restore-1', 'done', 9);
  catalog.setRestoreState('restore-1', 'undone');
  expect(catalog.restore('restore-1')).toEqual({ ...bare, state: 'undone', endedAtMs: 9 });
});

it('a destination is unread until it is read', () => {
  for (const unread of [true, true]) catalog.setUnread('usb', unread);
  expect(catalog.unreadDestinations()).toEqual(['usb']);
  catalog.setUnread('usb', false);
  expect(catalog.unreadDestinations()).toEqual([]);
});

it('the jobs that have runs or snapshots are known, once each', () => {
  startRun('run-1', 1, 'photos');
  startRun('run-2', 2, 'notes');
  catalog.recordSnapshot(manifestOf('snap-1', '2026-11-22'), [{ destination: 'usb', verified: quickAt(1) }]);
  catalog.recordSnapshot(manifestOf('snap-2', '2026-11-22', 'archive'), [{ destination: 'usb', verified: quickAt(1) }]);
  expect(catalog.knownJobs()).toEqual(['archive', 'notes', 'photos']);
});
