import { BackupError, type ErrorCode, errorFacts } from '../../domain/errors.ts';
import {
  beginSchedule,
  decideSlots,
  type Look,
  nextLookMs,
  readySlot,
  retrySlot,
  type ScheduleState,
  type WaitingSlot,
} from '../../domain/ledger.ts';
import { isSqliteJob, type Job, type Run } from '../../domain/model.ts';
import { pauseEndMs } from '../../domain/pause.ts';
import type { Engine } from '../engine.ts';
import { settleRuns } from '../operations/run.ts';
import { type JobRequest, runJob } from '../operations/run-job.ts';
import { recordQuietly } from '../operations/steps.ts';
import { findHold } from './hold.ts';

export interface SchedulerOptions {
  /** How often the clock is looked at, in milliseconds. A look that comes much later than that was a sleep. */
  readonly tickMs?: number;
  /** How long the machine has to be awake before a missed run is made up for, in milliseconds. */
  readonly settleMs?: number;
  /** What a run is: `runJob`, where nothing else is given. */
  readonly run?: (request: JobRequest) => Promise<{ readonly run: Pick<Run, 'id'> }>;
  /** Follows a run that succeeded. */
  readonly afterRun?: (request: JobRequest) => Promise<unknown>;
}

/** Starts the runs of every job when they are due. */
export interface Scheduler {
  /** Looks at the clock now: the machine woke up, the network is back, the settings have changed. */
  wake(): void;
  /** Ends the runs that are under way at their next safe point, and everything else. */
  close(): Promise<void>;
}

const defaultTickMs = 20_000;
const defaultSettleMs = 120_000;
/** A gap of so many ticks was a sleep. */
const gapTicks = 3;
/** Jobs that are made up for at the same time begin so far apart. */
const staggerMs = 15_000;
/** What cannot start now is looked at again after this. */
const heldMs = 60_000;
/** Slots are remembered for so long. */
const rememberedMs = 400 * 86_400_000;

/**
 * Keeps the ledger of every job and starts what is due: each slot exactly once, over sleep, restarts and changes of the clock. A decision
 * is in the catalog before anything is started; what a dead engine had started is a failure, and tried again.
 */
export function startScheduler(engine: Engine, options: SchedulerOptions = {}): Scheduler {
  const scheduler = new Ticker(engine, options);
  const ended = scheduler.work();
  return {
    wake: () => scheduler.wake(),
    close: () => {
      scheduler.end.abort(new BackupError('cancelled', 'Nightjar was told to stop; the run is made up for'));
      return ended;
    },
  };
}

class Ticker {
  readonly end = new AbortController();
  readonly #engine: Engine;
  readonly #tickMs: number;
  readonly #settleMs: number;
  readonly #runJob: NonNullable<SchedulerOptions['run']>;
  readonly #afterRun: NonNullable<SchedulerOptions['afterRun']>;
  readonly #runs = new Set<Promise<void>>();
  /** Jobs with a run of a slot, and those that do what follows it. */
  readonly #underWay = new Set<string>();
  readonly #afterwards = new Set<string>();
  /** When each job is to be looked at again, by its name; one that was changed since is looked at now. */
  readonly #nextLooks = new Map<string, { readonly job: Job; readonly atMs: number }>();
  /** Jobs to be looked at now, whatever the last look said: it may be that this was before what it is for. */
  readonly #again = new Set<string>();
  /** Jobs whose slot waits for something other than its time. */
  readonly #held = new Set<string>();
  #bell = Promise.withResolvers<void>();
  #awakeSinceMs: number;
  #lastTickMs: number;
  #isWoken = true;

  constructor(engine: Engine, { afterRun, run, settleMs = defaultSettleMs, tickMs = defaultTickMs }: SchedulerOptions) {
    this.#engine = engine;
    this.#runJob = run ?? ((request) => runJob(engine, request));
    this.#afterRun = afterRun ?? (async () => {});
    this.#tickMs = tickMs;
    this.#settleMs = settleMs;
    this.#awakeSinceMs = engine.ports.clock.now();
    this.#lastTickMs = this.#awakeSinceMs;
  }

  wake(): void {
    this.#isWoken = true;
    this.#bell.resolve();
  }

  async work(): Promise<void> {
    const { clock } = this.#engine.ports;
    const stopListening = this.#engine.listen((event) => {
      // A slot may have waited for the end of this run.
      if (event.type === 'run-finished') this.#lookAtHeld();
    });
    try {
      while (!this.end.signal.aborted) {
        this.#bell = Promise.withResolvers<void>();
        const waitMs = await this.#tick();
        const heard = new AbortController();
        const either = AbortSignal.any([this.end.signal, heard.signal]);
        await Promise.race([this.#bell.promise, clock.sleep(waitMs, either).catch(() => {})]);
        heard.abort();
      }
    } finally {
      stopListening();
      await Promise.all(this.#runs);
    }
  }

  #lookAtHeld(): void {
    for (const name of this.#held) this.#again.add(name);
    this.#held.clear();
    this.#bell.resolve();
  }

  /** Looks at a job now, and at what waits for its run. */
  #lookAgain(name: string): void {
    this.#held.add(name);
    this.#lookAtHeld();
  }

  #nextLookMs(job: Job): number {
    const known = this.#nextLooks.get(job.name);
    return known?.job === job && !this.#again.has(job.name) ? known.atMs : 0;
  }

  /** Looks at every job whose time has come; resolves to how long nothing is to be done. */
  async #tick(): Promise<number> {
    const nowMs = this.#engine.ports.clock.now();
    const gapMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    const isGap = Math.abs(gapMs) > gapTicks * this.#tickMs;
    if (isGap) this.#awakeSinceMs = nowMs;
    const isEveryone = this.#isWoken || isGap || gapMs < 0;
    this.#isWoken = false;
    const { jobs } = this.#engine.settings.current;
    const due = jobs.filter((job) => isEveryone || nowMs >= this.#nextLookMs(job));
    await Promise.all(due.map((job) => this.#look(job, jobs.indexOf(job), nowMs)));
    const nextMs = Math.min(...jobs.map((job) => this.#nextLookMs(job)));
    return Math.max(0, Math.min(nextMs - this.#engine.ports.clock.now(), this.#tickMs));
  }

  async #look(job: Job, place: number, nowMs: number): Promise<void> {
    this.#again.delete(job.name);
    try {
      settleRuns(this.#engine);
      this.#nextLooks.set(job.name, { job, atMs: await this.#decideAndStart(job, place, nowMs) });
    } catch (error) {
      // A catalog that cannot be written now must not end the scheduler for good; nothing was started without an entry.
      this.#engine.log.error(errorFacts(error).message, { job: job.name });
      this.#nextLooks.set(job.name, { job, atMs: nowMs + heldMs });
    }
  }

  /** Decides a job's slots and starts what may start; resolves to when to look again. */
  async #decideAndStart(job: Job, place: number, nowMs: number): Promise<number> {
    this.#recover(job);
    const isBusy = this.#isBusy(job);
    const look: Omit<Look, 'known'> = {
      nowMs,
      awakeSinceMs: this.#awakeSinceMs,
      // After a run its drill may take long; the next slot waits for that.
      isRunning: isBusy && !this.#afterwards.has(job.name),
      pausedUntilMs: pauseEndMs(job),
    };
    const state = this.#decide(job, place, look);
    const ready = readySlot(state, { ...look, isRunning: isBusy });
    if (ready !== null) return this.#startReady(job, state, ready, nowMs);
    const next = nextLookMs(job.schedule, state, nowMs) ?? Number.POSITIVE_INFINITY;
    // What is ready but for a run under way or a pause.
    return next <= nowMs ? this.#hold(job, nowMs) : next;
  }

  /** Decides every slot of a job up to now, and keeps that. */
  #decide(job: Job, place: number, look: Omit<Look, 'known'>): ScheduleState {
    const { nowMs } = look;
    const ledger = this.#engine.ledger(job.name);
    const before = ledger.state(job.schedule);
    if (before === null) {
      const state = beginSchedule(nowMs);
      ledger.begin(job.schedule, state);
      return state;
    }
    const known = ledger.ranAfter(Math.min(before.decidedUntilMs, nowMs));
    const nearMs = this.#engine.settings.current.preferences.catchUpNearMinutes * 60_000;
    const decision = decideSlots(job.schedule, before, { ...look, known }, { settleMs: this.#settleMs + place * staggerMs, nearMs });
    if (decision.entries.length > 0 || decision.voidAfterMs !== null) {
      ledger.keep(job.schedule, decision);
      ledger.forgetBefore(nowMs - rememberedMs);
    }
    return decision.state;
  }

  /** Starts the run of a slot, unless something holds it up; resolves to when to look again. */
  async #startReady(job: Job, state: ScheduleState, ready: WaitingSlot, nowMs: number): Promise<number> {
    const ledger = this.#engine.ledger(job.name);
    const other = this.#runSince(job, ready.atMs, nowMs);
    if (other !== null) {
      ledger.start(job.schedule, state, ready.atMs);
      ledger.end(ready.atMs, 'done', null, other);
      return nowMs;
    }
    const hold = await findHold(this.#engine, job, ready, nowMs, this.end.signal);
    if (this.end.signal.aborted) return Number.POSITIVE_INFINITY;
    if (hold !== null) {
      ledger.explain(ready.atMs, hold);
      return this.#hold(job, nowMs);
    }
    // Somebody may have asked for a run, or changed the job, while the hold was looked for.
    const present = ledger.state(job.schedule);
    const isChanged = present?.waiting?.atMs !== ready.atMs || !this.#engine.settings.current.jobs.includes(job);
    if (present === null || isChanged || this.#isBusy(job)) return nowMs;
    ledger.start(job.schedule, present, ready.atMs);
    const run = this.#run(job, ready).finally(() => this.#runs.delete(run));
    this.#runs.add(run);
    return nextLookMs(job.schedule, { ...present, waiting: null }, nowMs) ?? Number.POSITIVE_INFINITY;
  }

  /** When to look again at a job whose slot waits for something other than its time. */
  #hold(job: Job, nowMs: number): number {
    this.#held.add(job.name);
    return nowMs + heldMs;
  }

  #isBusy({ name }: Job): boolean {
    // A store's runs take their turns in its repository.
    return this.#underWay.has(name) || this.#afterwards.has(name) || this.#engine.runs.isBusy(name);
  }

  /** A run that somebody asked for after a slot was due, and that succeeded: it is that slot's as well. */
  #runSince(job: Job, atMs: number, nowMs: number): string | null {
    // A watched store has a run for each change, not one for the whole.
    if (!isSqliteJob(job)) return null;
    const run = this.#engine.catalog.runs({ job: job.name, limit: 20 }).find(
      ({ startedAtMs, status, trigger }) =>
        // A retry may be an upload that was gone on with, without a new snapshot. What began later than now had another clock.
        (status === 'succeeded' || status === 'warning') && trigger !== 'retry' && startedAtMs >= atMs && startedAtMs <= nowMs,
    );
    return run?.id ?? null;
  }

  /** Runs a job for a slot, and keeps what became of it. Never throws: the run has its error, and the ledger its reason. */
  async #run(job: Job, slot: WaitingSlot): Promise<void> {
    const ledger = this.#engine.ledger(job.name);
    const request = { job, trigger: slot.trigger, signal: this.end.signal };
    let runId: string | null = null;
    this.#underWay.add(job.name);
    const stopListening = this.#engine.listen((event) => {
      if (event.type === 'run-started' && event.job === job.name) runId = event.runId;
    });
    try {
      const { run } = await this.#runJob(request);
      recordQuietly(() => {
        ledger.end(slot.atMs, 'done', null, run.id);
        const state = ledger.state(job.schedule);
        if (state !== null) ledger.setState(job.schedule, { ...state, attempts: 0 });
      });
      this.#underWay.delete(job.name);
      await this.#goOn(request);
    } catch (error) {
      const { code, message } = errorFacts(error);
      recordQuietly(() => this.#fail(job, slot.atMs, code, message, runId));
    } finally {
      stopListening();
      this.#underWay.delete(job.name);
      this.#lookAgain(job.name);
    }
  }

  /** Does what follows a run that succeeded. */
  async #goOn(request: JobRequest): Promise<void> {
    const { name } = request.job;
    this.#afterwards.add(name);
    this.#lookAgain(name);
    try {
      await this.#afterRun(request);
    } catch (error) {
      // The run is none the worse for it.
      this.#engine.log.warn(`what follows the run was not done: ${errorFacts(error).message}`, { job: name });
    } finally {
      this.#afterwards.delete(name);
    }
  }

  /** Keeps a failure, and when it is tried again. */
  #fail(job: Job, atMs: number, code: ErrorCode, message: string, runId: string | null): void {
    const ledger = this.#engine.ledger(job.name);
    ledger.end(atMs, code === 'job-paused' ? 'skipped' : 'failed', message, runId);
    const state = ledger.state(job.schedule);
    const isStopped = this.end.signal.aborted;
    // Somebody has ended it; the next engine makes up for what this one was told to leave.
    if (state === null || final.has(code) || (code === 'cancelled' && !isStopped)) return;
    ledger.setState(job.schedule, retrySlot(job.schedule, state, atMs, this.#engine.ports.clock.now()));
  }

  /** What a dead engine had started was not finished, nor what ended when nothing could be written. */
  #recover(job: Job): void {
    if (this.#underWay.has(job.name)) return;
    for (const { atMs } of this.#engine.ledger(job.name).started()) {
      this.#fail(job, atMs, 'internal', 'the program or the machine stopped in the middle of it', null);
    }
  }
}

/** What will not be otherwise by itself. */
const final: ReadonlySet<ErrorCode> = new Set(['usage-invalid', 'job-unknown', 'job-paused', 'series-foreign']);
