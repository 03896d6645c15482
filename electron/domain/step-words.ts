import type { RunStep, StepName } from './model.ts';
import { describeChangedPages } from './snapshot-form.ts';
import { counted, formatBytes, formatCount } from './units.ts';

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

/** A step in words: `Sending to usb`. Pure. */
export function describeStep({ facts, name }: Pick<RunStep, 'facts' | 'name'>): string {
  const { base, destination } = facts;
  if (name === 'delta' && base !== undefined) return `${stepWords.delta} since ${base}`;
  if (destination === undefined) return stepWords[name];
  return `${stepWords[name]} ${name === 'send' ? 'to' : 'from'} ${destination}`;
}

const methodWords: Readonly<Record<string, string>> = { quiet: 'nobody had it open', clone: 'cloned while it was in use' };

const factWords: Readonly<Record<string, (value: string | number, facts: RunStep['facts']) => string>> = {
  destination: () => '',
  base: () => '',
  pages: () => '',
  changedPages: (value, { pages }) => describeChangedPages(Number(value), Number(pages)),
  full: (value) => `full: ${value}`,
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

/** The facts of a step in words, those that say something: `5.2 GB`, `no restart`. Pure. */
export function describeFacts({ facts }: Pick<RunStep, 'facts'>): string[] {
  return Object.entries(facts)
    .map(([name, value]) => describeFact(name, value, facts))
    .filter((text) => text !== '');
}

function describeFact(name: string, value: string | number, facts: RunStep['facts']): string {
  const words = factWords[name];
  if (words !== undefined) return words(value, facts);
  if (name.startsWith('needs on ')) return `${bytesOf(value)} needed on ${name.slice('needs on '.length)}`;
  return `${name} ${value}`;
}

function bytesOf(value: string | number): string {
  return typeof value === 'number' ? formatBytes(value) : value;
}
