import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measurement, measure } from './measure.ts';

/** The part of `nightjar backup --json` that the bench looks at. */
interface BackupAnswer {
  readonly run: {
    readonly status: string;
    readonly steps: readonly {
      readonly name: string;
      readonly startedAt: string;
      readonly endedAt: string;
      readonly facts: Readonly<Record<string, string | number>>;
    }[];
  };
  readonly snapshot: { readonly copies: readonly { readonly objectName: string; readonly bytes: number }[] };
}

/** How late the main thread's timers fired, in milliseconds. */
export interface LoopDelay {
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** One backup by Nightjar, with what only it can tell. */
export interface NightjarMeasurement extends Measurement {
  readonly outputBytes: number;
  readonly object: string;
  readonly manifest: string;
  readonly restarts: number;
  readonly walGrowthBytes: number;
  readonly method: string;
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
  readonly loop: LoopDelay;
}

/** The command line, run from its source. */
export const cliPath = fileURLToPath(new URL('../../electron/headless/cli.ts', import.meta.url));
const probePath = new URL('event-loop-probe.ts', import.meta.url).href;
const timeoutMs = 15 * 60_000;

/** A one-off backup with a data folder of its own, in a process of its own. */
export async function measureNightjar(source: string, folder: string, signal: AbortSignal): Promise<NightjarMeasurement> {
  const home = join(folder, 'home');
  const destination = join(folder, 'destination');
  const loopFile = join(folder, 'loop.json');
  await mkdir(destination);
  const measured = await measure({
    command: [
      process.execPath,
      '--import',
      probePath,
      cliPath,
      'backup',
      '--sqlite',
      source,
      '--to',
      destination,
      '--home',
      home,
      '--json',
    ],
    folders: [folder, dirname(source)],
    env: { ...process.env, NIGHTJAR_BENCH_LOOP_FILE: loopFile },
    timeoutMs,
    signal,
  });
  if (measured.exitCode !== 0) throw new Error(`nightjar failed (${measured.exitCode}): ${measured.stderr}${measured.stdout}`);
  const { run, snapshot } = JSON.parse(measured.stdout) as BackupAnswer;
  const copy = snapshot.copies[0];
  const facts = run.steps.find(({ name }) => name === 'snapshot')?.facts;
  if (!copy || !facts) throw new Error(`nightjar answered without a copy or a snapshot step: ${measured.stdout}`);
  const object = join(destination, basename(source, '.db'), basename(copy.objectName));
  return {
    ...measured,
    outputBytes: copy.bytes,
    object,
    manifest: object.replace(/\.db\.gz$/, '.json'),
    restarts: Number(facts.restarts),
    walGrowthBytes: Number(facts.walGrowthBytes),
    method: String(facts.method),
    steps: run.steps.map(({ name, startedAt, endedAt }) => ({ name, ms: Date.parse(endedAt) - Date.parse(startedAt) })),
    loop: JSON.parse(readFileSync(loopFile, 'utf8')) as LoopDelay,
  };
}
