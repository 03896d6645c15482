import type { HealthState } from '../../../electron/domain/finding.ts';
import { formatWhen } from '../../../electron/domain/headline.ts';
import type { JobHealth } from '../../../electron/domain/health.ts';

const needs: readonly HealthState[] = ['failed', 'sign-in', 'warning', 'running', 'good', 'paused'];

/** The jobs with those first that need somebody; alike ones stay in the order in which they were set up. Pure. */
export function orderByNeed(jobs: readonly JobHealth[]): JobHealth[] {
  return jobs.toSorted((a, b) => needs.indexOf(a.state) - needs.indexOf(b.state));
}

/** `Next: notes, 03:17 tomorrow.`, with the job after it where that is another one. `null` where nothing is due by itself. Pure. */
export function composeNext(jobs: readonly JobHealth[], nowMs: number, zone: string): string | null {
  const due = jobs
    .flatMap(({ job, nextMs }) => (nextMs === null ? [] : { job, nextMs }))
    .toSorted((a, b) => a.nextMs - b.nextMs)
    .slice(0, 2);
  if (due.length === 0) return jobs.length === 0 ? null : 'Nothing is due by itself: everything is paused.';
  return `Next: ${due.map(({ job, nextMs }) => `${job}, ${formatWhen(nextMs, nowMs, zone)}`).join('; then ')}.`;
}
