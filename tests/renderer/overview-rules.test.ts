import { expect, it } from 'vitest';
import type { HealthFinding, HealthState } from '../../electron/domain/finding.ts';
import type { JobHealth } from '../../electron/domain/health.ts';
import type { VolumeGauge } from '../../electron/domain/volume-gauge.ts';
import { composeNext, orderByNeed } from '../../renderer/pages/overview/job-order.ts';
import { refusedSources } from '../../renderer/pages/overview/refused-sources.ts';
import { shortFinding } from '../../renderer/pages/overview/short-finding.ts';
import { describeVolume, nameVolume } from '../../renderer/pages/overview/volume-words.ts';
import { areaPath, linePath, roundUpBytes, stemPath } from '../../renderer/plot.ts';
import { withoutCommand } from '../../renderer/without-command.ts';

const nowMs = Date.UTC(2026, 10, 25, 12, 0);
const hourMs = 3_600_000;
const gigabyte = 1e9;

function health(job: string, change: Partial<JobHealth> = {}): JobHealth {
  return {
    ...{ job, state: 'good', lastGoodMs: nowMs - 9 * hourMs, nextMs: null, healthy: true, problems: [], findings: [], places: [] },
    ...{ lastProvenMs: null, losses: [], unpushed: [], missedSlots: null, lastRun: null, staging: null },
    ...change,
  };
}

it('puts jobs first that need somebody, and leaves alike ones in their order', () => {
  const states: HealthState[] = ['good', 'paused', 'warning', 'failed', 'running', 'sign-in', 'good', 'failed'];
  const jobs = states.map((state, index) => health(`${state} ${index}`, { state }));
  expect(orderByNeed(jobs).map(({ job }) => job)).toEqual([
    'failed 3',
    'failed 7',
    'sign-in 5',
    'warning 2',
    'running 4',
    'good 0',
    'good 6',
    'paused 1',
  ]);
});

it('says what is next, and what after it', () => {
  const next = (...inHours: (number | null)[]) =>
    composeNext(
      inHours.map((hours, index) => health(`job${index}`, { nextMs: hours === null ? null : nowMs + hours * hourMs })),
      nowMs,
      'UTC',
    );
  expect([next(15), next(30, 2, 40), next(null, 1), next(null), next()]).toEqual([
    'Next: job0, 03:00 tomorrow.',
    'Next: job1, 14:00 today; then job0, 18:00 tomorrow.',
    'Next: job1, 13:00 today.',
    'Nothing is due by itself: everything is paused.',
    null,
  ]);
});

function gauge(change: Partial<VolumeGauge> & { readonly needBytes?: number } = {}): VolumeGauge {
  const { needBytes = 7 * gigabyte, ...rest } = change;
  const freeBytes = rest.freeBytes ?? 41 * gigabyte;
  const next = [
    { job: 'wiki', needBytes: 10, freeAfterBytes: freeBytes - 10, verdict: 'ok' as const, writes: [] },
    { job: 'notes', needBytes, freeAfterBytes: freeBytes - needBytes, verdict: 'ok' as const, writes: [] },
  ];
  const limits = { reserveBytes: 0.5 * gigabyte, warnFreeBytes: 2 * gigabyte };
  return { path: '/data', freeBytes, totalBytes: 460 * gigabyte, ...limits, verdict: 'ok', next, daysLeft: null, ...rest };
}

it('tells the three states of a volume with their numbers', () => {
  const say = (of: VolumeGauge, jobs: readonly JobHealth[] = []) => describeVolume(of, jobs, nowMs, 'UTC').sentence;
  const full = { verdict: 'refuse', freeBytes: 3.1 * gigabyte, needBytes: 7.4 * gigabyte } as const;
  const noRoom: HealthFinding = { kind: 'run-failed', about: 'disk-space-low', message: '' };
  const lastRun = { id: 'run-1', status: 'failed', atMs: nowMs - 8 * hourMs } as const;
  expect([
    say(gauge()),
    say(gauge({ daysLeft: 60 })),
    say(gauge({ daysLeft: 4000 })),
    say(gauge({ verdict: 'warn', daysLeft: 9 })),
    say(gauge({ verdict: 'warn', freeBytes: 8 * gigabyte })),
    say(gauge(full)),
    say(gauge({ ...full, reserveBytes: 0 }), [health('notes', { lastGoodMs: null })]),
    say(gauge(full), [health('notes', { findings: [noRoom], lastRun, lastGoodMs: nowMs - 33 * hourMs })]),
  ]).toEqual([
    'Enough: the next run of notes writes up to 7 GB here, and 34 GB stay free.',
    'Enough: the next run of notes writes up to 7 GB here, and 34 GB stay free. At the pace of the last runs it is full in about 60 days.',
    'Enough: the next run of notes writes up to 7 GB here, and 34 GB stay free.',
    'Tight: the next run of notes fits, the one in about 9 days will not.',
    'Tight: the next run of notes fits, and leaves 1 GB free, less than the 2 GB from which on Nightjar warns.',
    'The next run of notes will not start: it needs 7.4 GB on /data, 3.1 GB are free, of which 500 MB are kept in reserve. Nothing was changed; there is no good backup of it yet.',
    'The next run of notes will not start: it needs 7.4 GB on /data, 3.1 GB are free. Nothing was changed; there is no good backup of it yet.',
    'The run of notes at 04:00 today did not start: it needs 7.4 GB on /data, 3.1 GB are free, of which 500 MB are kept in reserve. Nothing was changed; the last good backup is from 03:00 yesterday.',
  ]);
});

it('calls volumes as people do', () => {
  const paths = [
    '/Volumes/USB stick/Backups',
    '/run/media/ada/USB/x',
    '/media/ada/USB',
    '/Users/ada/Library/nightjar',
    'D:\\Backups',
    '/home/ada/x',
  ];
  expect(paths.map(nameVolume)).toEqual(['USB stick', 'USB', 'USB', 'Startup disk', 'D:', '/home/ada/x']);
});

it('finds the sources that the system does not let be read', () => {
  const refused: HealthFinding = { kind: 'run-failed', about: 'source-unreadable', message: 'the last run failed: not permitted' };
  const other: HealthFinding = { kind: 'run-failed', about: 'disk-full', message: 'the last run failed: full' };
  expect(refusedSources([health('a', { findings: [refused] }), health('b', { findings: [other] }), health('c')])).toEqual([
    { job: 'a', message: 'the last run failed: not permitted' },
  ]);
});

it('says a finding in short where the page has the numbers or a button', () => {
  const short = (kind: HealthFinding['kind'], about: string, message: string) => shortFinding({ kind, about, message }).message;
  expect([
    short('run-failed', 'disk-space-low', 'the last run failed: this needs 7.4 GB on /data and keeps 500 MB in reserve'),
    short('run-failed', 'disk-full', 'the last run failed: the disk is full'),
    short('shrunk', 'snap-1', 'it shrank: 12 rows (if that was meant: nightjar job acknowledge notes)'),
  ]).toEqual([
    'the last run did not start: there was not enough room for it',
    'the last run failed: the disk is full',
    'it shrank: 12 rows',
  ]);
});

it('leaves commands out where there is a button', () => {
  expect(
    [
      'notes: it shrank on 2026-11-20: notes 12 rows fewer (if that was meant: nightjar job acknowledge notes); and 2 more jobs are not well',
      'sign in again (nightjar destination sign-in drive)',
      'the disk (USB) is away',
    ].map(withoutCommand),
  ).toEqual([
    'notes: it shrank on 2026-11-20: notes 12 rows fewer; and 2 more jobs are not well',
    'sign in again',
    'the disk (USB) is away',
  ]);
});

it('draws sizes from nothing up to the largest', () => {
  const frame = { fromMs: 0, toMs: 100, maxBytes: 50, width: 200, height: 40 };
  const points = [
    { atMs: 0, bytes: 25 },
    { atMs: 50, bytes: 50 },
    { atMs: 100, bytes: 0 },
  ];
  expect([linePath(points, frame), areaPath(points, frame), areaPath([], frame), stemPath(points, frame)]).toEqual([
    'M0 20L100 0L200 40',
    'M0 20L100 0L200 40L200 40L0 40Z',
    '',
    'M0 40V20M100 40V0M200 40V40',
  ]);
  expect([0, 1, 1.1, 4e9, 5.2e9, 1e9].map(roundUpBytes)).toEqual([1, 1, 2, 5e9, 1e10, 1e9]);
});
