import type { RunStatus } from '../../../electron/domain/model.ts';
import { endOfDay, isDay } from '../../../electron/domain/zoned-time.ts';

/** What the history can be narrowed to by how it ended. */
export const outcomes = ['succeeded', 'warning', 'failed', 'cancelled'] as const;
export type Outcome = (typeof outcomes)[number];

/** What the history lists. */
export const lists = ['runs', 'restores', 'proofs'] as const;
export type HistoryList = (typeof lists)[number];

/** What is shown of the history, as its address says it. */
export interface RunFilter {
  readonly list: HistoryList;
  readonly job: string | null;
  readonly outcome: Outcome | null;
  /** `2026-11-25`. */
  readonly day: string | null;
}

const statuses: Readonly<Record<Outcome, RunStatus[]>> = {
  succeeded: ['succeeded'],
  warning: ['warning'],
  failed: ['failed', 'interrupted'],
  cancelled: ['cancelled', 'skipped'],
};

/** Reads `job=notes&status=failed&day=2026-11-25`; what is not understood narrows nothing. */
export function parseFilter(query: URLSearchParams): RunFilter {
  const day = query.get('day');
  return {
    list: lists.find((list) => list === query.get('show')) ?? 'runs',
    job: query.get('job'),
    outcome:
      outcomes.find((outcome) => outcome === query.get('status') || statuses[outcome].some((each) => each === query.get('status'))) ?? null,
    day: day !== null && isDay(day) ? day : null,
  };
}

/** The reverse, for links. */
export function filterQuery({ day, job, list, outcome }: RunFilter): Record<string, string> {
  return {
    ...(list === 'runs' ? {} : { show: list }),
    ...(job === null ? {} : { job }),
    ...(outcome === null ? {} : { status: outcome }),
    ...(day === null ? {} : { day }),
  };
}

/** What is asked of the engine for it: the runs that started before an instant, or the newest where there is none. */
export function filterInput({ day, job, outcome }: RunFilter, zone: string, beforeMs: number | null, limit: number) {
  const span = day === null ? null : { fromMs: endOfDay(dayBefore(day), zone), endMs: endOfDay(day, zone) };
  const ends = [beforeMs, span?.endMs ?? null].filter((atMs) => atMs !== null);
  return {
    limit,
    ...(job === null ? {} : { job }),
    ...(outcome === null ? {} : { statuses: statuses[outcome] }),
    ...(span === null ? {} : { fromMs: span.fromMs }),
    ...(ends.length === 0 ? {} : { beforeMs: Math.min(...ends) }),
  };
}

function dayBefore(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
