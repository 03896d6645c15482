import type { Run, RunStatus, StepName, Trigger } from '../electron/domain/model.ts';
import type { LiveRun } from '../electron/domain/run-event.ts';
import { counted, formatBytes } from '../electron/domain/units.ts';

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

/** How much a run was about: the bytes of its database with what was stored of them, or the items of its store; `null` where it came to neither. */
export type RunSize =
  | { readonly kind: 'database'; readonly bytes: number; readonly storedBytes: number | null }
  | { readonly kind: 'store'; readonly items: number };

/** Reads it from the facts of the steps, which stay when a snapshot has expired. */
export function sizeOfRun({ steps }: Pick<Run, 'steps'>): RunSize | null {
  // A delta that was not worth it was compressed before the full that took its place.
  const fact = (step: StepName, name: string) => steps.findLast((each) => each.name === step)?.facts[name];
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
