import type { Run, RunStatus, RunStep, StepName, Trigger } from '../electron/domain/model.ts';
import type { LiveRun } from '../electron/domain/run-event.ts';
import { counted, formatBytes, formatCount } from '../electron/domain/units.ts';

/** The word of each status. */
export const statusWords: Readonly<Record<RunStatus, string>> = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Succeeded',
  warning: 'Warning',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
  skipped: 'Left out',
};

/** Why a run was started. */
export const triggerWords: Readonly<Record<Trigger, string>> = {
  schedule: 'On schedule',
  missed: 'Made up for',
  manual: 'By hand',
  retry: 'Tried again',
  api: 'By a program',
};

/** What each step does, where its own words are not known any more. */
export const stepWords: Readonly<Record<StepName, string>> = {
  guard: 'Looking at source, disks and destinations',
  snapshot: 'Copying the database',
  check: 'Checking the copy',
  delta: 'Finding what has changed',
  compress: 'Compressing',
  send: 'Sending',
  verify: 'Reading back',
  record: 'Recording the snapshot',
  retain: 'Pruning by the retention policy',
  commit: 'Committing',
  push: 'Pushing',
  fetch: 'Fetching the snapshot',
  publish: 'Putting the file in its place',
  keep: 'Keeping the present database',
  settle: 'Making the present database one file',
  swap: 'Replacing the database',
  recheck: 'Checking what now stands there',
};

/** A step in words: `Sending to usb`. */
export function describeStep({ facts, name }: Pick<RunStep, 'facts' | 'name'>): string {
  const { destination } = facts;
  if (destination === undefined) return stepWords[name];
  return `${stepWords[name]} ${name === 'send' ? 'to' : 'from'} ${destination}`;
}

const methodWords: Readonly<Record<string, string>> = { quiet: 'nobody had it open', clone: 'cloned while it was in use' };

const factWords: Readonly<Record<string, (value: string | number) => string>> = {
  destination: () => '',
  rawBytes: (value) => `database ${bytesOf(value)}`,
  walBytes: (value) => (value === 0 ? '' : `WAL ${bytesOf(value)}`),
  walGrowthBytes: (value) => (value === 0 ? '' : `WAL grew by ${bytesOf(value)} meanwhile`),
  bytes: bytesOf,
  method: (value) => methodWords[value] ?? 'while it was in use',
  heldMs: (value) => (value === 0 ? '' : `held for ${formatCount(Number(value))} ms`),
  journalMode: (value) => (value === 'wal' ? 'WAL mode' : 'rollback mode'),
  restarts: (value) => (value === 0 ? 'no restart' : counted(Number(value), 'restart')),
  removed: (value) => (value === 0 ? 'nothing expired' : `${formatCount(Number(value))} expired`),
  frozen: (value) => `nothing is pruned until somebody has looked: ${value}`,
  commits: (value) => counted(Number(value), 'commit'),
  items: (value) => counted(Number(value), 'item'),
};

/** The facts of a step in words, those that say something: `5.2 GB`, `no restart`. */
export function describeFacts({ facts }: Pick<RunStep, 'facts'>): string[] {
  return Object.entries(facts)
    .map(([name, value]) => describeFact(name, value))
    .filter((text) => text !== '');
}

function describeFact(name: string, value: string | number): string {
  const words = factWords[name];
  if (words !== undefined) return words(value);
  if (name.startsWith('needs on ')) return `${bytesOf(value)} needed on ${name.slice('needs on '.length)}`;
  return `${name} ${value}`;
}

/** How much a run was about: the bytes of its database with what was stored of them, or the items of its store; `null` where it came to neither. */
export type RunSize =
  | { readonly kind: 'database'; readonly bytes: number; readonly storedBytes: number | null }
  | { readonly kind: 'store'; readonly items: number };

/** Reads it from the facts of the steps, which stay when a snapshot has expired. */
export function sizeOfRun({ steps }: Pick<Run, 'steps'>): RunSize | null {
  const fact = (step: StepName, name: string) => steps.find((each) => each.name === step)?.facts[name];
  const bytes = fact('snapshot', 'bytes');
  const stored = fact('compress', 'bytes');
  if (typeof bytes === 'number') return { kind: 'database', bytes, storedBytes: typeof stored === 'number' ? stored : null };
  const items = fact('record', 'items');
  return typeof items === 'number' ? { kind: 'store', items } : null;
}

/** `5.24 GB`, `3 items`, or nothing. */
export function formatSize(size: RunSize | null): string {
  if (size === null) return '';
  if (size.kind === 'database') return formatBytes(size.bytes);
  return size.items === 0 ? 'nothing new' : counted(size.items, 'item');
}

/** By how many bytes the database of each run differs from that of the run of its job before it, by the run's id. Runs are given newest first. */
export function sizeChanges(runs: readonly Pick<Run, 'id' | 'job' | 'steps'>[]): ReadonlyMap<string, number> {
  const later = new Map<string, { readonly id: string; readonly bytes: number }>();
  const changes = new Map<string, number>();
  for (const run of runs) {
    const size = sizeOfRun(run);
    if (size?.kind !== 'database') continue;
    const next = later.get(run.job);
    if (next !== undefined) changes.set(next.id, next.bytes - size.bytes);
    later.set(run.job, { id: run.id, bytes: size.bytes });
  }
  return changes;
}

/** `+12 MB`, `-1 kB`, `the same`. */
export function formatChange(bytes: number): string {
  if (bytes === 0) return 'the same';
  return `${bytes > 0 ? '+' : '−'}${formatBytes(Math.abs(bytes))}`;
}

/** How far the step of a run is that it takes now, from 0 to 1; `null` where it has no amount. */
export function partOfRun({ steps }: Pick<LiveRun, 'steps'>): number | null {
  const progress = steps.at(-1)?.progress;
  return progress === undefined || progress.totalBytes === 0 ? null : Math.min(1, progress.doneBytes / progress.totalBytes);
}

function bytesOf(value: string | number): string {
  return typeof value === 'number' ? formatBytes(value) : value;
}
