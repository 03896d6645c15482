import { BackupError } from '../../domain/errors.ts';
import { type GitJob, isGitJob, type Job, type SqliteJob, type Trigger } from '../../domain/model.ts';
import type { BackupOutcome, StoreOutcome } from '../../domain/outcomes.ts';
import { isPaused } from '../../domain/pause.ts';
import type { Engine } from '../engine.ts';
import { sqliteJobNamed } from '../settings-store.ts';
import { backUpStore } from './back-up-store.ts';
import { runBackup } from './backup.ts';

export interface JobRequest<J extends Job = Job> {
  readonly job: J;
  readonly trigger: Trigger;
  readonly signal?: AbortSignal | undefined;
  /** Leaves expired snapshots where they are, as a one-off backup does. */
  readonly keepsAll?: boolean;
}

/** Backs up a job of either kind. It waits its turn where another run uses its source or a destination. Throws as the run does. */
export async function runJob(engine: Engine, request: JobRequest<SqliteJob>): Promise<BackupOutcome>;
export async function runJob(engine: Engine, request: JobRequest<GitJob>): Promise<StoreOutcome>;
export async function runJob(engine: Engine, request: JobRequest): Promise<BackupOutcome | StoreOutcome>;
export async function runJob(engine: Engine, { job, keepsAll = false, signal, trigger }: JobRequest) {
  // Runs of one repository take turns by themselves, with those that its watch starts.
  if (isGitJob(job)) return backUpStore(engine, { job, trigger, scope: 'everything', signal });
  const isConfigured = engine.settings.current.jobs.some(({ name }) => name === job.name);
  const work = () => {
    const present = isConfigured ? presentJob(engine, job.name, trigger) : job;
    return runBackup(engine, { job: present, trigger, retain: !keepsAll, signal });
  };
  return engine.runs.run(job, work, signal);
}

/** A job as it is when its turn comes: what somebody has changed meanwhile holds. Throws `job-unknown`, `job-paused`. */
function presentJob(engine: Engine, name: string, trigger: Trigger): SqliteJob {
  const job = sqliteJobNamed(engine.settings.current, name);
  const isBySchedule = trigger === 'schedule' || trigger === 'missed' || trigger === 'retry';
  if (isBySchedule && isPaused(job, engine.ports.clock.now())) {
    throw new BackupError('job-paused', 'it was paused while it waited for its turn');
  }
  return job;
}

/** Ends a run that is under way at its next safe point. Throws `run-unknown` where none of this id is. */
export function cancelRun(engine: Engine, runId: string): void {
  const cancel = engine.cancels.get(runId);
  if (cancel === undefined) {
    throw new BackupError('run-unknown', `no run ${runId} is under way`, { hint: 'see what is: nightjar history' });
  }
  cancel(new BackupError('cancelled', 'the run was cancelled; nothing half-written was left behind'));
}
