import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Power } from '../../electron/domain/job-rules.ts';
import type { Run, SqliteJob } from '../../electron/domain/model.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import type { JobRequest } from '../../electron/engine/operations/run-job.ts';
import { type Scheduler, type SchedulerOptions, startScheduler } from '../../electron/engine/schedule/scheduler.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { addFolderDestination, addJob, makeNotes, openTestEngine } from '../support/test-engine.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
export const tickMs = 20_000;

/** A run that a test ends. */
export interface HeldRun {
  readonly job: string;
  readonly trigger: JobRequest['trigger'];
  readonly startedAtMs: number;
  readonly signal: AbortSignal | undefined;
  end(error?: Error): void;
}

/** A scheduler over a real engine, on a machine whose time, power and network a test decides. */
export class SchedulerScene implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly runs: HeldRun[] = [];
  power: Power | null = null;
  isOnline = true;
  engine: Engine;
  scheduler: Scheduler | null = null;
  readonly #folder: TempFolder;

  private constructor(folder: TempFolder, clock: ManualClock, engine: Engine) {
    this.#folder = folder;
    this.clock = clock;
    this.engine = engine;
  }

  static async open(startMs: number): Promise<SchedulerScene> {
    const folder = await makeTempFolder();
    const clock = new ManualClock(startMs);
    const scene: SchedulerScene = new SchedulerScene(folder, clock, await openTestEngine(folder.path, { clock }));
    scene.engine.close();
    scene.engine = await scene.#openEngine();
    return scene;
  }

  get path(): string {
    return this.#folder.path;
  }

  /** A job for a database of its own, at a destination of its own where none is given. */
  async addJob(name: string, fields: Partial<SqliteJob> = {}): Promise<SqliteJob> {
    const path = join(this.path, `${name}.db`);
    makeNotes(path, 20);
    const destinations = fields.destinations ?? [`to-${name}`];
    for (const destination of destinations) {
      const isKnown = this.engine.settings.current.destinations.some((config) => config.name === destination);
      if (!isKnown) await addFolderDestination(this.engine, this.path, destination);
    }
    return addJob(this.engine, { name, path, ...fields, destinations });
  }

  /** Starts the scheduler, with runs that the test ends or with real ones, and lets it look for the first time. */
  async start(kind: 'held' | 'real' = 'held', options: SchedulerOptions = {}): Promise<void> {
    const run = kind === 'held' ? { run: (request: JobRequest) => this.#hold(request) } : {};
    this.scheduler = startScheduler(this.engine, { tickMs, ...run, ...options });
    await this.clock.asleep(options.tickMs ?? tickMs);
  }

  /** Lets time pass while the machine is awake. */
  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms);
    await this.clock.asleep(tickMs);
  }

  /** The machine sleeps, and wakes up. */
  async sleep(ms: number): Promise<void> {
    this.clock.jump(ms);
    await this.pass(tickMs);
  }

  /** Lets the scheduler look at once. */
  async look(): Promise<void> {
    this.scheduler?.wake();
    await this.clock.asleep(tickMs);
  }

  /** Resolves when what became of the run of a job is in the ledger, and the scheduler has looked again. */
  async recorded(job: string): Promise<void> {
    while (this.engine.ledger(job).started().length > 0) await nextTurn();
    await this.clock.asleep(tickMs);
  }

  /** Ends the latest run. */
  async end(error?: Error): Promise<void> {
    this.runs.at(-1)?.end(error);
    await this.clock.asleep(tickMs);
  }

  /** The slots of a job, the oldest first: `[time, state, reason]`. */
  slots(job: string): [string, string, string | null][] {
    const slots = this.engine.ledger(job).slots(1000).toReversed();
    return slots.map(({ atMs, reason, state }) => [new Date(atMs).toISOString().slice(5, 16), state, reason]);
  }

  /** The triggers and times at which runs were started. */
  get starts(): [string, string, string][] {
    return this.runs.map(({ job, startedAtMs, trigger }) => [job, trigger, new Date(startedAtMs).toISOString().slice(5, 16)]);
  }

  /** The program ends, politely or not, and starts again. */
  async restart(how: 'closed' | 'killed', kind: 'held' | 'real' = 'held'): Promise<void> {
    if (how === 'closed') await this.scheduler?.close();
    else this.#abandon();
    this.engine.close();
    this.engine = await this.#openEngine();
    await this.start(kind);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const run of this.runs) run.end(new Error('the test is over'));
    await this.scheduler?.close();
    this.engine.close();
    await this.#folder[Symbol.asyncDispose]();
  }

  /** What a killed program never does: its catalog is closed before anything of the run can be recorded. */
  #abandon(): void {
    this.engine.close();
    for (const run of this.runs) run.end(new Error('killed'));
    void this.scheduler?.close();
  }

  #openEngine(): Promise<Engine> {
    const power = async () => this.power;
    const reaches = async () => this.isOnline;
    return openTestEngine(this.path, { clock: this.clock, power, reaches });
  }

  async #hold({ job, signal, trigger }: JobRequest): Promise<{ run: Pick<Run, 'id'> }> {
    const { engine } = this;
    return engine.runs.run(job, async () => {
      const { promise, reject, resolve } = Promise.withResolvers<void>();
      const id = engine.ports.ids.make('run');
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const end = (error?: Error) => (error ? reject(error) : resolve());
      this.runs.push({ job: job.name, trigger, startedAtMs: this.clock.now(), signal, end });
      engine.emit({ type: 'run-started', runId: id, job: job.name, trigger, atMs: this.clock.now() });
      await promise;
      return { run: { id } };
    });
  }
}
