import type { ErrorFacts } from '../../domain/errors.ts';
import type { GitItem, ItemIntent, ItemState, StoreRecord } from '../../domain/git-item.ts';
import type { WritableDatabase } from './database.ts';
import { dueAt, type GitItemRow, GitReader, toItem } from './git-reader.ts';

/** Why an item, or a repository, failed, and when it is tried again. */
export interface Failure {
  readonly error: ErrorFacts;
  readonly retryAtMs: number | null;
}

/** How an item changes when it is asked for: the state of one that is new, and what becomes of one that is known. */
interface Asking {
  readonly fresh: ItemState;
  readonly state: string;
  readonly followUp: string;
  readonly intended: 0 | 1;
  readonly found: 0 | 1;
}

/** Where a running item goes when it has ended: what came meanwhile goes before. */
const endedAs = (state: ItemState) => `CASE WHEN follow_up = 1 THEN 'queued' WHEN intended = 1 THEN 'pending' ELSE '${state}' END`;
/** What came meanwhile is in no commit. */
const stillCommitted = 'iif(follow_up + intended > 0, 0, committed)';

const enqueued = { fresh: 'queued', state: "iif(state = 'running', state, 'queued')", followUp: "state = 'running'", intended: 0 } as const;
const askings = {
  intend: {
    fresh: 'pending',
    state: "iif(state IN ('queued', 'running'), state, 'pending')",
    followUp: 'follow_up',
    intended: 1,
    found: 0,
  },
  enqueue: { ...enqueued, found: 0 },
  notice: { ...enqueued, found: 1 },
  disable: { fresh: 'disabled', state: "'disabled'", followUp: '0', intended: 0, found: 0 },
} as const satisfies Record<string, Asking>;

/**
 * The durable queue of one git job. Only what works on the queue writes states, in order (S2-12); every change is one transaction. What
 * is asked for while an item is running is never lost: the item goes back to the queue afterwards, whatever became of it (S2-11, S2-19).
 */
export class GitMemory extends GitReader {
  readonly #database: WritableDatabase;
  readonly #job: string;

  constructor(database: WritableDatabase, job: string) {
    super(database, job);
    this.#database = database;
    this.#job = job;
  }

  /** Keeps what is about to be written, before it is: after a crash it is looked at again (S2-25). */
  intend(intent: ItemIntent, atMs: number): void {
    this.#ask(askings.intend, [intent], atMs);
  }

  /** Accepts items: their paths are united with those that wait already, the newest reason counts (S2-20). */
  enqueue(intents: readonly ItemIntent[], atMs: number): void {
    this.#ask(askings.enqueue, intents, atMs);
  }

  /** Accepts what was noticed, and nobody asked for by its name. */
  notice(intents: readonly ItemIntent[], atMs: number): void {
    this.#ask(askings.notice, intents, atMs);
  }

  /** Keeps items of a job that is switched off. */
  disable(intents: readonly ItemIntent[], atMs: number): void {
    this.#ask(askings.disable, intents, atMs);
  }

  /** Accepts again what is unfinished: all of it, or what has failed and is due. Resolves to how many. */
  requeue(scope: 'everything' | 'due', nowMs: number): number {
    const states = scope === 'everything' ? "state IN ('pending', 'failed', 'disabled')" : `state = 'failed' AND ${dueAt} <= ?`;
    // What is only due again may still be about to be written.
    const intended = scope === 'everything' ? '0' : 'intended';
    const statement = this.#database.prepare(`UPDATE git_item SET state = 'queued', intended = ${intended} WHERE job = ? AND ${states}`);
    return statement.run(this.#job, ...(scope === 'due' ? [nowMs] : [])).changes;
  }

  /** Takes the items that have failed least and waited longest, at most so many: they are running from now on. */
  take(limit: number): GitItem[] {
    const taken = this.#database
      .prepare<[string, string, number], GitItemRow>(
        `UPDATE git_item SET state = 'running', follow_up = 0 WHERE job = ? AND item IN
           (SELECT item FROM git_item WHERE job = ? AND state = 'queued' ORDER BY failures, updated_at_ms, item LIMIT ?) RETURNING *`,
      )
      .all(this.#job, this.#job, limit);
    return taken.map(toItem).toSorted((a, b) => a.updatedAtMs - b.updatedAtMs || (a.item < b.item ? -1 : 1));
  }

  /** Keeps that a commit has the items as they were taken; they are not safe before they are pushed, where that is asked for. */
  setCommitted(items: readonly string[]): void {
    this.#change('committed = 1', items);
  }

  succeed(items: readonly string[], pushed: boolean, atMs: number): void {
    this.#change(
      `state = ${endedAs('success')},
       committed = iif(follow_up + intended > 0, 0, 1), pushed = iif(follow_up + intended > 0, 0, ?), follow_up = 0,
       last_backup_at_ms = ?, error_code = NULL, error_message = NULL, error_hint = NULL, failures = 0, retry_at_ms = NULL`,
      items,
      [pushed ? 1 : 0, atMs],
    );
  }

  /** Keeps that the remote has everything that a commit has. */
  setPushed(): void {
    this.#database.prepare("UPDATE git_item SET pushed = 1 WHERE job = ? AND state = 'success' AND committed = 1").run(this.#job);
  }

  /** Ends running items that could not be committed. The time of the last success stays (S2-10). */
  fail(items: readonly string[], { error, retryAtMs }: Failure): void {
    this.#change(
      `state = ${endedAs('failed')}, follow_up = 0, committed = 0, pushed = 0,
       error_code = ?, error_message = ?, error_hint = ?, failures = failures + 1, retry_at_ms = ?`,
      items,
      [error.code, error.message, error.hint ?? null, retryAtMs],
    );
  }

  /**
   * Ends what is running, because of the repository: it is due again with that. Where nothing of the repository can be worked on, what
   * is queued ends too.
   */
  block(error: ErrorFacts, states: 'running' | 'waiting'): void {
    const blocked = states === 'running' ? "state = 'running'" : "state IN ('queued', 'running')";
    this.#database
      .prepare(
        `UPDATE git_item SET state = iif(follow_up = 1, 'queued', 'failed'), committed = ${stillCommitted}, follow_up = 0,
           error_code = ?, error_message = ?, error_hint = ?, retry_at_ms = NULL WHERE job = ? AND ${blocked}`,
      )
      .run(error.code, error.message, error.hint ?? null, this.#job);
  }

  /** Puts what is running back: the run was stopped, and nothing is wrong with it. */
  release(): void {
    this.#database
      .prepare(
        `UPDATE git_item SET state = 'queued', committed = ${stillCommitted}, follow_up = 0
         WHERE job = ? AND state = 'running'`,
      )
      .run(this.#job);
  }

  /** Forgets items: nothing of them is to be backed up any more. */
  drop(items: readonly string[]): void {
    this.#database
      .prepare('DELETE FROM git_item WHERE job = ? AND follow_up = 0 AND intended = 0 AND item IN (SELECT value FROM json_each(?))')
      .run(this.#job, JSON.stringify(items));
  }

  /** Forgets what was known of the remote: the job pushes to another place from now on. */
  forgetRemote(): void {
    this.#database.transaction(() => {
      this.#database.prepare('UPDATE git_item SET pushed = 0 WHERE job = ?').run(this.#job);
      this.#database.prepare('DELETE FROM git_store WHERE job = ?').run(this.#job);
    })();
  }

  /** How often an item has failed in a row. */
  failuresOf(item: string): number {
    const sql = 'SELECT failures FROM git_item WHERE job = ? AND item = ?';
    return this.#database.prepare<[string, string], number>(sql).pluck().get(this.#job, item) ?? 0;
  }

  hasQueued(): boolean {
    return this.#database.prepare("SELECT 1 FROM git_item WHERE job = ? AND state = 'queued' LIMIT 1").get(this.#job) !== undefined;
  }

  setRecord(change: Partial<StoreRecord>): void {
    const { failures, problem, proof, retryAtMs, safeAtMs } = { ...this.record(), ...change };
    this.#database
      .prepare('INSERT OR REPLACE INTO git_store VALUES (?, ?, ?, ?, ?, ?)')
      .run(this.#job, proof && JSON.stringify(proof), problem && JSON.stringify(problem), failures, retryAtMs, safeAtMs);
  }

  /** Forgets the queue of a job that was removed, or set up for another repository. Commits stay where they are. */
  forget(): void {
    this.#database.transaction(() => {
      for (const table of ['git_item', 'git_store']) this.#database.prepare(`DELETE FROM ${table} WHERE job = ?`).run(this.#job);
    })();
  }

  #ask({ fresh, state, followUp, intended, found }: Asking, intents: readonly ItemIntent[], atMs: number): void {
    const ask = this.#database.prepare(
      `INSERT INTO git_item (job, item, state, paths_json, reason, intended, found, updated_at_ms)
         VALUES (?, ?, '${fresh}', ?, ?, ${intended}, ${found}, ?)
       ON CONFLICT (job, item) DO UPDATE SET state = ${state}, paths_json = ?, reason = excluded.reason, follow_up = ${followUp},
         intended = ${intended}, found = min(found, ${found}), updated_at_ms = excluded.updated_at_ms, retry_at_ms = NULL,
         committed = iif(state = 'running', committed, 0), pushed = iif(state = 'running', pushed, 0)`,
    );
    this.#database.transaction(() => {
      for (const { item, paths, reason } of intents) {
        const known = this.item(item);
        const united = known === undefined || known.state === 'success' ? paths : [...new Set([...known.paths, ...paths])];
        ask.run(this.#job, item, JSON.stringify(paths), reason, atMs, JSON.stringify(united));
      }
    })();
  }

  #change(set: string, items: readonly string[], values: readonly (string | number | null)[] = []): void {
    this.#database
      .prepare(`UPDATE git_item SET ${set} WHERE job = ? AND state = 'running' AND item IN (SELECT value FROM json_each(?))`)
      .run(...values, this.#job, JSON.stringify(items));
  }
}
