import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { planRetention, type RetentionCandidate } from '../../electron/domain/retention.ts';
import { migrate } from '../../electron/engine/catalog/database.ts';
import { LedgerMemory } from '../../electron/engine/catalog/ledger-memory.ts';
import type { JobRequest } from '../../electron/engine/operations/run-job.ts';
import { dayMs, hourMs, minuteMs, SchedulerScene } from './scheduler-scene.ts';

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const beginMs = Date.parse('2026-01-01T12:00:00Z');
const endMs = beginMs + 365 * dayMs;

let scene: SchedulerScene;
beforeEach(async () => {
  scene = await SchedulerScene.open(beginMs);
});
afterEach(() => scene[Symbol.asyncDispose]());

it('of a daily and an hourly job in four zones has the slots, the runs and the snapshots of a calendar', async () => {
  const series = new Map<string, RetentionCandidate[]>();
  for (const [at, zone] of zones.entries()) {
    await scene.addJob(`night-${at}`, { schedule: { cron: '30 2 * * *', zone } });
    await scene.addJob(`hour-${at}`, { schedule: { cron: '5 * * * *', zone } });
  }
  const starts = new Map<string, number[]>();
  /** A run that is over at once; what it keeps is decided as a real one would. */
  const run = async ({ job }: JobRequest) => {
    const nowMs = scene.clock.now();
    starts.set(job.name, [...(starts.get(job.name) ?? []), nowMs]);
    const id = `run-${nowMs}`;
    const candidates = [...(series.get(job.name) ?? []), { id, createdAtMs: nowMs, verified: true, pinned: false }];
    series.set(job.name, candidates);
    // A plan is the dear part of a run here, and the last one of a day decides.
    if (job.name.startsWith('hour') && nowMs < endMs - hourMs && candidates.length % 12 > 0) return { run: { id } };
    const policy = { daily: 30, weekly: 0, monthly: 12, yearly: 0, minVerified: 3 };
    const kept = planRetention(candidates, policy, job.schedule.zone, nowMs).filter(({ reasons }) => reasons.length > 0);
    const keptIds = new Set(kept.map((verdict) => verdict.id));
    series.set(
      job.name,
      candidates.filter((candidate) => keptIds.has(candidate.id)),
    );
    return { run: { id } };
  };
  // The ledger as it is, without a disk: it is written some hundred thousand times.
  const memory = new Database(':memory:');
  migrate(memory as never);
  scene.engine.catalog.ledger = (job) => new LedgerMemory(memory as never, job);
  await scene.start('held', { run, tickMs: hourMs });
  await scene.clock.pass(endMs - beginMs);
  await scene.clock.asleep(hourMs);

  for (const [at, zone] of zones.entries()) {
    const expected = calendarOf(zone);
    for (const [name, runs] of [
      [`night-${at}`, expected.nights],
      [`hour-${at}`, expected.hours],
    ] as const) {
      expect([name, starts.get(name)?.map(iso)]).toEqual([name, runs.map(iso)]);
      const ledger = scene.engine.ledger(name).slots(10_000).toReversed();
      expect(ledger.map(({ atMs, state }) => `${iso(atMs)} ${state}`)).toEqual(runs.map((ms) => `${iso(ms)} done`));
      expect(series.get(name)?.map(({ createdAtMs }) => iso(createdAtMs))).toEqual(keptOf(runs, zone).map(iso));
    }
  }
}, 600_000);

const iso = (ms: number) => new Date(ms).toISOString();

/** The local day and time of an instant, from the runtime's own tables. */
function localOf(zone: string): (ms: number) => readonly [day: string, time: string] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (ms) => format.format(ms).split(' ') as [string, string];
}

/**
 * When the jobs are due, by looking at a wall clock every five minutes: at every :05; and each day at the first 02:30, or at the first
 * moment after it where the clock is moved past that.
 */
function calendarOf(zone: string): { nights: number[]; hours: number[] } {
  const local = localOf(zone);
  const nights: number[] = [];
  const hours: number[] = [];
  let lastNight = local(beginMs)[0];
  let [, before] = local(beginMs);
  for (let ms = beginMs + 5 * minuteMs; ms <= endMs; ms += 5 * minuteMs) {
    const [day, time] = local(ms);
    if (time.endsWith(':05')) hours.push(ms);
    if (day > lastNight && before < '02:30' && time >= '02:30') {
      nights.push(ms);
      lastNight = day;
    }
    before = time;
  }
  return { nights, hours };
}

/** Of the latest 30 days and 12 months that have a run, the newest one. */
function keptOf(runs: readonly number[], zone: string): number[] {
  const local = localOf(zone);
  const newest = (length: number, count: number) =>
    [...new Map(runs.map((ms) => [local(ms)[0].slice(0, length), ms])).values()].slice(-count);
  return [...new Set([...newest(7, 12), ...newest(10, 30)])].toSorted((a, b) => a - b);
}
