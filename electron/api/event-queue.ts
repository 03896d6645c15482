import { BackupError } from '../domain/errors.ts';
import type { RunEvent } from '../domain/run-event.ts';

/** So many events wait for a reader; far more than one run has. */
const maxWaiting = 10_000;

/** What can be told. */
export interface Told {
  readonly type: string;
}

/**
 * Events on their way to one reader. Nobody who tells something ever waits for a slow reader: it gets the latest progress of each step
 * and everything else, and one that falls too far behind gets an error instead.
 */
export class EventQueue<E extends Told> {
  #waiting: E[] = [];
  #isOver = false;
  #overflow: BackupError | null = null;
  #arrived = Promise.withResolvers<void>();

  push(event: E): void {
    if (this.#isOver) return;
    if (isProgress(event)) this.#dropProgress(event);
    this.#waiting.push(event);
    if (this.#waiting.length > maxWaiting) this.#giveUp();
    this.#arrived.resolve();
  }

  /** Lets the reader finish with what is waiting. */
  end(): void {
    this.#isOver = true;
    this.#arrived.resolve();
  }

  /** The events in their order until the end. Throws `timed-out` where too many had to wait. */
  async *read(): AsyncGenerator<E, void, void> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) yield event;
      else if (this.#overflow !== null) throw this.#overflow;
      else if (this.#isOver) return;
      else await this.#next();
    }
  }

  async #next(): Promise<void> {
    this.#arrived = Promise.withResolvers();
    await this.#arrived.promise;
  }

  /** Only the latest progress of a step is worth telling. */
  #dropProgress(event: Progressed): void {
    const at = this.#waiting.findLastIndex((other) => isProgress(other) && other.runId === event.runId && other.step === event.step);
    if (at !== -1) this.#waiting.splice(at, 1);
  }

  #giveUp(): void {
    this.#waiting = [];
    this.#isOver = true;
    this.#overflow = new BackupError('timed-out', `more than ${maxWaiting} events waited to be read, and were dropped`, {
      hint: 'ask for the state anew, and listen again',
      retryable: true,
    });
  }
}

type Progressed = Extract<RunEvent, { type: 'step-progress' }>;

function isProgress(event: Told): event is Progressed {
  return event.type === 'step-progress';
}
