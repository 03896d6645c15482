import { errorFacts } from '../../domain/errors.ts';
import { isGitJob, isSqliteJob, type Job, type SqliteJob } from '../../domain/model.ts';
import type { JobSetUp } from '../../domain/outcomes.ts';
import { checkSchedule } from '../../domain/schedule.ts';
import type { Engine } from '../engine.ts';
import { destinationNamed, jobNamed, sqliteJobNamed } from '../settings-store.ts';
import { runSqliteTask } from '../sqlite/sqlite-tasks.ts';
import { adaptQueue } from './adapt-queue.ts';
import { forgetJob } from './forget-job.ts';
import { ownSeries, reconcile } from './reconcile.ts';
import { setUpStore } from './set-up-store.ts';
import { refuseKnown } from './taken-name.ts';

/** Whether the remote that a repository has now is taken as the right one, or held against the one it had. */
export type Identity = 'take' | 'keep';

/**
 * Sets up a job, after a look at its source and destinations. Throws `job-exists`, `destination-unknown`, `series-foreign`, and whatever
 * is wrong with the source; then there is no such job.
 */
export async function addJob(engine: Engine, asked: Job): Promise<JobSetUp> {
  refuseKnown(engine.settings.current.jobs, asked.name);
  const job = await checked(engine, asked, undefined, 'take');
  const series = await readSeries(engine, job);
  // A crash may have left the queue of a former job, with the proof that another remote gave.
  if (isGitJob(job)) engine.queue(job.name).forget();
  engine.settings.change((settings) => ({ ...settings, jobs: [...settings.jobs, job] }));
  return { job, ...series };
}

/** Puts a job in the place of the one of its name. Throws `job-unknown`, and as `addJob`; then the former one stays. */
export async function changeJob(engine: Engine, asked: Job, identity: Identity): Promise<JobSetUp> {
  const before = jobNamed(engine.settings.current, asked.name);
  const found = await checked(engine, withKept(asked, before, identity), before, identity);
  const series = await readSeries(engine, found);
  const job = engine.settings.replaceJob(before.name, (present) => {
    const next = withLearned(found, present, identity);
    // Before the settings: a crash in between must not leave a proof that another remote gave.
    if (isGitJob(next) && isGitJob(present)) adaptQueue(engine.queue(next.name), present.source, next.source);
    return next;
  });
  return { job, ...series };
}

/** What the engine itself has learned of a job is not the asker's to change. */
function withKept(asked: Job, before: Job, identity: Identity): Job {
  if (!isGitJob(asked) || !isGitJob(before) || identity === 'take') return { ...asked, name: before.name };
  const { remoteFingerprint } = before.source;
  return { ...asked, name: before.name, source: { ...asked.source, remoteFingerprint } };
}

/** What a run has learned of the job while it was looked at is kept. */
function withLearned(found: Job, present: Job, identity: Identity): Job {
  const isLearned = isGitJob(present) && present.source.remoteFingerprint !== null;
  return isLearned ? withKept(found, present, identity) : found;
}

/** Forgets a job; what it has stored stays. Throws `job-unknown`. */
export function removeJob(engine: Engine, name: string): Job {
  const job = jobNamed(engine.settings.current, name);
  engine.settings.change((settings) => ({ ...settings, jobs: settings.jobs.filter((other) => other.name !== job.name) }));
  forgetJob(engine, job.name);
  return job;
}

/** Lets a job go on with the snapshots of its name, whatever they were taken of. Throws `job-unknown`, `usage-invalid`. */
export async function adoptSeries(engine: Engine, name: string): Promise<JobSetUp> {
  const before = sqliteJobNamed(engine.settings.current, name);
  const series = await readSeries(engine, { ...before, adopted: true });
  const job = engine.settings.replaceJob(name, (present) => (isSqliteJob(present) ? { ...present, adopted: true } : present));
  return { job, ...series };
}

async function checked(engine: Engine, job: Job, before: Job | undefined, identity: Identity): Promise<Job> {
  checkSchedule(job.schedule, engine.ports.clock.now());
  if (isGitJob(job)) return setUpStore(engine, job, identity);
  const destinations = job.destinations.map((destination) => destinationNamed(engine.settings.current, destination).name);
  if (isSourceNew(job, before)) await probe(engine, job);
  return { ...job, destinations: [...new Set(destinations)] };
}

function isSourceNew({ source }: SqliteJob, before: Job | undefined): boolean {
  if (before === undefined || isGitJob(before)) return true;
  return source.path !== before.source.path || source.sentinel !== before.source.sentinel;
}

/** A database that cannot be read now would fail every night. */
async function probe({ ports }: Engine, { source }: SqliteJob): Promise<void> {
  const { path, sentinel } = source;
  await runSqliteTask(ports.workers, { kind: 'probe', path, lockWaitMs: 5000, ...(sentinel === undefined ? {} : { sentinel }) });
}

/** Takes in what the destinations hold under the job's name. Throws `series-foreign` where this is another database's, and not adopted. */
async function readSeries(engine: Engine, job: Job): Promise<Pick<JobSetUp, 'adopted' | 'notes'>> {
  let adopted = 0;
  const notes: string[] = [];
  for (const name of isSqliteJob(job) ? job.destinations : []) {
    try {
      const adoption = isSqliteJob(job) && !job.adopted ? ownSeries(engine, job) : ({ from: 'anywhere' } as const);
      adopted += (await reconcile(engine, engine.destination(name), job.name, adoption)).adopted.length;
    } catch (error) {
      if (errorFacts(error).code === 'series-foreign') throw error;
      notes.push(errorFacts(error).message);
    }
  }
  return { adopted, notes };
}
