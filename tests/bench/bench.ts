import { execFileSync } from 'node:child_process';
import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LiveWriter, startLiveWriter } from '../support/live-writer.ts';
import { proveObject } from '../support/prove-object.ts';
import { makeSampleDatabase } from '../support/sample-databases.ts';
import { withScratchFolder } from '../support/scratch-folder.ts';
import { measureNightjar, type NightjarMeasurement } from './nightjar.ts';
import { findPeers, measureBackupUnderWriter, measurePeer } from './peers.ts';
import { disturbedShare, processors, waitForQuiet } from './quiet.ts';
import { type BackupUnderWriter, type BenchResult, formatReport, judge, type LiveRound, type Round } from './report.ts';

const writerEveryMs = 5;
const backupLimitMs = 30_000;
const attemptsLimit = 3;
const usage = 'usage: npm run bench -- [--size 1g] [--rounds 3] [--only nightjar] [--patience 60] [--out FILE]';

interface Options {
  readonly bytes: number;
  readonly rounds: number;
  readonly onlyNightjar: boolean;
  /** How long to wait for a quiet machine before each measurement. */
  readonly patienceMs: number;
  readonly out: string | undefined;
}

interface Bench {
  readonly source: string;
  readonly writer: LiveWriter;
  /** An empty folder for one run; what it holds is deleted afterwards. */
  readonly inFolder: <T>(work: (folder: string) => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '1g' },
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      patience: { type: 'string', default: '60' },
      out: { type: 'string' },
    },
  });
  const size = /^(\d+)([mg])$/.exec(values.size);
  const rounds = Number(values.rounds);
  const patience = Number(values.patience);
  const isOnlyKnown = values.only === undefined || values.only === 'nightjar';
  if (!size || !Number.isInteger(rounds) || rounds < 1 || !(patience >= 0) || !isOnlyKnown) throw new TypeError(usage);
  return {
    bytes: Number(size[1]) * 1024 ** (size[2] === 'g' ? 3 : 2),
    rounds,
    patienceMs: patience * 1000,
    onlyNightjar: values.only === 'nightjar',
    out: values.out,
  };
}

async function runBench(options: Options, folder: string, signal: AbortSignal): Promise<BenchResult> {
  await expectFreeSpace(folder, options.bytes * 5);
  const sourceFolder = join(folder, 'source');
  const source = join(sourceFolder, 'brain.db');
  await mkdir(sourceFolder);
  say(`making a database of ${Math.round(options.bytes / 1e6)} MB`);
  await makeSampleDatabase(source, { bytes: options.bytes, journalMode: 'wal', seed: 1, signal });
  const writer = await startLiveWriter(source, { everyMs: writerEveryMs });
  let runs = 0;
  const inFolder: Bench['inFolder'] = async (work) => {
    const runFolder = join(folder, `run-${++runs}`);
    await mkdir(runFolder);
    // What the run before has written must not be written out on this one's time.
    execFileSync('sync');
    try {
      return await work(runFolder);
    } finally {
      await rm(runFolder, { recursive: true, force: true });
    }
  };
  const measured = await measureRounds(options, { source, writer, inFolder, signal }).finally(() => writer.stop());
  return { machine: machine(), databaseBytes: (await stat(source)).size, writerEveryMs, ...measured };
}

async function measureRounds(options: Options, bench: Bench): Promise<Omit<BenchResult, 'machine' | 'databaseBytes' | 'writerEveryMs'>> {
  const { peers, missing } = options.onlyNightjar ? { peers: [], missing: [] } : findPeers();
  if (missing.length > 0) say(`not installed, so not measured: ${missing.join(', ')}`);
  const backupUnderWriter = peers.length > 0 ? await tryBackupUnderWriter(bench) : null;
  await bench.writer.pause();
  const resting = { name: 'Nightjar', rounds: [] as NightjarMeasurement[] };
  const live = { name: `Nightjar, with a commit every ${writerEveryMs} ms`, rounds: [] as LiveRound[] };
  const inRound = <T extends Round>(name: string, work: (folder: string) => Promise<T>) =>
    measureUndisturbed(name, async () => {
      await waitForQuiet(options.patienceMs, bench.signal);
      return bench.inFolder(work);
    });
  const peerSeries = peers.map((peer) => ({ name: peer.name, rounds: [] as Round[] }));
  const contenders = [
    async () => void resting.rounds.push(await inRound(resting.name, (folder) => backUpAndProve(bench, folder))),
    ...peers.map((peer, index) => async () => {
      peerSeries[index]?.rounds.push(await inRound(peer.name, (folder) => measurePeer(peer, bench.source, folder, bench.signal)));
    }),
    async () => void live.rounds.push(await inRound(live.name, (folder) => backUpUnderWriter(bench, folder))),
  ];
  for (let round = 0; round < options.rounds; round++) {
    say(`round ${round + 1} of ${options.rounds}`);
    // Each round begins with another contender, so that none always runs after the same one.
    for (let i = 0; i < contenders.length; i++) await contenders[(i + round) % contenders.length]?.();
  }
  return { missing, resting, live, peers: peerSeries, backupUnderWriter };
}

async function tryBackupUnderWriter({ source, inFolder, signal }: Bench): Promise<BackupUnderWriter> {
  say(`sqlite3 .backup under the writer, for ${backupLimitMs / 1000} s at most`);
  const measured = await inFolder((folder) => measureBackupUnderWriter(source, folder, backupLimitMs, signal));
  const { exitCode, wallMs, peakDiskBytes } = measured;
  return { limitMs: backupLimitMs, finished: exitCode === 0, wallMs, reachedBytes: peakDiskBytes };
}

async function backUpUnderWriter(bench: Bench, folder: string): Promise<LiveRound> {
  await bench.writer.resume();
  const measured = await measureNightjar(bench.source, folder, bench.signal);
  const writer = await bench.writer.pause();
  await prove(measured, folder, bench.signal);
  const writersShare = writer.cpuMs / measured.wallMs / processors;
  return { ...measured, writer, othersShare: Math.max(0, measured.othersShare - writersShare) };
}

async function backUpAndProve(bench: Bench, folder: string): Promise<NightjarMeasurement> {
  const measured = await measureNightjar(bench.source, folder, bench.signal);
  await prove(measured, folder, bench.signal);
  return measured;
}

/** A fast backup that is wrong is no result. */
async function prove({ object, manifest }: NightjarMeasurement, folder: string, signal: AbortSignal): Promise<void> {
  const failures = await proveObject(object, manifest, join(folder, 'proof.db'), signal);
  if (failures.length > 0) throw new Error(`Nightjar's snapshot is wrong: ${failures.join('; ')}`);
}

/** Measures again where other programs took much of the machine, a few times at most, and takes the least disturbed. */
async function measureUndisturbed<T extends Round>(name: string, measureOnce: () => Promise<T>): Promise<T> {
  let best: T | undefined;
  for (let attempt = 0; attempt < attemptsLimit && (best?.othersShare ?? 1) > disturbedShare; attempt++) {
    const result = await measureOnce();
    const seconds = (result.wallMs / 1000).toFixed(1);
    say(`  ${name}: ${seconds} s, while other programs used ${Math.round(result.othersShare * 100)} % of the machine`);
    if (!best || result.othersShare < best.othersShare) best = result;
  }
  if (!best) throw new RangeError('no attempt was made');
  return best;
}

async function expectFreeSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) throw new Error(`the bench needs ${Math.round(bytes / 1e9)} GB in ${folder}; set TMPDIR to a larger volume`);
}

function machine(): string {
  return `${processors} x ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const result = await withScratchFolder('nightjar-bench-', (folder, signal) => runBench(options, folder, signal));
  const targets = judge(result);
  process.stdout.write(`${formatReport(result, targets)}\n`);
  if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify({ ...result, targets }, null, 2)}\n`);
  const missed = targets.filter(({ met }) => met === false);
  if (missed.length > 0) {
    say(`missed: ${missed.map(({ name }) => name).join('; ')}`);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode ||= 1;
});
