import type { JobHealth } from '../../../electron/domain/health.ts';
import { isGitJob, type Job } from '../../../electron/domain/model.ts';
import { isPaused } from '../../../electron/domain/pause.ts';
import { describePolicy } from '../../../electron/domain/retention-forecast.ts';
import { describeSchedule } from '../../../electron/domain/rhythm.ts';
import { sentence } from '../../failure.ts';
import { formatAgo, formatShort } from '../../format.ts';
import { withoutCommand } from '../../without-command.ts';

/** How a job is, in one sentence: the loudest thing that is wrong with it, its pause, or when it was last verified. */
export function jobSentence(job: Job, health: JobHealth | undefined, nowMs: number): string {
  const [problem] = health?.problems ?? [];
  if (problem !== undefined) return `${sentence(withoutCommand(problem))}.`;
  if (isPaused(job, nowMs)) return pauseSentence(job);
  if (health === undefined) return '';
  if (health.lastGoodMs === null) return 'It was not backed up yet.';
  return `${isGitJob(job) ? 'Safe' : 'Verified'} ${formatAgo(Math.min(health.lastGoodMs, nowMs), nowMs)}.`;
}

/** What is said of a job while a run, a drill or a restore of it is under way. */
export const runningSentence = 'At work on it now.';

/** Until when no run starts by itself. */
export function pauseSentence({ pausedUntil }: Job): string {
  return pausedUntil === null ? 'Paused until you resume it.' : `Paused until ${formatShort(Date.parse(pausedUntil))}.`;
}

/** `every day at 03:17, keeps 30 days and 12 months`. */
export function orderOf(job: Job): string {
  const when = describeSchedule(job.schedule.cron);
  return isGitJob(job) ? `after every change and ${when}` : `${when}, keeps ${describePolicy(job.retention)}`;
}

/** Where what a job backs up goes. */
export function placesOf(job: Job): string {
  if (!isGitJob(job)) return job.destinations.join(', ');
  return job.source.push ? `${job.source.remote}/${job.source.branch}` : `${job.source.branch}, on this machine`;
}
