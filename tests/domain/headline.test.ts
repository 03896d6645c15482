import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FindingKind, findingKinds, healthStates, loudestFirst, overallState, stateOf } from '../../electron/domain/finding.ts';
import { composeHeadline, formatWhen } from '../../electron/domain/headline.ts';
import type { JobHealth } from '../../electron/domain/health.ts';

const at = (text: string) => Date.parse(text);
const nowMs = at('2026-11-25T12:00:00Z');

function healthOf(job: string, kinds: readonly FindingKind[] = [], some: Partial<JobHealth> = {}): JobHealth {
  const findings = loudestFirst(kinds.map((kind) => ({ kind, message: `something is ${kind}`, about: '' })));
  return {
    job,
    state: stateOf(findings, { isRunning: false, isPaused: some.nextMs === null }),
    lastGoodMs: at('2026-11-25T03:19:00Z'),
    nextMs: at('2026-11-26T03:17:00Z'),
    healthy: findings.length === 0,
    problems: findings.map(({ message }) => message),
    findings,
    ...{ places: [], lastProvenMs: null, losses: [], unpushed: [], missedSlots: null, lastRun: null, staging: null },
    ...some,
  };
}
const sentence = (...jobs: readonly JobHealth[]) => composeHeadline(jobs, nowMs, 'UTC').sentence;
const paused = (job: string) => healthOf(job, [], { nextMs: null });

describe('the headline', () => {
  it('of one good job says when it was backed up and when it is next', () => {
    expect(composeHeadline([healthOf('notes')], nowMs, 'UTC')).toEqual({
      state: 'good',
      sentence: 'All good: notes backed up 03:19 today, next 03:17 tomorrow',
    });
  });

  it('of several good jobs says nothing that is not true of each', () => {
    const older = healthOf('journal', [], { lastGoodMs: at('2026-11-24T22:00:00Z'), nextMs: at('2026-11-25T22:00:00Z') });
    expect(sentence(healthOf('notes'), older)).toBe('All good: notes and journal backed up since 22:00 yesterday, next 22:00 today');
    expect(sentence(healthOf('a'), healthOf('b'), healthOf('c'), paused('old'))).toBe(
      'All good: a and 2 more backed up since 03:19 today, next 03:17 tomorrow; paused: old',
    );
  });

  it('is about the loudest thing, whichever job has it, and counts the others', () => {
    const jobs = [
      healthOf('a', ['warning']),
      healthOf('b', ['run-failed', 'drill-failed']),
      healthOf('c', ['verify-failed']),
      healthOf('d'),
    ];
    expect(composeHeadline(jobs, nowMs, 'UTC')).toEqual({
      state: 'failed',
      sentence: 'b: something is drill-failed; and 2 more jobs are not well',
    });
  });

  it('tells what is late together with the sign-in that it is late for', () => {
    const job = healthOf('notes', ['stale', 'sign-in']);
    expect(job.state).toBe('sign-in');
    expect(sentence(job)).toBe('notes: something is stale: something is sign-in');
  });

  it('says that a job is running, unless something is broken', () => {
    const running = healthOf('notes', [], { state: 'running' });
    expect(sentence(running, healthOf('journal'))).toBe('notes is being backed up; last backed up 03:19 today');
    expect(sentence(running, healthOf('journal', ['verify-failed']))).toBe('journal: something is verify-failed');
  });

  it('says that all are paused, and that there are none', () => {
    expect([sentence(paused('notes')), sentence()]).toEqual(['Paused: notes', 'No jobs yet']);
  });

  it('never says that all is good while anything is wrong', () => {
    const anyJob = fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.array(fc.constantFrom(...findingKinds), { maxLength: 4 }), fc.boolean(), fc.boolean())
      .map(([name, kinds, isRunning, isPaused]) => {
        const job = healthOf(name, kinds);
        return { ...job, state: stateOf(job.findings, { isRunning, isPaused }) };
      });
    fc.assert(
      fc.property(fc.array(anyJob), (jobs) => {
        const { sentence: said, state } = composeHeadline(jobs, nowMs, 'UTC');
        if (jobs.some(({ healthy }) => !healthy)) expect([state, said.startsWith('All good')]).not.toEqual(['good', true]);
        if (said.startsWith('All good')) expect(jobs.every(({ healthy }) => healthy)).toBe(true);
        const isBroken = jobs.some(({ findings }) =>
          findings.some(({ kind }) => ['drill-failed', 'verify-failed', 'shrunk'].includes(kind)),
        );
        if (isBroken) expect(state).toBe('failed');
      }),
    );
  });
});

describe('a state', () => {
  it.each([
    [['drill-failed', 'sign-in'], 'failed'],
    [['verify-failed'], 'failed'],
    [['shrunk', 'warning'], 'failed'],
    [['sign-in', 'stale', 'run-failed'], 'sign-in'],
    [['stale'], 'failed'],
    [['run-failed'], 'failed'],
    [['warning'], 'warning'],
    [[], 'good'],
  ] as const)('with %j is %s', (kinds, state) => expect(healthOf('notes', kinds).state).toBe(state));

  it.each([
    [['warning'], { isRunning: true, isPaused: false }, 'running'],
    [['verify-failed'], { isRunning: true, isPaused: false }, 'failed'],
    [[], { isRunning: false, isPaused: true }, 'paused'],
    [['warning'], { isRunning: false, isPaused: true }, 'warning'],
  ] as const)('with %j and %j is %s', (kinds, how, state) => expect(stateOf(healthOf('notes', kinds).findings, how)).toBe(state));

  it('of all together is the loudest', () => {
    for (const [at, state] of healthStates.entries()) expect(overallState(healthStates.slice(at).toReversed())).toBe(state);
    expect(overallState([])).toBe('good');
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-25T03:19:00Z', 'UTC', '03:19 today'],
    ['2026-11-24T23:00:00Z', 'UTC', '23:00 yesterday'],
    ['2026-11-26T03:17:00Z', 'UTC', '03:17 tomorrow'],
    ['2026-11-30T03:17:00Z', 'UTC', '03:17 on 2026-11-30'],
    ['2026-11-24T12:00:00Z', 'Pacific/Auckland', '01:00 today'],
  ])('%s in %s is %s', (text, zone, said) => {
    expect(formatWhen(at(text), zone === 'UTC' ? nowMs : at('2026-11-25T03:00:00Z'), zone)).toBe(said);
  });
});
