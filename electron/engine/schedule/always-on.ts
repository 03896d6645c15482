import { type GitJob, isGitJob } from '../../domain/model.ts';
import { isPaused } from '../../domain/pause.ts';
import type { Engine } from '../engine.ts';
import { drillJob } from '../operations/drill.ts';
import { watchSettings } from '../settings-watch.ts';
import { type SchedulerOptions, startScheduler } from './scheduler.ts';
import { type KeeperOptions, keepStores, type StoreKeeper } from './store-keeper.ts';

export interface AlwaysOnOptions {
  readonly scheduler?: SchedulerOptions;
  readonly keeper?: KeeperOptions;
  /** How often the settings are looked at for git jobs that came or went, in milliseconds. */
  readonly settingsEveryMs?: number;
}

/** An engine that works by itself. */
export interface AlwaysOn {
  /** The machine woke up, or the network is back: what waits for that is looked at now. */
  wake(): void;
  /** Ends what is under way at its next safe point, and everything else. */
  close(): Promise<void>;
}

const defaultSettingsEveryMs = 10_000;

/** Lets an engine work by itself as long as it is open: runs when they are due, git stores as they change, settings that a person edits. */
export function keepOn(engine: Engine, options: AlwaysOnOptions = {}): AlwaysOn {
  const scheduler = startScheduler(engine, { afterRun: (request) => drillJob(engine, request.job, request), ...options.scheduler });
  const stores = new Stores(engine, options.keeper);
  stores.adapt();
  const stopLooking = engine.ports.clock.every(options.settingsEveryMs ?? defaultSettingsEveryMs, () => stores.adapt());
  // Only then at once: a change that somebody asks for may be one step of something that is not to be cut short.
  const settings = watchSettings(engine, () => {
    stores.adapt();
    scheduler.wake();
  });
  return {
    wake: () => {
      scheduler.wake();
      stores.retryNow();
    },
    close: async () => {
      stopLooking();
      settings.close();
      await Promise.all([scheduler.close(), stores.close()]);
    },
  };
}

/** The keepers of git stores, one for each job; a job that was changed gets a new one. */
class Stores {
  readonly #engine: Engine;
  readonly #options: KeeperOptions | undefined;
  readonly #keepers = new Map<string, StoreKeeper>();
  readonly #closing = new Set<Promise<void>>();

  constructor(engine: Engine, options: KeeperOptions | undefined) {
    this.#engine = engine;
    this.#options = options;
  }

  adapt(): void {
    const jobs = this.#engine.settings.current.jobs.filter(isGitJob);
    const wanted = new Map(jobs.map((job) => [textOf(job), job]));
    for (const [text, keeper] of this.#keepers) {
      if (wanted.has(text)) continue;
      this.#keepers.delete(text);
      this.#end(keeper);
    }
    const nowMs = this.#engine.ports.clock.now();
    for (const [text, job] of wanted) {
      // One that is paused while it is kept does nothing by itself; one that was paused at the start begins after that.
      if (!this.#keepers.has(text) && !isPaused(job, nowMs)) this.#keepers.set(text, keepStores(this.#engine, [job], this.#options));
    }
  }

  retryNow(): void {
    for (const keeper of this.#keepers.values()) keeper.retryNow();
  }

  async close(): Promise<void> {
    for (const keeper of this.#keepers.values()) this.#end(keeper);
    await Promise.all(this.#closing);
  }

  #end(keeper: StoreKeeper): void {
    const closed = keeper.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}

/** What a keeper depends on; everything else it reads anew for each run. */
function textOf({ name, source }: GitJob): string {
  return JSON.stringify([name, source]);
}
