import type { JobRules } from '../../../electron/domain/job-rules.ts';
import type { Job } from '../../../electron/domain/model.ts';
import { formatBytes } from '../../../electron/domain/units.ts';

/** What all jobs have of one kind: the same, or each its own. */
export type Shared<T> = { readonly kind: 'same'; readonly value: T } | { readonly kind: 'mixed' };

/** Compares what each job has; without jobs it is what is given. */
export function sharedBy<T>(jobs: readonly Job[], read: (job: Job) => T, without: T): Shared<T> {
  const [first = without, ...others] = jobs.map(read);
  return others.every((other) => JSON.stringify(other) === JSON.stringify(first)) ? { kind: 'same', value: first } : { kind: 'mixed' };
}

type Bandwidth = JobRules['bandwidth'];

/** A limit of all transfers as the settings ask for it. */
export type TransferLimit =
  | { readonly kind: 'none' }
  | { readonly kind: 'always'; readonly bytesPerSecond: number }
  | { readonly kind: 'hours'; readonly bytesPerSecond: number; readonly from: string; readonly to: string };

/** The rule of a job that says the same. */
export function ruleOf(limit: TransferLimit): Bandwidth {
  switch (limit.kind) {
    case 'none':
      return [];
    case 'always':
      return [{ from: '00:00', to: '00:00', bytesPerSecond: limit.bytesPerSecond }];
    case 'hours':
      return [{ from: limit.from, to: limit.to, bytesPerSecond: limit.bytesPerSecond }];
  }
}

/** The reverse; `null` for a rule that needs more than one limit. */
export function limitOf(rule: Bandwidth): TransferLimit | null {
  const [only, ...others] = rule;
  if (only === undefined) return { kind: 'none' };
  if (others.length > 0) return null;
  return only.from === only.to ? { kind: 'always', bytesPerSecond: only.bytesPerSecond } : { kind: 'hours', ...only };
}

/** `at most 2 MB/s from 08:00 to 18:00`. */
export function describeRule(rule: Bandwidth): string {
  if (rule.length === 0) return 'no limit';
  return rule
    .map(({ bytesPerSecond, from, to }) => `at most ${formatBytes(bytesPerSecond)}/s${from === to ? '' : ` from ${from} to ${to}`}`)
    .join(', ');
}
