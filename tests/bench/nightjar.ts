import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../support/compile-cache.ts';
import { type Contender, type Facts, type Invocation, type Place, runUnmeasured } from './contender.ts';

interface CopyAnswer {
  readonly objectName: string;
  readonly bytes: number;
}

/** The part of `nightjar backup --json` that the bench looks at. */
interface BackupAnswer {
  readonly run: { readonly steps: readonly StepAnswer[] };
  readonly snapshot: { readonly copies: readonly CopyAnswer[] };
}

interface StepAnswer {
  readonly name: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly facts: Facts;
}

/** The program as it is started in a checkout. */
export const cliPath = fileURLToPath(new URL('../../electron/headless/launcher.cjs', import.meta.url));

const job = 'brain';
const probePath = new URL('event-loop-probe.ts', import.meta.url).href;
const isDelta = (objectName: string) => objectName.includes('.delta.');

/** Nightjar as it is set up by default, with zstd, and with full copies only. */
export const nightjars: readonly Contender[] = [
  nightjar('nightjar', 'Nightjar', []),
  nightjar('nightjar-zstd', 'Nightjar, zstd', ['--compression', 'zstd']),
  nightjar('nightjar-full', 'Nightjar, `--deltas off`', ['--deltas', 'off']),
];

/**
 * A command of Nightjar's on a data folder. What was compiled of the sources is kept, so that it starts as fast as the program that is
 * installed, which is compiled beforehand.
 */
export function inHome(home: string, ...args: readonly string[]): Invocation & { readonly env: NodeJS.ProcessEnv } {
  return {
    command: [process.execPath, cliPath, ...args, '--home', home, '--json'],
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  };
}

function nightjar(id: string, name: string, jobOptions: readonly string[]): Contender {
  const at = ({ folder }: Place, ...args: readonly string[]) => inHome(join(folder, 'home'), ...args);
  const loopFile = ({ folder }: Place) => join(folder, 'loop.json');
  return {
    id,
    name,
    programs: [],
    sends: jobOptions.includes('off') ? 'everything' : 'changes',
    keepsPages: true,
    setUp: (place) => [
      at(place, 'destination', 'add', 'folder', 'usb', place.destination),
      at(place, 'job', 'add', job, '--sqlite', place.source, '--to', 'usb', ...jobOptions),
    ],
    backUp: (place) => {
      const { command, env } = at(place, 'backup', job);
      const [node = '', ...rest] = command;
      return { command: [node, '--import', probePath, ...rest], env: { ...env, NIGHTJAR_BENCH_LOOP_FILE: loopFile(place) } };
    },
    restore: (place) => at(place, 'restore', `${job}@latest`, '--to', join(place.restored, 'brain.db')),
    restoredPath: ({ restored }) => join(restored, 'brain.db'),
    restoredFrom: (place) => neededBytes(runUnmeasured(at(place, 'snapshots', job))),
    readFacts: (place, { stdout }) => readFacts(stdout, readFileSync(loopFile(place), 'utf8')),
  };
}

/** A delta needs the full before it as well. */
function neededBytes(stdout: string): number {
  const snapshots = JSON.parse(stdout) as readonly { readonly copies: readonly CopyAnswer[] }[];
  const objects = snapshots.flatMap(({ copies }) => copies.slice(0, 1));
  const latest = objects[0];
  const base = latest && isDelta(latest.objectName) ? objects.find(({ objectName }) => !isDelta(objectName)) : undefined;
  return (latest?.bytes ?? Number.NaN) + (base?.bytes ?? 0);
}

function readFacts(stdout: string, loopJson: string): Facts {
  const { run, snapshot } = JSON.parse(stdout) as BackupAnswer;
  const loop = JSON.parse(loopJson) as { readonly p99: number; readonly max: number };
  const taken = run.steps.find(({ name }) => name === 'snapshot')?.facts ?? {};
  const steps = run.steps.map(({ name, startedAt, endedAt }) => `${name} ${Date.parse(endedAt) - Date.parse(startedAt)} ms`);
  return {
    object: snapshot.copies[0]?.objectName ?? 'none',
    method: taken['method'] ?? 'unknown',
    ...(taken['heldMs'] === undefined ? {} : { heldMs: taken['heldMs'] }),
    loopP99Ms: loop.p99,
    loopMaxMs: loop.max,
    steps: steps.join(', '),
  };
}
