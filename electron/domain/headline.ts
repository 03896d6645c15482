import { findingKinds, type HealthFinding, type HealthState, overallState } from './finding.ts';
import type { JobHealth } from './health.ts';
import { localTime } from './zoned-time.ts';

/** Everything in one sentence, and the state that an icon shows. */
export interface Headline {
  readonly state: HealthState;
  readonly sentence: string;
}

interface Loudest {
  readonly job: JobHealth;
  readonly finding: HealthFinding;
}

/**
 * One sentence from the health of all jobs: the loudest thing that is wrong, with the job that it is wrong with, or when everything was
 * last good and is next due. Times are in `zone`. Pure.
 */
export function composeHeadline(jobs: readonly JobHealth[], nowMs: number, zone: string): Headline {
  const state = overallState(jobs.map((job) => job.state));
  const loudest = findLoudest(jobs);
  if (loudest !== null && state !== 'running') return { state, sentence: complaint(loudest, jobs) };
  if (jobs.length === 0) return { state, sentence: 'No jobs yet' };
  if (state === 'running') return { state, sentence: runningSentence(jobs, nowMs, zone) };
  if (state === 'paused') return { state, sentence: `Paused: ${listNames(jobs)}` };
  return { state, sentence: goodSentence(jobs, nowMs, zone) };
}

function findLoudest(jobs: readonly JobHealth[]): Loudest | null {
  const all = jobs.flatMap((job) => job.findings.map((finding) => ({ job, finding })));
  return all.toSorted((a, b) => findingKinds.indexOf(a.finding.kind) - findingKinds.indexOf(b.finding.kind))[0] ?? null;
}

/** What is wrong, and how many jobs beside have something. */
function complaint({ finding, job }: Loudest, jobs: readonly JobHealth[]): string {
  const others = jobs.filter((other) => other !== job && !other.healthy).length;
  const more = others === 0 ? '' : `; and ${others} more ${others === 1 ? 'job is' : 'jobs are'} not well`;
  return `${job.job}: ${withCause(finding, job)}${more}`;
}

/** What is late because nobody is signed in is told with that: the one follows from the other. */
function withCause(finding: HealthFinding, { findings }: JobHealth): string {
  const stale = findings.find(({ kind }) => kind === 'stale');
  return finding.kind === 'sign-in' && stale !== undefined ? `${stale.message}: ${finding.message}` : finding.message;
}

function runningSentence(jobs: readonly JobHealth[], nowMs: number, zone: string): string {
  const running = jobs.filter(({ state }) => state === 'running');
  const lastMs = latest(running.map(({ lastGoodMs }) => lastGoodMs));
  const last = lastMs === null ? '' : `; last backed up ${formatWhen(lastMs, nowMs, zone)}`;
  return `${listNames(running)} ${running.length === 1 ? 'is' : 'are'} being backed up${last}`;
}

function goodSentence(jobs: readonly JobHealth[], nowMs: number, zone: string): string {
  const active = jobs.filter(({ state }) => state !== 'paused');
  const paused = jobs.filter(({ state }) => state === 'paused');
  const good = active.map(({ lastGoodMs }) => lastGoodMs).filter((atMs) => atMs !== null);
  const next = active.map(({ nextMs }) => nextMs).filter((atMs) => atMs !== null);
  // Of several, the one that was longest ago: what is said has to be true of each.
  const since = active.length === 1 ? '' : ' since';
  const parts = [
    `All good: ${listNames(active)} backed up${good.length === 0 ? '' : `${since} ${formatWhen(Math.min(...good), nowMs, zone)}`}`,
    ...(next.length === 0 ? [] : [`next ${formatWhen(Math.min(...next), nowMs, zone)}`]),
  ];
  return `${parts.join(', ')}${paused.length === 0 ? '' : `; paused: ${listNames(paused)}`}`;
}

/** `notes`, `notes and journal`, `notes and 3 more`. */
function listNames(jobs: readonly JobHealth[]): string {
  const [first, second] = jobs;
  if (jobs.length <= 1) return first?.job ?? '';
  return `${first?.job} and ${jobs.length === 2 ? second?.job : `${jobs.length - 1} more`}`;
}

function latest(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((atMs) => atMs !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** `03:17 today`, `03:17 tomorrow`, `23:00 yesterday`, else `03:17 on 2026-11-30`. */
export function formatWhen(atMs: number, nowMs: number, zone: string): string {
  const { day, time } = localTime(atMs, zone);
  const distance = dayNumber(day) - dayNumber(localTime(nowMs, zone).day);
  const words: Readonly<Record<number, string>> = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' };
  return `${time.slice(0, 2)}:${time.slice(2, 4)} ${words[distance] ?? `on ${day}`}`;
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}
