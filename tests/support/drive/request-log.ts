import type { LoggedRequest, RequestKind } from '../drive-server.ts';

type Entry = { -readonly [Field in keyof LoggedRequest]: LoggedRequest[Field] };

interface Wait {
  isOver(): boolean;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

/** Every request of one run of the server, the numbers drawn from them, and who waits for what. */
export class RequestLog {
  readonly entries: Entry[] = [];
  readonly receivedBySession = new Map<number, number>();
  /** How many of those bytes each session still holds. */
  readonly #keptBySession = new Map<number, number>();
  receivedBytes = 0;
  gaps = 0;
  maxConcurrent = 0;
  maxConcurrentPuts = 0;
  readonly #open = new Set<Entry>();
  readonly #waits = new Set<Wait>();

  begin(method: string, path: string, kind: RequestKind): Entry {
    const entry: Entry = { n: this.entries.length + 1, method, path, kind, status: null, isEnded: false, bodyBytes: 0, faults: [] };
    this.entries.push(entry);
    this.#open.add(entry);
    this.maxConcurrent = Math.max(this.maxConcurrent, this.#open.size);
    const puts = [...this.#open].filter((one) => one.kind === 'upload-chunk').length;
    this.maxConcurrentPuts = Math.max(this.maxConcurrentPuts, puts);
    this.#changed();
    return entry;
  }

  receive(entry: Entry, bytes: number): void {
    entry.bodyBytes += bytes;
    if (entry.kind === 'upload-chunk') {
      this.receivedBytes += bytes;
      if (entry.session !== undefined) this.receivedBySession.set(entry.session, (this.receivedBySession.get(entry.session) ?? 0) + bytes);
    }
    this.#changed();
  }

  /** A session took bytes in, or with a negative number forgot some. */
  keep(session: number, bytes: number): void {
    this.#keptBySession.set(session, Math.max(0, (this.#keptBySession.get(session) ?? 0) + bytes));
  }

  get discardedBytes(): number {
    return this.receivedBytes - [...this.#keptBySession.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  end(entry: Entry, status: number | null): void {
    if (entry.isEnded) return;
    entry.status = status;
    entry.isEnded = true;
    this.#open.delete(entry);
    this.#changed();
  }

  when(isThere: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waits.add({ isOver: isThere, resolve, reject });
    // A test may have dropped the promise long before the server is closed.
    promise.catch(() => {});
    this.#changed();
    return promise;
  }

  close(): void {
    for (const wait of this.#waits) wait.reject(new Error('the server was closed while something was waited for'));
    this.#waits.clear();
  }

  #changed(): void {
    for (const wait of this.#waits) {
      try {
        if (!wait.isOver()) continue;
        wait.resolve();
      } catch (error) {
        wait.reject(error as Error);
      }
      this.#waits.delete(wait);
    }
  }
}
