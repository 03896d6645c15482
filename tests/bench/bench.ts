import { execFileSync } from 'node:child_process';
import { mkdir, stat, statfs } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { withScratchFolder } from '../support/scratch-folder.ts';
import { makeBrain } from './brain.ts';
import { type Contender, missingPrograms } from './contender.ts';
import { fullCopies } from './full-copies.ts';
import { simulateSchedules } from './full-schedule.ts';
import { nightjars } from './nightjar.ts';
import { type Options, parseOptions } from './options.ts';
import { startPatience } from './patience.ts';
import { publishReport, writeResults } from './publish.ts';
import { processors } from './quiet.ts';
import { formatReport } from './report.ts';
import { repositories } from './repositories.ts';
import type { BenchResult } from './results.ts';
import { measureRounds } from './rounds.ts';
import { say } from './say.ts';
import { judge } from './targets.ts';
import { measureThirtyDays } from './thirty-days.ts';
import { measureUnderWriter } from './under-writer.ts';

const allContenders = [...nightjars, ...fullCopies, ...repositories];
const writerEveryMs = 5;
const gigabyte = 1024 ** 3;

async function runBench(options: Options, folder: string, signal: AbortSignal): Promise<BenchResult> {
  const { contenders, missing } = chooseContenders(options.only);
  if (missing.length > 0) say(`not installed, so not measured: ${missing.join(', ')}`);
  await expectFreeSpace(folder, options.bytes * (5 + 1.2 * contenders.length));
  const gigabytes = options.bytes / gigabyte;
  const source = join(folder, 'source', 'brain.db');
  await mkdir(join(folder, 'source'));
  say(`making a database of ${Math.round(options.bytes / 1e6)} MB`);
  await makeBrain(source, options.bytes, 1, signal);
  const { size: databaseBytes } = await stat(source);
  const patience = startPatience({
    waitMs: options.patienceMs,
    attempts: options.attempts,
    allWaitsMs: options.patienceMs * 10,
    allRepeats: options.rounds * 5,
  });
  const conditions = { patience, timeoutMs: (1 + gigabytes * 5) * 60_000, signal };
  const measured = await measureRounds(contenders, { source, folder, rounds: options.rounds, conditions });
  const writerLimitMs = Math.round(10 + gigabytes * 80) * 1000;
  if (options.withWriter) say(`beside a process that commits every ${writerEveryMs} ms, for ${writerLimitMs / 1000} s at most`);
  const writing = { source, folder, everyMs: writerEveryMs, limitMs: writerLimitMs, signal };
  const underWriter = options.withWriter ? await measureUnderWriter(contenders, writing) : null;
  if (options.withDays) say('thirty days of edits at scattered places');
  const thirtyDays = options.withDays ? await measureThirtyDays(folder, Math.min(options.bytes / 4, 96 * 1024 ** 2), signal) : null;
  return {
    machine: machine(),
    versions: versions(contenders),
    command: options.command,
    date: new Date().toISOString().slice(0, 10),
    databaseBytes,
    rounds: options.rounds,
    missing,
    ...measured,
    writerEveryMs,
    writerLimitMs,
    underWriter,
    thirtyDays,
    schedules: simulateSchedules(),
  };
}

function chooseContenders(only: readonly string[]): { contenders: readonly Contender[]; missing: readonly string[] } {
  const ids = allContenders.map(({ id }) => id);
  const unknown = only.filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new TypeError(`no contender is called ${unknown.join(', ')}; there are ${ids.join(', ')}`);
  const wanted = allContenders.filter(({ id }) => only.length === 0 || only.includes(id));
  const contenders = wanted.filter((contender) => missingPrograms(contender).length === 0);
  if (contenders.length === 0) throw new Error(`nothing of ${wanted.map(({ name }) => name).join(', ')} is installed`);
  return { contenders, missing: [...new Set(wanted.flatMap(missingPrograms))] };
}

async function expectFreeSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) throw new Error(`the bench needs ${Math.round(bytes / 1e9)} GB in ${folder}; set TMPDIR to a larger volume`);
}

function machine(): string {
  return `${processors} x ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** What the programs beside Nightjar say that they are. */
function versions(contenders: readonly Contender[]): string[] {
  const programs = [...new Set(contenders.flatMap((contender) => contender.programs))];
  return programs.map((program) => {
    const said = execFileSync('sh', ['-c', '"$1" --version 2>&1 || "$1" version 2>&1', 'sh', program], { encoding: 'utf8' });
    return `${program} ${/\d+\.\d+(\.\d+)?/.exec(said)?.[0] ?? 'of an unknown version'}`;
  });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const startedMs = performance.now();
  const result = await withScratchFolder('nightjar-bench-', (folder, signal) => runBench(options, folder, signal));
  const targets = judge(result);
  const report = formatReport(result, targets);
  process.stdout.write(`${report}\n`);
  await writeResults(options.out, result, targets, report);
  if (options.publish) await publishReport(report);
  say(`took ${((performance.now() - startedMs) / 60_000).toFixed(1)} minutes; results are in ${options.out}`);
  const missed = targets.filter(({ met }) => met === false);
  if (missed.length > 0) {
    say(`missed: ${missed.map(({ name, found }) => `${name}: ${found}`).join('; ')}`);
    process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode ||= 1;
});
