import { expect, it } from 'vitest';
import type { Run, RunStep, StepName } from '../../electron/domain/model.ts';
import { describeRun } from '../../renderer/pages/history/diagnosis.ts';
import { filterInput, filterQuery, parseFilter } from '../../renderer/pages/history/run-filter.ts';
import { formatChange, formatSize, sizeChanges, sizeOfRun } from '../../renderer/run-words.ts';

const startedAtMs = Date.parse('2026-11-25T03:17:00Z');

function step(name: StepName, facts: RunStep['facts'], status: RunStep['status'] = 'done'): RunStep {
  return { name, status, startedAtMs, endedAtMs: startedAtMs + 1500, facts };
}

function run(id: string, fields: Partial<Run> = {}): Run {
  return {
    id,
    job: 'notes',
    trigger: 'schedule',
    status: 'succeeded',
    startedAtMs,
    endedAtMs: startedAtMs + 5000,
    warnings: [],
    steps: [],
    ...fields,
  };
}

const ofBytes = (bytes: number) => [step('snapshot', { bytes }), step('compress', { bytes: bytes / 4 })];

it('compares each run with the one of its job before it that came to a copy', () => {
  const runs = [
    run('five', { steps: ofBytes(800) }),
    run('wiki', { job: 'wiki', steps: [step('record', { items: 3, commits: 1 })] }),
    run('four', { status: 'failed', steps: [step('guard', {}, 'failed')] }),
    run('three', { steps: ofBytes(1000) }),
    run('two', { job: 'brain', steps: ofBytes(4000) }),
    run('one', { steps: ofBytes(1000) }),
  ];
  expect([...sizeChanges(runs)]).toEqual([
    ['five', -200],
    ['three', 0],
  ]);
  expect(runs.map((each) => formatSize(sizeOfRun(each)))).toEqual(['800 B', '3 items', '', '1 kB', '4 kB', '1 kB']);
  expect([-200, 0, 12_000_000].map(formatChange)).toEqual(['−200 B', 'the same', '+12 MB']);
});

it('takes what was stored from the full that came in the place of a delta', () => {
  const delta = step('compress', { bytes: 300 });
  const steps = [...ofBytes(800).slice(0, 1), delta, step('compress', { full: 'it is the cheaper way', bytes: 200 })];
  expect(sizeOfRun({ steps })).toEqual({ kind: 'database', bytes: 800, storedBytes: 200 });
});

it('reads what the address narrows the history to, and writes it again', () => {
  const filter = parseFilter(new URLSearchParams('job=notes&status=interrupted&day=2026-11-25'));
  expect(filter).toEqual({ list: 'runs', job: 'notes', outcome: 'failed', day: '2026-11-25' });
  expect(parseFilter(new URLSearchParams(filterQuery(filter)))).toEqual(filter);
  expect(parseFilter(new URLSearchParams('status=odd&day=2026-02-30&show=all'))).toEqual({
    list: 'runs',
    job: null,
    outcome: null,
    day: null,
  });
});

it('asks for one day of the person, and for what is older than what is shown', () => {
  const filter = parseFilter(new URLSearchParams('status=failed&day=2026-03-29'));
  const fromMs = Date.parse('2026-03-28T23:00:00Z');
  const input = { limit: 50, statuses: ['failed', 'interrupted'], fromMs };
  // The night in which the clocks go forward: a day of 23 hours.
  expect(filterInput(filter, 'Europe/Berlin', null, 50)).toEqual({ ...input, beforeMs: Date.parse('2026-03-29T22:00:00Z') });
  expect(filterInput(filter, 'Europe/Berlin', fromMs + 1, 50)).toEqual({ ...input, beforeMs: fromMs + 1 });
});

it('tells everything of a run, and nothing that is secret', () => {
  const failed = run('run-1', {
    status: 'failed',
    error: { code: 'destination-absent', message: 'usb is away: https://me:hunter2@example.org', hint: 'plug it in' },
    warnings: ['the copy is old'],
    steps: [step('guard', { rawBytes: 1000 }, 'failed')],
  });
  const log = [{ atMs: startedAtMs, level: 'error' as const, message: 'usb is away', fields: { run: 'run-1', token: 'abc' } }];
  expect(describeRun({ run: failed, job: null, log, program: 'nightjar 0.1.0', platform: 'linux' })).toBe(`nightjar 0.1.0, linux
run run-1 of notes: failed, started by schedule
started 2026-11-25T03:17:00.000Z, ended 2026-11-25T03:17:05.000Z, took 5s

error destination-absent: usb is away: https://***@example.org
hint: plug it in

warning: the copy is old

steps:
+0ms Looking at source, disks and destinations: failed, 1.5s; database 1 kB

log:
2026-11-25T03:17:00.000Z error usb is away  run=run-1  token=***
`);
});
