import { errorFacts } from '../../domain/errors.ts';
import { isSqliteJob, type Job, type Run } from '../../domain/model.ts';
import { foldNotifications } from '../../domain/notifications.ts';
import type { Engine } from '../engine.ts';
import { assessOne } from '../operations/assess.ts';
import { noteSpace } from '../operations/note-space.ts';
import { publishStatus } from '../operations/publish-status.ts';
import { reportEnd, reportFailure, reportStart } from '../operations/report-outside.ts';
import { makeTurns } from '../platform/turns.ts';
import { withinLimit } from '../platform/within-limit.ts';
import type { Clock } from '../ports.ts';
import { openToldMemory, type ToldMemory } from './told-memory.ts';

/** How often everything is looked at where nothing happens: a backup that does not come makes no event. */
const defaultEveryMs = 5 * 60_000;
/** What is still being told when the watch ends is given so much time. */
const endWithinMs = 30_000;
/** And what is ended then, so much for that. */
const abortWithinMs = 5000;

export interface WatchmanOptions {
  readonly everyMs?: number;
}

/** Watches the health of all jobs, and tells what follows from it. */
export interface Watchman {
  /** Looks at every job now; resolves when everything that follows from the runs so far was told. */
  look(): Promise<void>;
  /** Ends the watch, after what is still to be told; that ends within little more than half a minute, also where something hangs. */
  close(): Promise<void>;
}

/**
 * After each run, and every few minutes: notifications as events of the engine, each trouble once also over restarts; the status beside
 * the snapshots; what the health check, the webhook and the command of the settings are told. None of it ever fails a run, and nothing
 * waits for it. Whoever has an engine open has one watchman beside it: two would report everything twice.
 */
export function watchHealth(engine: Engine, { everyMs = defaultEveryMs }: WatchmanOptions = {}): Watchman {
  const end = new AbortController();
  const told = openToldMemory(engine);
  const turns = makeTurns();
  const underWay = new Set<Promise<void>>();
  /** A health check that does not answer keeps nobody else waiting: that of each job has turns of its own. */
  const then = (whose: 'all' | `job ${string}` | `run ${string}`, work: () => Promise<void>): Promise<void> => {
    const done = turns(whose, work)
      .catch((error: unknown) => complain(engine, error, end.signal))
      .finally(() => underWay.delete(done));
    underWay.add(done);
    return done;
  };
  const lookAtAll = async () => {
    for (const job of engine.settings.current.jobs) {
      await tellHealth(engine, job, told, end.signal).catch((error: unknown) => complain(engine, error, end.signal, job));
    }
  };
  const stopListening = engine.listen((event) => {
    if (event.type === 'run-started') void then(`job ${event.job}`, () => tellStart(engine, event.runId, end.signal));
    if (event.type !== 'run-finished') return;
    const { error, runId, status } = event;
    // Looked up a moment later, since a listener never throws into a run, but before the next one starts.
    void then(`run ${runId}`, async () => {
      const found = findRun(engine, runId);
      if (found === null) return;
      // Its end may be missing in a catalog that cannot be written.
      const run = { ...found.run, status, ...(error ? { error } : {}) };
      void then(`job ${found.job.name}`, () => reportEnd(engine, found.job, run, end.signal));
    });
    void then('all', async () => {
      await tellPlaces(engine, runId, end.signal);
      await lookAtAll();
    });
  });
  const stopLooking = engine.ports.clock.every(everyMs, () => void then('all', lookAtAll));
  return {
    look: () => then('all', lookAtAll),
    close: async () => {
      stopListening();
      stopLooking();
      await settled(underWay, endWithinMs, engine.ports.clock);
      end.abort();
      // What heeds the signal is over at once; what does not is left to itself.
      await settled(underWay, abortWithinMs, engine.ports.clock);
    },
  };
}

/** Resolves when none of the work is under way any more, what it has led to included, or after so long. */
async function settled(underWay: ReadonlySet<Promise<void>>, withinMs: number, clock: Clock): Promise<void> {
  const all = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  await withinLimit(clock, withinMs, undefined, all).catch(() => {});
}

function complain(engine: Engine, error: unknown, signal: AbortSignal, job?: Job): void {
  if (!signal.aborted) engine.log.error(errorFacts(error).message, job ? { job: job.name } : {});
}

/** A run of a job; `null` for a verification or a restore, which has none of its own in the catalog, and a drill, which is in the health. */
function findRun({ catalog, settings }: Engine, runId: string): { readonly job: Job; readonly run: Run } | null {
  const run = catalog.run(runId);
  const job = settings.current.jobs.find(({ name }) => name === run?.job);
  return job === undefined || run === undefined ? null : { job, run };
}

/** That a run has started is no news once it has ended. */
async function tellStart(engine: Engine, runId: string, signal: AbortSignal): Promise<void> {
  const found = findRun(engine, runId);
  if (found?.run.status === 'running') await reportStart(engine, found.job, signal);
}

async function tellPlaces(engine: Engine, runId: string, signal: AbortSignal): Promise<void> {
  const job = findRun(engine, runId)?.job;
  if (job === undefined || !isSqliteJob(job)) return;
  await noteSpace(engine, job, signal);
  await publishStatus(engine, job, signal);
}

async function tellHealth(engine: Engine, job: Job, memory: ToldMemory, signal: AbortSignal): Promise<void> {
  const health = assessOne(engine.settings.current, engine.catalog, job, engine.ports.clock.now());
  const { notifications, told } = foldNotifications(memory.of(job.name), health);
  // Kept before it is told: what was told twice is not believed the third time.
  memory.keep(job.name, told);
  for (const notification of notifications) {
    engine.log.info(`told: ${notification.message}`, { job: job.name, kind: notification.kind });
    engine.emit({ type: 'notification', atMs: engine.ports.clock.now(), ...notification });
    if (notification.kind !== 'recovered') await reportFailure(engine, notification, signal);
  }
}
