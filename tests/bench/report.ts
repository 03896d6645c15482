import type { WriterReport } from '../support/live-writer.ts';
import type { Measurement } from './measure.ts';
import type { LoopDelay, NightjarMeasurement } from './nightjar.ts';
import { referencePeer } from './peers.ts';

/** One backup, whoever made it. */
export type Round = Measurement & { readonly outputBytes: number };

/** One backup by Nightjar beside a writer that does not rest. */
export type LiveRound = NightjarMeasurement & { readonly writer: WriterReport };

/** Every round of one way to make a backup. */
export interface Series<R extends Round = Round> {
  readonly name: string;
  readonly rounds: readonly R[];
}

/** What `.backup` did under the writer. */
export interface BackupUnderWriter {
  readonly limitMs: number;
  readonly finished: boolean;
  readonly wallMs: number;
  readonly reachedBytes: number;
}

/** Everything that the bench found. */
export interface BenchResult {
  readonly machine: string;
  readonly databaseBytes: number;
  readonly writerEveryMs: number;
  readonly missing: readonly string[];
  readonly resting: Series<NightjarMeasurement>;
  readonly live: Series<LiveRound>;
  readonly peers: readonly Series[];
  readonly backupUnderWriter: BackupUnderWriter | null;
}

/** One promise of the program and whether it was kept; `null` where it could not be judged. */
export interface Target {
  readonly name: string;
  readonly found: string;
  readonly met: boolean | null;
}

const wallRatioLimit = 0.5;
const memoryLimitBytes = 300e6;
const loopDelayLimitMs = 50;

/** Judges the targets: the wall time by the medians, the others by the worst round. */
export function judge({ resting, live, peers }: BenchResult): Target[] {
  const runs = [...resting.rounds, ...live.rounds];
  const reference = peers.find(({ name }) => name === referencePeer);
  const ratio = reference ? median(resting.rounds, wall) / median(reference.rounds, wall) : null;
  const memories = runs.map(({ peakMemoryBytes }) => peakMemoryBytes);
  const memory = memories.includes(null) ? null : Math.max(...memories.map(Number));
  const worstP99 = Math.max(...runs.map(({ loop }) => loop.p99));
  const restarts = runs.reduce((total, run) => total + run.restarts, 0);
  return [
    {
      name: `wall time at most ${wallRatioLimit} x ${referencePeer}`,
      found: ratio === null ? 'not measured' : `${ratio.toFixed(2)} x`,
      met: ratio === null ? null : ratio <= wallRatioLimit,
    },
    {
      name: 'peak memory under 300 MB',
      found: memory === null ? 'not measured on this system' : megabytes(memory),
      met: memory === null ? null : memory < memoryLimitBytes,
    },
    { name: 'event-loop delay p99 under 50 ms', found: `${worstP99.toFixed(1)} ms`, met: worstP99 < loopDelayLimitMs },
    { name: 'no restart of the snapshot', found: String(restarts), met: restarts === 0 },
  ];
}

/** The whole report as Markdown. */
export function formatReport(result: BenchResult, targets: readonly Target[]): string {
  const { resting, live, peers } = result;
  const reference = peers.find(({ name }) => name === referencePeer);
  return [
    `${result.machine}`,
    `database ${megabytes(result.databaseBytes)} in WAL mode, ${resting.rounds.length} alternating rounds, medians; ratios to ${referencePeer}; others: share of the machine that other programs used`,
    '',
    '| | wall | fastest to slowest | ratio | CPU | ratio | peak memory (PSS) | ratio | extra disk | ratio | output | others |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...[resting, ...peers, live].map((series) => formatRow(series, reference)),
    '',
    formatBackupUnderWriter(result),
    ...[resting, live].map(formatSteps),
    `event loop of Nightjar's main thread, worst round (5 ms is none): ${formatLoop([...resting.rounds, ...live.rounds])}`,
    `writer beside Nightjar: ${live.rounds.map(({ writer }) => `${writer.commits} commits, slowest ${writer.worstCommitMs.toFixed(0)} ms`).join('; ')}`,
    `growth of the WAL during the snapshot: ${live.rounds.map((run) => megabytes(run.walGrowthBytes)).join('; ')}`,
    'after every run of Nightjar: gunzip, SHA-256, integrity_check, rows of every table and the invariants were right',
    ...(result.missing.length > 0 ? [`not installed, so not measured: ${result.missing.join(', ')}`] : []),
    '',
    ...targets.map(formatTarget),
  ].join('\n');
}

function formatTarget({ name, found, met }: Target): string {
  if (met === null) return `not judged  ${name}: ${found}`;
  return `${met ? 'met   ' : 'MISSED'}  ${name}: ${found}`;
}

function formatRow({ name, rounds }: Series, reference: Series | undefined): string {
  const disk = (round: Round) => round.peakDiskBytes;
  const cpu = (round: Round) => round.cpuMs ?? Number.NaN;
  const ratio = (read: (round: Round) => number) => (reference ? (median(rounds, read) / median(reference.rounds, read)).toFixed(2) : '');
  const walls = rounds.map(wall);
  const memory = (round: Round) => round.peakMemoryBytes ?? Number.NaN;
  const isMemoryKnown = rounds.every(({ peakMemoryBytes }) => peakMemoryBytes !== null);
  const cells = [
    name,
    seconds(median(rounds, wall)),
    `${seconds(Math.min(...walls))} to ${seconds(Math.max(...walls))}`,
    ratio(wall),
    seconds(median(rounds, cpu)),
    ratio(cpu),
    isMemoryKnown ? megabytes(median(rounds, memory)) : 'not measured',
    isMemoryKnown ? ratio(memory) : '',
    megabytes(median(rounds, disk)),
    ratio(disk),
    megabytes(median(rounds, ({ outputBytes }) => outputBytes)),
    `${Math.round(median(rounds, ({ othersShare }) => othersShare) * 100)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function formatBackupUnderWriter({ backupUnderWriter, writerEveryMs }: BenchResult): string {
  if (!backupUnderWriter) return 'sqlite3 .backup under the writer: not measured';
  const { finished, wallMs, limitMs, reachedBytes } = backupUnderWriter;
  const outcome = finished
    ? `finished in ${seconds(wallMs)}`
    : `not finished after ${seconds(limitMs)}, its file at ${megabytes(reachedBytes)}`;
  return `sqlite3 .backup alone, with a commit every ${writerEveryMs} ms: ${outcome}`;
}

function formatSteps({ name, rounds }: Series<NightjarMeasurement>): string {
  const names = rounds[0]?.steps.map((step) => step.name) ?? [];
  const times = names.map((_, index) => `${names[index]} ${seconds(median(rounds, ({ steps }) => steps[index]?.ms ?? Number.NaN))}`);
  return `steps, ${name} (${rounds[0]?.method}): ${times.join(', ')}`;
}

function formatLoop(runs: readonly NightjarMeasurement[]): string {
  const worst = (read: (loop: LoopDelay) => number) => `${Math.max(...runs.map(({ loop }) => read(loop))).toFixed(1)} ms`;
  return `p50 ${worst(({ p50 }) => p50)}, p99 ${worst(({ p99 }) => p99)}, max ${worst(({ max }) => max)}`;
}

function wall(round: Round): number {
  return round.wallMs;
}

function median<T>(rounds: readonly T[], read: (round: T) => number): number {
  const sorted = rounds.map(read).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
