import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FindingKind, findingKinds, loudestFirst, stateOf } from '../../electron/domain/finding.ts';
import type { JobHealth } from '../../electron/domain/health.ts';
import type { RunStatus } from '../../electron/domain/model.ts';
import { foldNotifications, type Told } from '../../electron/domain/notifications.ts';

type Some = readonly (readonly [kind: FindingKind, about: string])[];

function healthOf(some: Some, status: RunStatus = 'succeeded', nextMs: number | null = 1): JobHealth {
  const findings = loudestFirst(some.map(([kind, about]) => ({ kind, about, message: `${kind} of ${about}` })));
  return {
    job: 'notes',
    state: stateOf(findings, { isRunning: status === 'running', isPaused: nextMs === null }),
    ...{ lastGoodMs: 0, nextMs, healthy: findings.length === 0, problems: [], findings, places: [], lastProvenMs: null },
    ...{ losses: [], unpushed: [], missedSlots: null, staging: null, lastRun: { id: 'run-1', status, atMs: 0 } },
  };
}

/** What is told while the health of a job goes through these states, one list for each. */
function tell(...healths: readonly JobHealth[]): string[][] {
  let told: readonly Told[] = [];
  return healths.map((health) => {
    const next = foldNotifications(told, health);
    // As the catalog gives it back after a restart.
    told = JSON.parse(JSON.stringify(next.told)) as Told[];
    return next.notifications.map(({ kind, message }) => `${kind}: ${message}`);
  });
}

const good = healthOf([]);
const failed = (code: string) => healthOf([['run-failed', code]], 'failed');

describe('notifications', () => {
  it('are silent for success, and for warnings', () => {
    expect(tell(good, healthOf([['warning', 'x']]), good)).toEqual([[], [], []]);
  });

  it('tell a failure once until it is another one, and recovery once', () => {
    expect(tell(failed('disk-full'), failed('disk-full'), failed('source-missing'), failed('disk-full'), good, good)).toEqual([
      ['failed: run-failed of disk-full'],
      [],
      ['failed: run-failed of source-missing'],
      ['failed: run-failed of disk-full'],
      ['recovered: everything is well again'],
      [],
    ]);
  });

  it('tell that it is late apart from why, and of each place', () => {
    const late = healthOf(
      [
        ['stale', 'usb'],
        ['run-failed', 'disk-full'],
      ],
      'failed',
    );
    const later = healthOf(
      [
        ['stale', 'usb'],
        ['stale', 'nas'],
        ['run-failed', 'disk-full'],
      ],
      'failed',
    );
    expect(tell(failed('disk-full'), late, later, late)).toEqual([
      ['failed: run-failed of disk-full'],
      ['stale: stale of usb'],
      ['stale: stale of nas'],
      [],
    ]);
  });

  it('do not call it well because the next run is under way, or was cancelled', () => {
    expect(tell(failed('x'), healthOf([], 'running'), failed('x'), healthOf([], 'cancelled'), good)).toEqual([
      ['failed: run-failed of x'],
      [],
      [],
      [],
      ['recovered: everything is well again'],
    ]);
  });

  it('do not call it well while another trouble is there', () => {
    const both = healthOf(
      [
        ['run-failed', 'x'],
        ['verify-failed', 'a'],
      ],
      'failed',
    );
    expect(tell(both, healthOf([['verify-failed', 'a']]), good)).toEqual([
      ['damaged: verify-failed of a', 'failed: run-failed of x'],
      [],
      ['recovered: everything is well again'],
    ]);
  });

  it('do not call it well because it was paused, and do not begin anew afterwards', () => {
    const late = healthOf([['stale', 'usb']]);
    expect(tell(late, healthOf([], 'succeeded', null), late, good)).toEqual([
      ['stale: stale of usb'],
      [],
      [],
      ['recovered: everything is well again'],
    ]);
  });

  it('tell what shrank once, and nothing to whoever has acknowledged it', () => {
    const shrunk = healthOf([['shrunk', 'snap-1']]);
    expect(tell(shrunk, shrunk, good)).toEqual([['shrunk: shrunk of snap-1'], [], []]);
  });

  it('do not call a job late that has not run yet', () => {
    expect(foldNotifications([], { ...healthOf([['stale', 'usb']]), lastRun: null }).notifications).toEqual([]);
  });

  it('do not say of a first run that failed that its job is late as well, and say it of a place that gets nothing', () => {
    const drill = { place: 'usb', last: null, lastProvenMs: null, postponed: null };
    const places = [{ place: 'usb', lastVerifiedMs: null, staleAtMs: null, drill, space: null, account: null }];
    const first = healthOf(
      [
        ['stale', 'usb'],
        ['run-failed', 'x'],
      ],
      'failed',
    );
    const kinds = (health: JobHealth) => foldNotifications([], { ...health, places }).notifications.map(({ kind }) => kind);
    expect([kinds(first), kinds(healthOf([['stale', 'usb']], 'warning'))]).toEqual([['failed'], ['stale']]);
  });

  it('name the run of a failure, and none for what came of no run', () => {
    expect(foldNotifications([], failed('x')).notifications).toEqual([
      { kind: 'failed', job: 'notes', message: 'run-failed of x', runId: 'run-1' },
    ]);
    expect(foldNotifications([], healthOf([['drill-failed', 'usb']])).notifications).toEqual([
      { kind: 'drill-failed', job: 'notes', message: 'drill-failed of usb' },
    ]);
  });

  it('say the same thing never twice in a row, whatever happens, and recovery only after trouble', () => {
    const anyHealth = fc
      .tuple(
        fc.uniqueArray(fc.tuple(fc.constantFrom(...findingKinds), fc.constantFrom('a', 'b'))),
        fc.constantFrom<RunStatus>('succeeded', 'failed', 'running', 'cancelled'),
        fc.constantFrom(null, 1),
      )
      .map(([some, status, nextMs]) => healthOf(some, status, nextMs));
    fc.assert(
      fc.property(fc.array(anyHealth, { maxLength: 20 }), (healths) => {
        const twice = healths.flatMap((health) => [health, health]);
        const lists = tell(...twice);
        for (let at = 1; at < lists.length; at += 2) expect(lists[at]).toEqual([]);
        let isTroubled = false;
        for (const said of lists.flat()) {
          if (said.startsWith('recovered')) expect(isTroubled).toBe(true);
          isTroubled = !said.startsWith('recovered');
        }
      }),
    );
  });
});
