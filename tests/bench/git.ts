import { type ChildProcess, execFile, execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type GitJob, gitJobSchema } from '../../electron/domain/model.ts';
import { formatBytes, formatCount, formatDuration } from '../../electron/domain/units.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { backUpStore } from '../../electron/engine/operations/back-up-store.ts';
import { enqueueItems } from '../../electron/engine/operations/enqueue.ts';
import { startRandom, startWriting } from '../support/sample-content.ts';
import { withScratchFolder } from '../support/scratch-folder.ts';
import { openTestEngine } from '../support/test-engine.ts';
import { cliPath } from './nightjar.ts';
import { busyMs, processors, waitForQuiet } from './quiet.ts';

const run = promisify(execFile);
const store = 'notes';
const otherFiles = 300;
const firstRounds = 3;
const wantedOverheadMs = 300;
const commitByHand = 'git add -- "$1" && git commit --quiet -m x -- "$1"';
const usage = 'usage: npm run bench:git -- [--quick] [--files 20000] [--rounds 9] [--patience 20]';

interface Options {
  readonly files: number;
  readonly rounds: number;
  /** How long to wait for a quiet machine before each round. */
  readonly patienceMs: number;
}

interface Bench extends Options {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Nightjar's repository and its twin, which is kept by hand. */
interface Sides {
  readonly job: GitJob;
  readonly twin: string;
}

/** The same work on either side. */
interface Contest {
  readonly rounds: number;
  /** Resolves to what is changed in the same way on both sides. */
  readonly prepare: (round: number) => Promise<{ readonly sides: Sides; readonly path: string }>;
  readonly ours: (job: GitJob, path: string) => Promise<unknown>;
  /** What a person's shell is told; $1 is the path. */
  readonly byHand: string;
}

interface Measured {
  readonly wallMs: number;
  /** What this program started meanwhile. */
  readonly commands: readonly { readonly name: string; readonly ms: number }[];
}

interface Result {
  readonly name: string;
  readonly ours: readonly Measured[];
  readonly byHand: readonly Measured[];
  /** The share of the machine that other programs used in each round. */
  readonly othersShares: readonly number[];
  /** Of this program afterwards: to start a process takes the longer, the more memory the one has that starts it. */
  readonly rssBytes: number;
}

function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      files: { type: 'string' },
      rounds: { type: 'string', default: '9' },
      patience: { type: 'string', default: '20' },
    },
  });
  const files = Number(values.files ?? (values.quick ? 2000 : 20_000));
  const [rounds, patience] = [Number(values.rounds), Number(values.patience)];
  const areCounts = [files, rounds].every((count) => Number.isInteger(count) && count > 0);
  if (!areCounts || !(patience >= 0)) throw new TypeError(usage);
  return { files, rounds, patienceMs: patience * 1000 };
}

async function runBench(bench: Bench): Promise<Result[]> {
  const { env, folder, rounds } = bench;
  say(`making a store of ${formatCount(bench.files)} notes`);
  await makeHome(env);
  await makeProject(bench);
  const runCli = (job: GitJob) => run(process.execPath, [cliPath, 'backup', job.name, '--home', join(folder, 'home')], { env });
  const sides = await makeSides(bench, 'one');
  await withEngine(bench, async (engine) => setUp(engine, sides.job));
  // In a process of its own: what a first backup leaves in memory would be on the time of all that comes after it.
  await runCli(sides.job);
  await run('sh', ['-c', commitByHand, 'sh', store], { cwd: sides.twin, env });

  let changes = 0;
  const prepare = async () => {
    const path = pathOf((changes++ * 7919) % bench.files);
    for (const project of [sides.job.source.path, sides.twin]) await appendFile(join(project, path), `\nchange ${changes}\n`);
    return { sides, path };
  };
  const ofStore = commitByHand.replaceAll('$1', store);
  const backUp = (engine: Engine) => (job: GitJob) =>
    backUpStore(engine, { job: setUp(engine, job), trigger: 'manual', scope: 'everything' });
  const results: Result[] = [];
  await withEngine(bench, async (engine) => {
    const one = { rounds, prepare, ours: (job: GitJob, path: string) => backUpItem(engine, job, path), byHand: commitByHand };
    const pushed = { ...one, ours: (job: GitJob, path: string) => backUpItem(engine, setUp(engine, withPush(job)), path) };
    results.push(await hold(bench, 'one changed note, asked for', one));
    results.push(await hold(bench, 'the same, pushed to a folder', { ...pushed, byHand: `${commitByHand} && git push -q origin main` }));
    results.push(await hold(bench, 'one changed note, looked for', { ...one, ours: backUp(engine), byHand: ofStore }));
  });
  results.push(await hold(bench, '`nightjar backup`, looked for', { rounds, prepare, ours: runCli, byHand: ofStore }));
  await withEngine(bench, async (engine) => {
    const fresh = async (round: number) => ({ sides: await makeSides(bench, `first-${round}`), path: store });
    const first = { rounds: firstRounds, prepare: fresh, ours: backUp(engine), byHand: commitByHand };
    results.push(await hold(bench, 'the first backup', first));
  });
  return results;
}

async function withEngine<T>({ env, folder }: Bench, work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await openTestEngine(folder, { environment: env });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}

function setUp(engine: Engine, job: GitJob): GitJob {
  engine.settings.change((settings) => ({ ...settings, jobs: [job] }));
  return job;
}

function withPush(job: GitJob): GitJob {
  return { ...job, source: { ...job.source, push: true } };
}

async function backUpItem(engine: Engine, job: GitJob, path: string): Promise<void> {
  enqueueItems(engine, job, [{ item: path, paths: [path], reason: 'changed' }]);
  await backUpStore(engine, { job, trigger: 'api', scope: 'due' });
}

/** Measures both sides in turn, each round beginning with the other one, and expects the same files in both commits. */
async function hold(bench: Bench, name: string, { byHand, ours, prepare, rounds }: Contest): Promise<Result> {
  const result = { name, ours: [] as Measured[], byHand: [] as Measured[], othersShares: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    const { path, sides } = await prepare(round);
    globalThis.gc?.();
    // What was written before must not be written out on the time of either side.
    execFileSync('sync');
    await waitForQuiet(bench.patienceMs, bench.signal);
    const contenders = [
      async () => void result.ours.push(await timed(() => ours(sides.job, path))),
      async () => void result.byHand.push(await timed(() => run('sh', ['-c', byHand, 'sh', path], { cwd: sides.twin, env: bench.env }))),
    ];
    const othersShare = await othersShareIn(async () => {
      for (const measureOnce of round % 2 === 0 ? contenders : contenders.toReversed()) await measureOnce();
    });
    if (othersShare !== null) result.othersShares.push(othersShare);
    await expectSame(bench, sides);
  }
  const measured = { ...result, rssBytes: process.memoryUsage().rss };
  say(formatRow(measured));
  return measured;
}

/** A fast backup that is wrong is no result. */
async function expectSame({ env }: Bench, { job, twin }: Sides): Promise<void> {
  const { path } = job.source;
  const [tree, wanted] = [await runGit(path, env, 'rev-parse', 'HEAD:'), await runGit(twin, env, 'rev-parse', 'HEAD:')];
  const left = await runGit(path, env, 'status', '--porcelain');
  if (tree !== wanted || left !== '') throw new Error(`Nightjar has committed something else than git by hand: ${left.slice(0, 300)}`);
}

/** Does the work, and notes every process that this one starts meanwhile. */
async function timed(work: () => Promise<unknown>): Promise<Measured> {
  const commands: { name: string; ms: number }[] = [];
  const onStart = (message: unknown) => {
    const { process: child } = message as { readonly process: ChildProcess };
    const startedMs = performance.now();
    child.once('exit', () => commands.push({ name: commandName(child.spawnargs), ms: performance.now() - startedMs }));
  };
  subscribe('child_process', onStart);
  const startedMs = performance.now();
  try {
    await work();
    return { wallMs: performance.now() - startedMs, commands };
  } finally {
    unsubscribe('child_process', onStart);
  }
}

/** `rev-parse --show-toplevel`: the subcommand of git, and its first option. */
function commandName([, ...args]: readonly string[]): string {
  const own = args.slice(args.findIndex((arg, at) => arg !== '-c' && args[at - 1] !== '-c'));
  return own.slice(0, own[1]?.startsWith('--') ? 2 : 1).join(' ');
}

/** The share of the machine that others used; `null` where the system does not tell. */
async function othersShareIn(work: () => Promise<void>): Promise<number | null> {
  const [busyBeforeMs, ownBeforeMs, startedMs] = [busyMs(), await ownCpuMs(), performance.now()];
  await work();
  const [busyAfterMs, ownAfterMs, wallMs] = [busyMs(), await ownCpuMs(), performance.now() - startedMs];
  if (ownBeforeMs === null || ownAfterMs === null) return null;
  return Math.max(0, busyAfterMs - busyBeforeMs - (ownAfterMs - ownBeforeMs)) / wallMs / processors;
}

/** The time that this process has used, with all of its children that have ended. */
async function ownCpuMs(): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  // proc_pid_stat(5): the fields 14 to 17, in hundredths of a second.
  const fields = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ').slice(11, 15) ?? [];
  return fields.reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
}

/** A person's home that has nothing of the developer's git. What git would do in the background is on neither side's time. */
async function makeHome({ HOME = '' }: NodeJS.ProcessEnv): Promise<void> {
  await mkdir(HOME);
  const config = '[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n';
  await writeFile(join(HOME, '.gitconfig'), config);
}

/** Notes have 0.5 to 8 KB, most of them little; 12 folders of each of 16 years have 25 folders each. */
function pathOf(file: number): string {
  return `${store}/${2010 + (file % 16)}/${1 + (file % 12)}/topic-${file % 25}/note-${file}.md`;
}

/** A repository in which a program is committed, and beside it a store that git does not know yet. */
async function makeProject({ env, files, folder }: Bench): Promise<void> {
  const project = join(folder, 'template');
  const random = startRandom(1);
  const writing = startWriting(random);
  const write = async (path: string, bytes: number) => {
    const place = join(project, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, writing.body(bytes).slice(0, bytes));
  };
  for (let file = 0; file < otherFiles; file++) await write(`src/part-${file % 20}/file-${file}.ts`, 2000);
  await writeFile(join(project, '.gitignore'), 'node_modules/\n*.tmp\n');
  await runGit(project, env, 'init', '--quiet');
  await runGit(project, env, 'add', '.');
  await runGit(project, env, 'commit', '--quiet', '-m', 'the program');
  for (let file = 0; file < files; file++) await write(pathOf(file), Math.round(500 * 16 ** (random.below(1000) / 1000)));
}

async function makeSides(bench: Bench, name: string): Promise<Sides> {
  return { job: jobOf(await copyProject(bench, name)), twin: await copyProject(bench, `${name}-by-hand`) };
}

/** A copy of the template, with a remote of its own. */
async function copyProject({ env, folder }: Bench, name: string): Promise<string> {
  const [project, remote] = [join(folder, name), join(folder, `${name}.git`)];
  await run('cp', ['-a', join(folder, 'template'), project]);
  await runGit(folder, env, 'init', '--quiet', '--bare', remote);
  await runGit(project, env, 'remote', 'add', 'origin', remote);
  await runGit(project, env, 'push', '--quiet', 'origin', 'main');
  // Copied files are others to git, which looks into each of them once.
  await runGit(project, env, 'status');
  return project;
}

function jobOf(path: string): GitJob {
  const source = { kind: 'git', path, stores: [store] };
  return gitJobSchema.parse({ name: basename(path), source, schedule: { cron: '17 3 * * *', zone: 'UTC' } });
}

async function runGit(cwd: string, env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', args, { cwd, env, maxBuffer: 2 ** 26 });
  return stdout.trimEnd();
}

function report(results: readonly Result[], { files }: Options): boolean {
  const [one] = results;
  const overheadMs = one === undefined ? Number.NaN : median(walls(one.ours)) - median(walls(one.byHand));
  const isMet = overheadMs < wantedOverheadMs;
  const lines = [
    `${processors} x ${cpus()[0]?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `a store of ${formatCount(files)} notes; medians, fastest in parentheses; others: share of the machine that other programs used, worst round`,
    '',
    '| | Nightjar | git by hand | difference | processes | memory | others | rounds |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
    ...results.map(formatRow),
    '',
    ...results.filter(({ ours }) => ours.some(({ commands }) => commands.length > 1)).map(formatCommands),
    '',
    `${isMet ? 'met   ' : 'MISSED'}  one changed note takes less than ${wantedOverheadMs} ms more than by hand: ${Math.round(overheadMs)} ms`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return isMet;
}

function formatRow({ name, ours, byHand, othersShares, rssBytes }: Result): string {
  const cell = (measured: readonly Measured[]) =>
    `${formatDuration(median(walls(measured)))} (${formatDuration(Math.min(...walls(measured)))})`;
  const difference = median(walls(ours)) - median(walls(byHand));
  const others = othersShares.length === 0 ? 'not measured' : `${Math.round(Math.max(...othersShares) * 100)} %`;
  const processes = median(ours.map(({ commands }) => commands.length));
  return `| ${[name, cell(ours), cell(byHand), formatDuration(difference), processes, formatBytes(rssBytes), others, ours.length].join(' | ')} |`;
}

/** Where the time goes, in the order of the first round: each command with how often it was run, and what all of it took. */
function formatCommands({ name, ours }: Result): string {
  const names = new Set(ours.flatMap(({ commands }) => commands.map((command) => command.name)));
  const each = [...names].map((command) => {
    const own = ours.map(({ commands }) => commands.filter((other) => other.name === command).map(({ ms }) => ms));
    const ms = median(own.map((times) => times.reduce((sum, time) => sum + time, 0)));
    return `${median(own.map(({ length }) => length))} x ${command} ${formatDuration(ms)}`;
  });
  return `git in "${name}": ${each.join(', ')}`;
}

function walls(measured: readonly Measured[]): number[] {
  return measured.map(({ wallMs }) => wallMs);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const results = await withScratchFolder('nightjar-bench-', (folder, signal) => {
    const home = join(folder, 'person');
    const env = { PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: join(home, '.config'), GIT_CONFIG_NOSYSTEM: '1' };
    return runBench({ ...options, folder, env, signal });
  });
  if (!report(results, options)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode ||= 1;
});
