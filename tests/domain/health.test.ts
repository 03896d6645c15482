import { describe, expect, it } from 'vitest';
import type { Drill } from '../../electron/domain/drill.ts';
import { assessJob, type DestinationEvidence, noEvidence, staleAtMs } from '../../electron/domain/health.ts';
import { defaultRetention, type Run, type SqliteJob, sqliteJobSchema } from '../../electron/domain/model.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-22T12:00:00Z');
const job = sqliteJobSchema.parse({
  name: 'notes',
  source: { kind: 'sqlite', path: '/notes.db' },
  destinations: ['usb', 'nas'],
  schedule: { cron: '17 3 * * *', zone: 'UTC' },
  retention: defaultRetention,
});
const quiet = { bad: [], account: null, signInEndsAtMs: null, unsent: [] };
const hoursAgo = (hours: number, destination = 'usb'): DestinationEvidence => ({
  destination,
  lastVerifiedMs: nowMs - hours * hourMs,
  ...quiet,
});
const never = (destination: string): DestinationEvidence => ({ destination, lastVerifiedMs: null, ...quiet });
const runThat = (some: Partial<Run>): Run => ({
  id: 'run-1',
  job: 'notes',
  trigger: 'schedule',
  status: 'succeeded',
  startedAtMs: nowMs - hourMs,
  warnings: [],
  steps: [],
  ...some,
});
const failedRun = runThat({ status: 'failed', error: { code: 'disk-full', message: 'the disk is full' } });

const problemsOf = (evidence: readonly DestinationEvidence[], lastRun?: Run, some: Partial<SqliteJob> = {}) =>
  assessJob({ ...job, ...some }, evidence, lastRun, 36, nowMs).problems;

describe('a job', () => {
  it('with a fresh verified copy everywhere is healthy, and says when it was last good and when it is next due', () => {
    expect(assessJob(job, [hoursAgo(9), hoursAgo(9, 'nas')], runThat({}), 36, nowMs)).toMatchObject({
      job: 'notes',
      state: 'good',
      lastGoodMs: nowMs - 9 * hourMs,
      nextMs: Date.parse('2026-11-23T03:17:00Z'),
      healthy: true,
      problems: [],
    });
  });

  it('with anything wrong is not healthy, whatever went well since', () => {
    const bad = [{ objectName: '2026-11-01.db.gz', message: 'the digest differs' }];
    expect(assessJob(job, [{ ...hoursAgo(1), bad }], runThat({}), 36, nowMs)).toMatchObject({
      healthy: false,
      problems: ['2026-11-01.db.gz at usb is not restorable: the digest differs'],
    });
  });

  it('that never succeeded has no last good time', () => {
    expect(assessJob(job, [never('usb'), never('nas')], undefined, 36, nowMs)).toMatchObject({ lastGoodMs: null, healthy: false });
  });

  it('that is paused is not due and not stale, but what is broken stays broken', () => {
    const broken = { ...never('usb'), bad: [{ objectName: '2026-11-01.db.gz', message: 'it is missing' }] };
    expect(assessJob({ ...job, paused: true }, [broken, hoursAgo(900, 'nas')], undefined, 36, nowMs)).toMatchObject({
      nextMs: null,
      problems: ['2026-11-01.db.gz at usb is not restorable: it is missing', 'no verified snapshot at usb yet'],
    });
  });

  it('that is due once a week is not late before a week and a half', () => {
    const weekly = { schedule: { cron: '0 12 * * 4', zone: 'UTC' } };
    expect(problemsOf([hoursAgo(10 * 24)], undefined, weekly)).toEqual([]);
    expect(problemsOf([hoursAgo(11 * 24)], undefined, weekly)).toEqual(['no verified snapshot at usb for 11 days']);
  });

  it('names the worst first: what is broken, then what is stale, then the last run', () => {
    const broken = { ...hoursAgo(1, 'nas'), bad: [{ objectName: '2026-11-01.db.gz', message: 'it is missing' }] };
    expect(problemsOf([never('usb'), broken], failedRun)).toEqual([
      '2026-11-01.db.gz at nas is not restorable: it is missing',
      'no verified snapshot at usb yet',
      'the last run failed: the disk is full',
    ]);
  });
});

describe('a job is late', () => {
  // 2026-11-20 is a Friday.
  it.each([
    ['a night and a half after a nightly run', '17 3 * * *', '2026-11-20T03:17:00Z', '2026-11-21T15:17:00Z'],
    ['so many hours after one that came in between', '17 3 * * *', '2026-11-20T12:00:00Z', '2026-11-22T00:00:00Z'],
    ['a week and a half after a weekly run', '0 3 * * 0', '2026-11-15T03:00:00Z', '2026-11-25T15:00:00Z'],
    ['not on the weekend where it is due on weekdays', '17 3 * * 1-5', '2026-11-20T03:17:30Z', '2026-11-23T15:17:00Z'],
    ['nor by the length of the weekend on a Saturday', '17 3 * * 1-5', '2026-11-19T03:17:30Z', '2026-11-21T15:17:00Z'],
    ['not in the night where it is due by day', '0 8-18 * * *', '2026-11-20T18:00:20Z', '2026-11-22T06:00:20Z'],
    ['half a month after the first of the month was missed', '0 3 1 * *', '2026-11-01T03:00:00Z', '2026-12-16T15:00:00Z'],
  ])('%s', (_, cron, lastGood, staleAt) => {
    const staleMs = staleAtMs({ schedule: { cron, zone: 'UTC' } }, Date.parse(lastGood), 36);
    expect(new Date(staleMs).toISOString()).toBe(staleAt.replace('Z', '.000Z'));
  });
});

describe('a drill that is put off', () => {
  const postponed = (daysAgo: number): Drill => ({
    ...{ job: 'notes', place: 'usb', level: 'full', outcome: 'postponed', snapshotId: null, code: 'disk-full', rows: null },
    ...{ startedAtMs: nowMs - daysAgo * 24 * hourMs, endedAtMs: nowMs - daysAgo * 24 * hourMs, message: 'there is no room' },
  });
  const problems = (...drills: readonly Drill[]) =>
    assessJob(job, [hoursAgo(1), hoursAgo(1, 'nas')], undefined, 36, nowMs, { ...noEvidence, drills }).problems;

  it('is told where it was never proven, once the first attempt was too long ago', () => {
    expect(problems(postponed(0), postponed(14))).toEqual([]);
    expect(problems(postponed(0), postponed(16))).toEqual(['usb was not proven for 16 days: there is no room']);
  });
});

describe('a clock that was ahead', () => {
  it('is a warning of its own, once', () => {
    const ahead = ['notes.db.gz was made', 'the run run-1 was started'].map((what) => ({ what, atMs: nowMs + 24 * hourMs }));
    const { findings, state } = assessJob(job, [hoursAgo(1)], undefined, 36, nowMs, { ...noEvidence, ahead });
    const message = 'the clock was ahead when notes.db.gz was made: it is dated 2026-11-23 12:00';
    expect([state, findings]).toEqual(['warning', [{ kind: 'warning', message, about: '' }]]);
  });
});

describe('a destination is stale', () => {
  it.each([
    ['not just before the limit', 35.99, []],
    ['from the limit on', 36, ['no verified snapshot at usb for 36 hours']],
    ['in hours up to three days', 71.99, ['no verified snapshot at usb for 71 hours']],
    ['in days after that', 72, ['no verified snapshot at usb for 3 days']],
    ['in whole days', 119, ['no verified snapshot at usb for 4 days']],
  ])('%s', (_, hours, problems) => expect(problemsOf([hoursAgo(hours)])).toEqual(problems));

  it('for itself, though another one is fresh', () => {
    expect(problemsOf([hoursAgo(1), hoursAgo(100, 'nas')])).toEqual(['no verified snapshot at nas for 4 days']);
  });
});

describe('a destination that is behind another', () => {
  const missed =
    'nas missed the newest snapshot: its last verified one is of 2026-11-21 03:00; ' +
    'see that it is there and has room, then back up again (nightjar backup notes)';
  const behind = hoursAgo(33, 'nas');
  const account = { code: 'sign-in-expired', message: 'the sign-in of nas has ended' } as const;
  const bad = [{ objectName: '2026-11-22.db.gz', message: 'the digest differs' }];

  it('is a warning of its own while it is not late yet', () => {
    const { findings, lastGoodMs, state } = assessJob(job, [hoursAgo(9), behind], runThat({ status: 'warning' }), 36, nowMs);
    expect({ findings, lastGoodMs, state }).toEqual({
      findings: [{ kind: 'warning', message: missed, about: 'nas' }],
      lastGoodMs: nowMs - 9 * hourMs,
      state: 'warning',
    });
  });

  it.each<[string, DestinationEvidence, readonly string[]]>([
    ['is late', hoursAgo(100, 'nas'), ['no verified snapshot at nas for 4 days']],
    ['never had a snapshot', never('nas'), ['no verified snapshot at nas yet']],
    ['has it on its way', { ...behind, unsent: ['2026-11-22.db.gz'] }, [expect.stringContaining('was cut short')]],
    ['cannot be signed in to', { ...behind, account }, ['the sign-in of nas has ended']],
    ['holds a bad copy', { ...behind, bad }, ['2026-11-22.db.gz at nas is not restorable: the digest differs']],
  ])('has no second finding where it %s', (_, nas, problems) => expect(problemsOf([hoursAgo(9), nas])).toEqual(problems));

  it('is no trouble of a job that is paused, and none where only a clock that was ahead has dated the other', () => {
    expect([problemsOf([hoursAgo(9), behind], undefined, { paused: true }), problemsOf([hoursAgo(-240), behind])]).toEqual([[], []]);
  });
});

describe('the last run', () => {
  it.each([
    ['failed', failedRun, ['the last run failed: the disk is full']],
    ['was interrupted', runThat({ status: 'interrupted' }), ['the last run was interrupted: no reason was recorded']],
    ['succeeded', runThat({}), []],
    ['had a warning', runThat({ status: 'warning' }), []],
    ['was cancelled by a person', runThat({ status: 'cancelled' }), []],
    ['is still running', runThat({ status: 'running' }), []],
  ])('%s', (_, run, problems) => expect(problemsOf([hoursAgo(1)], run)).toEqual(problems));
});
