import { errorFacts } from '../../domain/errors.ts';
import type { GitJob } from '../../domain/model.ts';
import { isPaused } from '../../domain/pause.ts';
import type { Engine } from '../engine.ts';
import { checkStore, openStore } from '../git/open-store.ts';
import { type StoreWatcher, watchStore } from '../git/store-watcher.ts';
import { backUpStore, type StoreRequest } from '../operations/back-up-store.ts';
import { noticeItems } from '../operations/notice-items.ts';
import { gitJobNamed } from '../settings-store.ts';
import { findPowerHold } from './hold.ts';

/** How often a store is looked at as a whole: a watch may miss something. */
const rescanMs = 6 * 3_600_000;
/** And where its changes cannot be watched. */
const blindRescanMs = 15 * 60_000;
/** So many runs of a store are kept in the history: it has many in a day. */
const keptRuns = 1000;

/** How soon what is still queued after a run is looked at again: the run was ended from outside, or its repository blocks. */
const stuckMs = 60_000;

/** Even where something is due that cannot be done, such as for a job that is switched off by now, nobody runs in circles. */
const shortestMs = 2000;

export interface KeeperOptions {
  /** See `watchStore`. */
  readonly quietMs?: number;
  readonly longestMs?: number;
  /** How changes are noticed: `watchStore`, where nothing else is given. */
  readonly watch?: typeof watchStore;
}

/** Backs git stores up by itself, as long as it is open. */
export interface StoreKeeper {
  /** Tries again at once what waits for its next attempt, such as when the network is back. */
  retryNow(): void;
  /** Ends the run that is under way, and everything else. What was asked for stays in the queue. */
  close(): Promise<void>;
}

/**
 * Watches the stores of these jobs, asks for the backup of what has changed, and works on their queues, one worker for each repository:
 * at the start everything that is unfinished or has changed meanwhile (S2-30), then what is asked for, and what has failed when its time
 * comes (S2-34). A store that cannot be backed up now never stops another one.
 */
export function keepStores(engine: Engine, jobs: readonly GitJob[], options: KeeperOptions = {}): StoreKeeper {
  const end = new AbortController();
  const nowMs = engine.ports.clock.now();
  const active = jobs.filter((job) => job.source.enabled && !isPaused(job, nowMs));
  const keepers = active.map((job) => keepStore(engine, job, options, end.signal));
  return {
    retryNow: () => {
      for (const { retryNow } of keepers) retryNow();
    },
    close: async () => {
      end.abort();
      await Promise.all(keepers.map(({ ended }) => ended));
    },
  };
}

function keepStore(engine: Engine, job: GitJob, options: KeeperOptions, signal: AbortSignal) {
  const bell = makeBell();
  let isBlind = false;
  let isImpatient = false;
  let searchedMs = Number.NEGATIVE_INFINITY;
  const work = async () => {
    const stopListening = engine.listen((event) => {
      if (event.type === 'items-queued' && event.job === job.name) bell.ring();
    });
    const watcher = await watch(engine, job, options, () => {
      isBlind = true;
      searchedMs = Number.NEGATIVE_INFINITY;
      bell.ring();
    });
    try {
      while (!signal.aborted) {
        bell.reset();
        const isHurried = isImpatient;
        isImpatient = false;
        const rescanAfterMs = isBlind ? blindRescanMs : rescanMs;
        const isKnown = engine.ports.clock.now() < searchedMs + rescanAfterMs;
        if (await round(engine, job.name, howToWork(isHurried, isKnown), signal)) searchedMs = engine.ports.clock.now();
        const waitMs = nextLookMs(engine, job, Number.isFinite(searchedMs) ? rescanAfterMs : stuckMs);
        const heard = new AbortController();
        const timer = engine.ports.clock.sleep(waitMs, AbortSignal.any([signal, heard.signal])).catch(() => {});
        await Promise.race([bell.rung(), timer]);
        heard.abort();
      }
    } finally {
      stopListening();
      await watcher?.close();
    }
  };
  const retryNow = () => {
    isImpatient = true;
    bell.ring();
  };
  return { retryNow, ended: work() };
}

/** A store that cannot be watched is looked at from time to time instead. */
async function watch(
  engine: Engine,
  job: GitJob,
  { watch: watchWith = watchStore, ...limits }: KeeperOptions,
  onTrouble: () => void,
): Promise<StoreWatcher | undefined> {
  const tell = (error: unknown) => {
    const { code, hint, message } = errorFacts(error);
    engine.log.warn(message, { job: job.name, code, hint });
    onTrouble();
  };
  try {
    return await watchWith({
      projectPath: job.source.path,
      storePaths: job.source.stores,
      ports: engine.ports,
      ...limits,
      onTrouble: tell,
      onSettled: (paths) => void noticeItems(engine, job, paths).catch(tell),
    });
  } catch (error) {
    tell(error);
    return undefined;
  }
}

type How = StoreRequest['scope'] | 'hurried';

function howToWork(isHurried: boolean, isKnown: boolean): How {
  if (isHurried) return 'hurried';
  return isKnown ? 'due' : 'everything';
}

/**
 * Works on the queue where there is something to do. A failure is recorded with the run, and its next attempt with the queue. Resolves to
 * whether what has changed while nobody watched is in the queue by now.
 */
async function round(engine: Engine, name: string, how: How, signal: AbortSignal): Promise<boolean> {
  try {
    // Its settings may have changed since the last one.
    const job = gitJobNamed(engine.settings.current, name);
    if (isPaused(job, engine.ports.clock.now()) || (await findPowerHold(engine, job)) !== null) return false;
    if (!(await isDue(engine, job, how, signal))) return false;
    const trigger = how !== 'everything' && !engine.queue(name).hasQueued() ? 'retry' : 'api';
    engine.catalog.forgetRuns(name, keptRuns);
    await backUpStore(engine, { job, trigger, scope: how === 'due' ? 'due' : 'everything', signal });
    return how !== 'due';
  } catch {
    // It stands in the catalog and the log already. Before these steps, the store was looked through.
    const step = engine.queue(name).record().problem?.step;
    return how !== 'due' && (step === 'commit' || step === 'push');
  }
}

/** A repository that blocks is looked at first, without a run: a person who is in the middle of a merge gets no failure for each change. */
async function isDue(engine: Engine, job: GitJob, how: How, signal: AbortSignal): Promise<boolean> {
  const queue = engine.queue(job.name);
  const nowMs = engine.ports.clock.now();
  const { problem, retryAtMs } = queue.record();
  const nextMs = earliest(queue.nextRetryMs(), problem === null ? null : retryAtMs);
  if (how === 'hurried') return queue.hasQueued() || nextMs !== null || problem !== null;
  const isWaiting = retryAtMs !== null && retryAtMs > nowMs;
  if (problem?.step !== 'guard' || !isWaiting) return how === 'everything' || queue.hasQueued() || (nextMs !== null && nextMs <= nowMs);
  try {
    await checkStore(openStore(job.source, engine.ports, { signal }), job.source);
    queue.setRecord({ retryAtMs: null });
    return true;
  } catch {
    return false;
  }
}

/** How long to wait for the next look, where nothing rings before: until the next attempt is due, at most `atMostMs`. */
function nextLookMs(engine: Engine, job: GitJob, atMostMs: number): number {
  try {
    const queue = engine.queue(job.name);
    const { problem, retryAtMs } = queue.record();
    const repositoryMs = problem === null ? null : retryAtMs;
    // Where the repository blocks, an item of it is not due before that.
    const nextMs = problem?.step === 'guard' ? repositoryMs : earliest(queue.nextRetryMs(), repositoryMs);
    const waits = [nextMs === null ? atMostMs : nextMs - engine.ports.clock.now(), queue.hasQueued() ? stuckMs : atMostMs, atMostMs];
    return Math.max(shortestMs, Math.min(...waits));
  } catch (error) {
    // A catalog that cannot be read now must not end the keeper for good.
    engine.log.error(errorFacts(error).message, { job: job.name });
    return stuckMs;
  }
}

function earliest(...instants: readonly (number | null)[]): number | null {
  const known = instants.filter((atMs) => atMs !== null);
  return known.length === 0 ? null : Math.min(...known);
}

interface Bell {
  ring(): void;
  reset(): void;
  /** Resolves when it rings, or at once where it has rung since the last reset. */
  rung(): Promise<void>;
}

function makeBell(): Bell {
  let ring = Promise.withResolvers<void>();
  return {
    ring: () => ring.resolve(),
    reset: () => {
      ring = Promise.withResolvers<void>();
    },
    rung: () => ring.promise,
  };
}
