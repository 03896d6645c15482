import { isGitJob, type Job } from '../../domain/model.ts';

interface Entry {
  readonly uses: ReadonlySet<string>;
  readonly start: () => void;
}

/**
 * Lets runs of different jobs go on at the same time where they share neither their source nor a destination, and one run of a job at
 * a time (S1-95).
 */
export class RunQueue {
  readonly #running = new Set<Entry>();
  readonly #waiting = new Set<Entry>();
  readonly #jobs = new Map<string, number>();

  /** True where a run of the job is under way, or waits for another one. */
  isBusy(name: string): boolean {
    return this.#jobs.has(name);
  }

  /**
   * Does the work as soon as nothing that it shares is in use, in the order in which runs were asked for. Rejects with the signal's
   * reason where that comes before the work has begun.
   */
  async run<T>(job: Job, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#count(job.name, 1);
    try {
      const entry = await this.#turn(job, signal);
      try {
        return await work();
      } finally {
        this.#running.delete(entry);
        this.#startNext();
      }
    } finally {
      this.#count(job.name, -1);
    }
  }

  async #turn(job: Job, signal: AbortSignal | undefined): Promise<Entry> {
    signal?.throwIfAborted();
    const { promise, reject, resolve } = Promise.withResolvers<void>();
    const entry: Entry = { uses: usesOf(job), start: resolve };
    const leave = () => {
      if (!this.#waiting.delete(entry)) return; // It has begun; the work sees the signal itself.
      this.#startNext();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#waiting.add(entry);
    this.#startNext();
    await promise.finally(() => signal?.removeEventListener('abort', leave));
    return entry;
  }

  #startNext(): void {
    const claimed = new Set([...this.#running].flatMap(({ uses }) => [...uses]));
    for (const entry of [...this.#waiting]) {
      const isFree = [...entry.uses].every((use) => !claimed.has(use));
      // What waits keeps its place: a later run does not take what it is waiting for.
      for (const use of entry.uses) claimed.add(use);
      if (!isFree) continue;
      this.#waiting.delete(entry);
      this.#running.add(entry);
      entry.start();
    }
  }

  #count(name: string, change: number): void {
    const count = (this.#jobs.get(name) ?? 0) + change;
    if (count === 0) this.#jobs.delete(name);
    else this.#jobs.set(name, count);
  }
}

function usesOf(job: Job): ReadonlySet<string> {
  const own = [`job ${job.name.toLowerCase()}`, `source ${job.source.path}`];
  return new Set(isGitJob(job) ? own : [...own, ...job.destinations.map((name) => `destination ${name}`)]);
}
