import { describe, expect, it } from 'vitest';
import type { GitItem, ItemState, StoreRecord } from '../../electron/domain/git-item.ts';
import { type GitJob, gitJobSchema } from '../../electron/domain/model.ts';
import type { GitSource } from '../../electron/domain/source.ts';
import { assessStore } from '../../electron/domain/store-health.ts';

const hourMs = 3_600_000;
const nowMs = Date.parse('2026-11-22T12:00:00Z');

function jobOf(source: Partial<GitSource> = {}, fields: Partial<GitJob> = {}): GitJob {
  const schedule = { cron: '17 3 * * *', zone: 'UTC' };
  const given = { kind: 'git', path: '/notes', stores: ['notes'], push: true, ...source };
  return gitJobSchema.parse({ name: 'notes', schedule, ...fields, source: given });
}

const proof = { commit: 'c1', branch: 'main', remoteHead: 'c1', atMs: nowMs - hourMs };
const healthy: StoreRecord = { proof, problem: null, failures: 0, retryAtMs: null, safeAtMs: nowMs - 9 * hourMs };
const problem = { code: 'git-detached', message: 'on no branch', hint: 'switch back', step: 'guard', atMs: nowMs } as const;

function itemOf(item: string, state: ItemState, fields: Partial<GitItem> = {}): GitItem {
  const nothing = { lastBackupAtMs: null, lastError: null, found: false, committed: false, pushed: false };
  return { item, paths: [item], reason: 'changed', state, ...nothing, updatedAtMs: nowMs - 60_000, ...fields };
}

const failed = (item: string, message: string) => itemOf(item, 'failed', { lastError: { code: 'git-path-refused', message } });

const assess = (record: Partial<StoreRecord> = {}, unfinished: readonly GitItem[] = [], job = jobOf()) =>
  assessStore(job, { record: { ...healthy, ...record }, unfinished }, 36, nowMs);
const problemsOf = (...args: Parameters<typeof assess>) => assess(...args).problems;

describe('a git store', () => {
  it('that is safe is healthy, and says when it was last safe and when it is next looked at', () => {
    expect(assess()).toMatchObject({
      job: 'notes',
      state: 'good',
      lastGoodMs: nowMs - 9 * hourMs,
      nextMs: Date.parse('2026-11-23T03:17:00Z'),
      healthy: true,
      problems: [],
    });
  });

  it('that was never backed up is not healthy', () => {
    expect(assess({ proof: null, safeAtMs: null })).toMatchObject({ lastGoodMs: null, healthy: false, problems: ['no backup of it yet'] });
  });

  it.each<[what: string, record: Partial<StoreRecord>, expected: readonly string[]]>([
    ['that blocks', { problem }, ['on no branch (switch back)']],
    ['that cannot be pushed', { problem: { ...problem, step: 'push', message: 'no route' } }, ['no route (switch back)']],
    [
      'that blocks without a hint',
      { problem: { code: 'git-failed', message: 'git add failed', step: 'commit', atMs: 0 } },
      ['git add failed'],
    ],
    ['that has no remote yet', { proof: null }, ['there is no remote origin yet: the commits are only on this machine']],
    ['that was not looked at for long', { safeAtMs: nowMs - 37 * hourMs }, ['not looked at as a whole for 1d 13h']],
    ['that was looked at in time', { safeAtMs: nowMs - 35 * hourMs }, []],
  ])('%s says so', (_, record, expected) => {
    const { healthy: isHealthy, problems } = assess(record);
    expect([problems, isHealthy]).toEqual([expected, expected.length === 0]);
  });

  it('that does not push needs no remote', () => {
    expect(problemsOf({ proof: null }, [], jobOf({ push: false }))).toEqual([]);
  });

  it.each<[what: string, unfinished: readonly GitItem[], expected: readonly string[]]>([
    ['one that has failed', [failed('a.md', 'it is ignored')], ['one item is not backed up; a.md: it is ignored']],
    [
      'several that have failed',
      [failed('a.md', 'it is ignored'), failed('b.md', 'it is nested')],
      ['2 items are not backed up; a.md: it is ignored'],
    ],
    ['one that has failed for no known reason', [itemOf('a.md', 'failed')], ['one item is not backed up; a.md: no reason was recorded']],
    ['those that wait for a short time', [itemOf('a.md', 'queued'), itemOf('b.md', 'pending'), itemOf('c.md', 'running')], []],
    [
      'one that has waited for long',
      [itemOf('a.md', 'pending', { updatedAtMs: nowMs - hourMs }), itemOf('b.md', 'running', { updatedAtMs: 0 })],
      ['one item has been waiting for 1h: nightjar backup takes them up'],
    ],
    [
      'several that wait, the first for long',
      [itemOf('a.md', 'queued', { updatedAtMs: nowMs - hourMs }), itemOf('b.md', 'queued')],
      ['2 items have been waiting for 1h: nightjar backup takes them up'],
    ],
    ['one that was taken while the job was off', [itemOf('a.md', 'disabled', { updatedAtMs: 0 })], []],
  ])('with %s says so', (_, unfinished, expected) => {
    expect(problemsOf({}, unfinished)).toEqual(expected);
  });

  it('says what blocks it once, and not again for each item that it stopped', () => {
    const stopped = failed('a.md', problem.message);
    expect(problemsOf({ problem }, [stopped, failed('b.md', problem.message)])).toEqual(['on no branch (switch back)']);
    expect(problemsOf({ problem }, [stopped, failed('b.md', 'it is ignored')])).toEqual([
      'on no branch (switch back)',
      'one item is not backed up; b.md: it is ignored',
    ]);
  });

  it('that is paused is not due, and not late; what is broken stays broken', () => {
    const paused = jobOf({}, { paused: true });
    const waiting = itemOf('a.md', 'queued', { updatedAtMs: 0 });
    expect(assess({ safeAtMs: 0 }, [waiting], paused)).toMatchObject({ nextMs: null, healthy: true });
    expect(problemsOf({ problem }, [failed('b.md', 'it is ignored')], paused)).toEqual([
      'on no branch (switch back)',
      'one item is not backed up; b.md: it is ignored',
    ]);
  });

  it('that is switched off is not judged', () => {
    const unfinished = [failed('a.md', 'it is ignored'), itemOf('b.md', 'queued', { updatedAtMs: 0 })];
    expect(assess({ problem, safeAtMs: null }, unfinished, jobOf({ enabled: false }))).toMatchObject({
      job: 'notes',
      state: 'paused',
      lastGoodMs: null,
      nextMs: null,
      healthy: true,
      problems: [],
    });
  });

  it('that is looked at once a week is not late after two days', () => {
    const weekly = jobOf({}, { schedule: { cron: '17 3 * * 0', zone: 'UTC' } });
    expect(problemsOf({ safeAtMs: nowMs - 48 * hourMs }, [], weekly)).toEqual([]);
  });
});
