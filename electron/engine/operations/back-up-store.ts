import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupError, type ErrorFacts, errorFacts } from '../../domain/errors.ts';
import { retryWaitMs, type StoreStep } from '../../domain/git-item.ts';
import { type GitJob, isGitJob, type Trigger } from '../../domain/model.ts';
import type { PushProof, StoreOutcome } from '../../domain/outcomes.ts';
import type { Engine } from '../engine.ts';
import { findChanges } from '../git/changes.ts';
import type { Git } from '../git/git.ts';
import { inBatches } from '../git/git-files.ts';
import { isAtOrBelow } from '../git/git-path.ts';
import { checkStore, openStore } from '../git/open-store.ts';
import { push } from '../git/push.ts';
import { commitOf, fingerprintOf, pushUrls } from '../git/store.ts';
import { findUnwatched } from '../git/unseen.ts';
import { unlessMissing } from '../platform/errno.ts';
import { gitJobNamed } from '../settings-store.ts';
import { commitQueued, type FailedItem } from './commit-items.ts';
import { asRun } from './run.ts';
import { recordQuietly, type Steps } from './steps.ts';

export interface StoreRequest {
  readonly job: GitJob;
  readonly trigger: Trigger;
  /** All that has changed and all that is unfinished, or only what waits and is due. */
  readonly scope: 'everything' | 'due';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Backs up a git store: commits what its items have changed, and nothing else, pushes the branch if the job asks for it, and asks the
 * remote whether it has arrived. An item is a success only then. Throws what stopped the whole run, after recording it; what was
 * asked for stays in the queue in any case.
 */
export async function backUpStore(engine: Engine, request: StoreRequest): Promise<StoreOutcome> {
  const { trigger, signal } = request;
  const { name, source } = request.job;
  // The turn comes before the run, so that no time of waiting counts as work.
  return engine.turns(source.path, async () => {
    // As it is set up by now.
    const job = gitJobNamed(engine.settings.current, name);
    expectEnabled(job);
    const { run, result } = await asRun(engine, job, trigger, signal, (steps) => drain(engine, { ...request, job }, steps));
    return { run, ...result };
  });
}

/** Throws `usage-invalid` where the job is switched off. */
export function expectEnabled({ name, source }: GitJob): void {
  if (source.enabled) return;
  throw new BackupError('usage-invalid', `${name} is switched off`, { hint: `switch it on with: nightjar job set ${name} --enable` });
}

async function drain(engine: Engine, request: StoreRequest, steps: Steps): Promise<Omit<StoreOutcome, 'run'>> {
  const { job, scope } = request;
  const queue = engine.queue(job.name);
  const git = openStore(job.source, engine.ports, { signal: steps.signal, scratchFolder: engine.home.stagingFolder });
  const commits: string[] = [];
  const failed: FailedItem[] = [];
  let saved = 0;
  let pushed: Pushed = { state: 'none' };
  // It is this run's turn: what is running was left so when the catalog could not be written.
  queue.release();
  try {
    await stage(engine, job, 'guard', steps, 'Checking the repository', async () => {
      await checkStore(git, job.source);
      if (scope === 'everything') await noticeChanges(engine, job, git, steps);
    });
    queue.requeue(scope, engine.ports.clock.now());
    do {
      const done = await stage(engine, job, 'commit', steps, 'Committing', () => commitQueued(engine, job, git));
      if (job.source.push) pushed = await stage(engine, job, 'push', steps, 'Pushing', () => pushCommits(engine, request, git, steps));
      if (pushed.state === 'held') queue.block(pushed.problem, 'running');
      else queue.succeed(done.items, pushed.state === 'proven', engine.ports.clock.now());
      await forgetDeleted(engine, job, done.items);
      if (pushed.state === 'proven') queue.setPushed();
      commits.push(...done.commits);
      failed.push(...done.failed);
      saved += pushed.state === 'held' ? 0 : done.items.length;
    } while (queue.hasQueued());
  } finally {
    recordQuietly(() => queue.release());
  }
  await steps.complete('record', 'Recording', async (report) => {
    report.fact('commits', commits.length);
    report.fact('items', saved);
    recordOutcome(engine, request, pushed, failed, steps);
  });
  const [first] = failed;
  if (first !== undefined && saved === 0) throw first.error;
  return {
    commits,
    saved,
    failed: failed.map(({ error, item }) => ({ item, error: errorFacts(error) })),
    proof: pushed.state === 'proven' ? pushed.proof : null,
    held: pushed.state === 'held' ? pushed.problem : null,
  };
}

/** A step of the run; what it throws concerns the whole repository, and is kept with it. */
async function stage<T>(engine: Engine, job: GitJob, step: StoreStep, steps: Steps, label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await steps.take(step, label, work);
  } catch (error) {
    if (steps.signal.aborted) throw error; // Nothing is wrong with the repository.
    recordQuietly(() => blockQueue(engine, job, step, errorFacts(error)));
    throw error;
  }
}

function blockQueue(engine: Engine, job: GitJob, step: StoreStep, facts: ErrorFacts): void {
  const queue = engine.queue(job.name);
  const { clock, ids } = engine.ports;
  const failures = queue.record().failures + 1;
  queue.block(facts, step === 'push' ? 'running' : 'waiting');
  const retryAtMs = clock.now() + retryWaitMs(failures, ids.fraction());
  queue.setRecord({ problem: { ...facts, step, atMs: clock.now() }, failures, retryAtMs });
}

/** Puts into the queue what has changed while nobody watched, without what waits under another name already. */
async function noticeChanges(engine: Engine, job: GitJob, git: Git, steps: Steps): Promise<void> {
  const queue = engine.queue(job.name);
  const asked = new Set(queue.unfinished().flatMap(({ paths }) => paths));
  const { items, repositories } = await findChanges(git, job.source.stores);
  const unasked = items.filter(({ item }) => !isAtOrBelow(item, asked));
  queue.notice(unasked, engine.ports.clock.now());
  for (const path of await findUnwatched(git, job.source.stores)) {
    steps.warn(`${path} is not backed up: git was told not to look at it (git update-index --no-assume-unchanged --no-skip-worktree)`);
  }
  for (const folder of repositories) steps.warn(`${folder} is a repository of its own, and is not backed up with this one`);
}

/** A file that was deleted, and that nobody asked for by its name, is in the history now, and nothing is left to be backed up. */
async function forgetDeleted(engine: Engine, job: GitJob, items: readonly string[]): Promise<void> {
  const queue = engine.queue(job.name);
  const done = items.flatMap((name) => queue.item(name) ?? []).filter(({ found, state }) => found && state === 'success');
  const files = await inBatches(done, ({ item }) => unlessMissing(lstat(join(job.source.path, item))));
  queue.drop(done.filter((_, at) => files[at] === undefined).map(({ item }) => item));
}

type Pushed =
  | { readonly state: 'proven'; readonly proof: PushProof }
  /** There is nothing to push to, or the job does not push. */
  | { readonly state: 'none' }
  /** The last push failed a short time ago. */
  | { readonly state: 'held'; readonly problem: ErrorFacts };

async function pushCommits(engine: Engine, { job, scope, trigger }: StoreRequest, git: Git, steps: Steps): Promise<Pushed> {
  const { branch, fallback, remote, remoteFingerprint } = job.source;
  const { problem, proof: known, retryAtMs } = engine.queue(job.name).record();
  const commit = await commitOf(git, `refs/heads/${branch}`);
  if (commit === null) return { state: 'none' };
  if (scope === 'due' && problem === null && known?.commit === commit) return { state: 'proven', proof: known };
  // A person who waits for it gets an attempt of their own.
  if (trigger !== 'manual' && scope === 'due' && problem?.step === 'push' && (retryAtMs ?? 0) > engine.ports.clock.now()) {
    steps.warn(`pushing waits for its next attempt: ${problem.message}`);
    return { state: 'held', problem };
  }
  try {
    const proof = await push(git, { remote, branch, fallback });
    engine.queue(job.name).setRecord({ proof: { ...proof, atMs: engine.ports.clock.now() } });
    if (remoteFingerprint === null) await learnRemote(engine, job, git);
    if (proof.branch !== branch) steps.warn(`${remote} has commits on ${branch} that are not here: this was pushed to ${proof.branch}`);
    return { state: 'proven', proof };
  } catch (error) {
    const isUnset = error instanceof BackupError && error.code === 'git-remote-missing' && remoteFingerprint === null && known === null;
    if (!isUnset) throw error;
    // There was none either when the job was set up, or at any time since (S2-42).
    steps.warn(`there is no remote ${remote} yet: the commits are only on this machine`);
    return { state: 'none' };
  }
}

/** There was no remote when the job was set up; from the first push on, it is this one (S2-55). */
async function learnRemote({ settings }: Engine, job: GitJob, git: Git): Promise<void> {
  const urls = await pushUrls(git, job.source.remote);
  if (urls === null) return;
  // A job that was removed meanwhile stays so.
  if (!settings.current.jobs.some(({ name }) => name === job.name)) return;
  const remoteFingerprint = fingerprintOf(urls);
  settings.replaceJob(job.name, (present) =>
    isGitJob(present) && isSameRemote(present, job) ? { ...present, source: { ...present.source, remoteFingerprint } } : present,
  );
}

/** False where a person has changed meanwhile what a push was about. */
function isSameRemote({ source }: GitJob, { source: pushed }: GitJob): boolean {
  return source.path === pushed.path && source.remote === pushed.remote && source.remoteFingerprint === pushed.remoteFingerprint;
}

function recordOutcome(engine: Engine, { job, scope }: StoreRequest, pushed: Pushed, failed: readonly FailedItem[], steps: Steps): void {
  for (const { error, item } of failed.slice(0, 5)) steps.warn(`${item} was not backed up: ${error.message}`);
  if (failed.length > 5) steps.warn(`${failed.length - 5} more items were not backed up: nightjar git status ${job.name}`);
  if (pushed.state === 'held') return;
  const queue = engine.queue(job.name);
  const isAllSafe = scope === 'everything' && failed.length === 0 && queue.unfinished().length === 0;
  const nothing = { problem: null, failures: 0, retryAtMs: null };
  queue.setRecord({ ...nothing, ...(isAllSafe ? { safeAtMs: engine.ports.clock.now() } : {}) });
}
