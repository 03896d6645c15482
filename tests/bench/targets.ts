import { megabytes } from './figures.ts';
import { type BenchResult, type Measured, median, ratio, type Series, type StepName } from './results.ts';

/** One promise and whether it was kept; `null` where it could not be judged. */
export interface Target {
  readonly name: string;
  readonly found: string;
  readonly met: boolean | null;
}

const memoryLimitBytes = 300e6;
const loopDelayLimitMs = 50;
const worstCommitLimitMs = 100;
const fullsLimit = 5;
const heldLimitMs = 50;

/** Judges what was promised: times and bytes by the medians, memory and the event loop by the worst round. */
export function judge(result: BenchResult): Target[] {
  const series = (id: string) => result.series.find((one) => one.id === id);
  const middle = (id: string, step: StepName, read: (round: Measured) => number | null) => median(series(id)?.steps[step], read);
  const wall = (id: string, step: StepName) => middle(id, step, ({ wallMs }) => wallMs);
  const sent = (id: string, step: StepName) => middle(id, step, ({ movedBytes }) => movedBytes);
  const ourDay = { bytes: sent('nightjar', 'mixed'), ms: wall('nightjar', 'mixed') };
  return [
    atMost('day 2: bytes against gzip of exactly the changed pages', ratio(ourDay.bytes, result.changes.mixed.limitBytes), 1.1),
    atMost('append-only day: the same', ratio(sent('nightjar', 'appends'), result.changes.appends.limitBytes), 1.1),
    atLeast('day 2: times fewer bytes than restic', ratio(sent('restic', 'mixed'), ourDay.bytes), 6),
    atLeast('day 2: times fewer bytes than borg', ratio(sent('borg', 'mixed'), ourDay.bytes), 10),
    atLeast('day 2: times faster than `.backup` + `gzip -6`', ratio(wall('gzip', 'mixed'), ourDay.ms), 8),
    atMost('day 2: time against restic', ratio(ourDay.ms, wall('restic', 'mixed')), 1),
    atMost('first backup: time against `.backup` + `pigz -6`', ratio(wall('nightjar', 'first'), wall('pigz', 'first')), 1),
    atMost('first backup with zstd: time against restic', ratio(wall('nightjar-zstd', 'first'), wall('restic', 'first')), 1),
    atMost('restore of a full: time against `gunzip`', ratio(wall('nightjar', 'restore-first'), wall('gzip', 'restore-first')), 0.6),
    atMost(
      'thirty days of scattered edits: stored, in fulls',
      result.thirtyDays && result.thirtyDays.storedBytes / result.thirtyDays.fullBytes,
      fullsLimit,
    ),
    ...judgeRuns(result.series.filter(({ id }) => id.startsWith('nightjar'))),
    judgeClones(result.series.filter(({ id }) => id.startsWith('nightjar'))),
    judgeUnderWriter(result),
  ];
}

function judgeRuns(ours: readonly Series[]): Target[] {
  const runs = ours.flatMap(({ steps }) => Object.values(steps).flat());
  const memory = worst(runs.map(({ peakMemoryBytes }) => peakMemoryBytes));
  const loop = worst(runs.map(({ facts }) => facts['loopP99Ms']).map((value) => (value === undefined ? null : Number(value))));
  return [
    {
      name: 'peak memory of every run under 300 MB',
      found: memory === null ? 'not measured' : megabytes(memory),
      met: memory === null ? null : memory < memoryLimitBytes,
    },
    {
      name: 'event-loop delay p99 under 50 ms',
      found: loop === null ? 'not measured' : `${loop.toFixed(1)} ms`,
      met: loop === null ? null : loop < loopDelayLimitMs,
    },
  ];
}

/** A clone is made while the source is held; in which way snapshots are taken is the file system's matter. */
function judgeClones(ours: readonly Series[]): Target {
  const facts = ours.flatMap(({ steps }) => Object.values(steps).flat()).map((round) => round.facts);
  const name = `snapshot by clone: the source is held for less than ${heldLimitMs} ms`;
  const heldMs = worst(facts.filter(({ method }) => method === 'clone').map(({ heldMs: ms }) => (ms === undefined ? null : Number(ms))));
  const methods = [...new Set(facts.flatMap(({ method }) => (method === undefined ? [] : [method])))];
  if (heldMs === null) return { name, found: `snapshots by ${methods.join(', ') || 'none'}`, met: null };
  return { name, found: `${heldMs.toFixed(0)} ms`, met: heldMs < heldLimitMs };
}

function judgeUnderWriter({ underWriter }: BenchResult): Target {
  const ours = underWriter?.find(({ id }) => id === 'nightjar');
  const name = `under a writer: finished, sound, the slowest commit under ${worstCommitLimitMs} ms`;
  if (!ours) return { name, found: 'not measured', met: null };
  const isSound = ours.finished && ours.damage?.length === 0;
  const found = isSound ? `finished, sound, ${ours.writer.worstCommitMs.toFixed(0)} ms` : (ours.reason ?? ours.damage?.join('; ') ?? '');
  return { name, found, met: isSound && ours.writer.worstCommitMs < worstCommitLimitMs };
}

function atMost(name: string, found: number | null, limit: number): Target {
  return judged(`${name}, at most ${limit}`, found, (value) => value <= limit);
}

function atLeast(name: string, found: number | null, limit: number): Target {
  return judged(`${name}, at least ${limit}`, found, (value) => value >= limit);
}

function judged(name: string, found: number | null, isMet: (value: number) => boolean): Target {
  return { name, found: found === null ? 'not measured' : `${found.toFixed(2)} x`, met: found === null ? null : isMet(found) };
}

function worst(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
