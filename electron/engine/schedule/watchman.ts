import type { EngineEvent } from '../../domain/engine-event.ts';
import { errorFacts } from '../../domain/errors.ts';
import { isSqliteJob, type Job, type Run } from '../../domain/model.ts';
import { foldNotifications } from '../../domain/notifications.ts';
import type { Engine } from '../engine.ts';
import { assessOne } from '../operations/assess.ts';
import { noteSpace } from '../operations/note-space.ts';
import { publishStatus } from '../operations/publish-status.ts';
import { reportEnd, reportFailure, reportStart } from '../operations/report-outside.ts';

/** How often everything is looked at where nothing happens: a backup that does not come makes no event. */
const defaultEveryMs = 5 * 60_000;
/** What is still being told when the watch ends is given so much time. */
const endWithinMs = 30_000;

export interface WatchmanOptions {
  readonly everyMs?: number;
}

/** Watches the health of all jobs, and tells what follows from it. */
export interface Watchman {
  /** Looks at every job now; resolves when everything that follows from the runs so far was told. */
  look(): Promise<void>;
  /** Ends the watch, after what is still to be told, or half a minute. */
  close(): Promise<void>;
}

/**
 * After each run, and every few minutes: notifications as events of the engine, each trouble once also over restarts; the status beside
 * the snapshots; what the health check, the webhook and the command of the settings are told. None of it ever fails a run, and nothing
 * waits for it. Whoever has an engine open has one watchman beside it: two would report everything twice.
 */
export function watchHealth(engine: Engine, { everyMs = defaultEveryMs }: WatchmanOptions = {}): Watchman {
  const end = new AbortController();
  let last: Promise<void> = Promise.resolve();
  const then = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch((error: unknown) => {
      if (!end.signal.aborted) engine.log.error(errorFacts(error).message);
    });
    return last;
  };
  const lookAtAll = async () => {
    for (const job of engine.settings.current.jobs) await tellHealth(engine, job, end.signal);
  };
  const stopListening = engine.listen((event) => {
    const work = afterEvent(engine, event, end.signal);
    if (work !== null) void then(work);
  });
  const stopLooking = engine.ports.clock.every(everyMs, () => void then(lookAtAll));
  return {
    look: () => then(lookAtAll),
    close: async () => {
      stopListening();
      stopLooking();
      const done = new AbortController();
      const late = engine.ports.clock.sleep(endWithinMs, done.signal).catch(() => {});
      await Promise.race([last, late]);
      done.abort();
      end.abort();
      await last;
    },
  };
}

/** What follows from an event; `null` where nothing does. It is looked up later: a listener never throws into a run. */
function afterEvent(engine: Engine, event: EngineEvent, signal: AbortSignal): (() => Promise<void>) | null {
  if (event.type !== 'run-started' && event.type !== 'run-finished') return null;
  const { runId, type } = event;
  return async () => {
    // A verification or a restore has no run of its own in the catalog, and a drill is in the health.
    const run = engine.catalog.run(runId);
    const job = engine.settings.current.jobs.find(({ name }) => name === run?.job);
    if (type === 'run-started') return job && reportStart(engine, job, signal);
    if (job !== undefined && run !== undefined) await tellRun(engine, job, run, signal);
    for (const each of engine.settings.current.jobs) await tellHealth(engine, each, signal);
  };
}

async function tellRun(engine: Engine, job: Job, run: Run, signal: AbortSignal): Promise<void> {
  await reportEnd(engine, job, run, signal);
  if (!isSqliteJob(job)) return;
  await noteSpace(engine, job, signal);
  await publishStatus(engine, job, signal);
}

async function tellHealth(engine: Engine, job: Job, signal: AbortSignal): Promise<void> {
  const evidence = engine.catalog.evidence();
  const before = evidence.told(job.name);
  const health = assessOne(engine.settings.current, engine.catalog, job, engine.ports.clock.now());
  const { notifications, told } = foldNotifications(before, health);
  // Kept before it is told: what was told twice is not believed the third time.
  if (JSON.stringify(told) !== JSON.stringify(before)) evidence.setTold(job.name, told, engine.ports.clock.now());
  for (const notification of notifications) {
    engine.log.info(`told: ${notification.message}`, { job: job.name, kind: notification.kind });
    engine.emit({ type: 'notification', atMs: engine.ports.clock.now(), ...notification });
    if (notification.kind !== 'recovered') await reportFailure(engine, notification, signal);
  }
}
