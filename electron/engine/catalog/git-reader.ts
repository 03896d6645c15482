import type { ErrorFacts } from '../../domain/errors.ts';
import { type GitItem, type ItemState, type StoreRecord, unknownStore } from '../../domain/git-item.ts';
import type { ReadableDatabase } from './database.ts';

/** An item as the catalog has it. */
export interface GitItemRow {
  readonly item: string;
  readonly state: ItemState;
  readonly paths_json: string;
  readonly reason: string;
  readonly follow_up: 0 | 1;
  readonly intended: 0 | 1;
  readonly found: 0 | 1;
  readonly committed: 0 | 1;
  readonly pushed: 0 | 1;
  readonly last_backup_at_ms: number | null;
  readonly error_code: ErrorFacts['code'] | null;
  readonly error_message: string | null;
  readonly error_hint: string | null;
  readonly failures: number;
  readonly retry_at_ms: number | null;
  readonly updated_at_ms: number;
}

/** When a failed item is tried again: at its own time, or with its repository. */
export const dueAt = 'coalesce(retry_at_ms, (SELECT retry_at_ms FROM git_store WHERE job = git_item.job), 0)';

interface StoreRow {
  readonly proof_json: string | null;
  readonly problem_json: string | null;
  readonly failures: number;
  readonly retry_at_ms: number | null;
  readonly safe_at_ms: number | null;
}

/** The questions that can be asked about the queue of one git job. */
export class GitReader {
  readonly #database: ReadableDatabase;
  readonly #job: string;

  constructor(database: ReadableDatabase, job: string) {
    this.#database = database;
    this.#job = job;
  }

  /** Every item, by its name. */
  items(): GitItem[] {
    return this.#database.prepare<[string], GitItemRow>('SELECT * FROM git_item WHERE job = ? ORDER BY item').all(this.#job).map(toItem);
  }

  item(item: string): GitItem | undefined {
    const row = this.#database
      .prepare<[string, string], GitItemRow>('SELECT * FROM git_item WHERE job = ? AND item = ?')
      .get(this.#job, item);
    return row && toItem(row);
  }

  /** Every item that is not safe yet, those that were asked for first in front. */
  unfinished(): GitItem[] {
    return this.#database
      .prepare<[string], GitItemRow>("SELECT * FROM git_item WHERE job = ? AND state <> 'success' ORDER BY updated_at_ms, item")
      .all(this.#job)
      .map(toItem);
  }

  /** When the next failed item is due; `null` where none has failed. */
  nextRetryMs(): number | null {
    const sql = `SELECT min(${dueAt}) FROM git_item WHERE job = ? AND state = 'failed'`;
    return this.#database.prepare<[string], number | null>(sql).pluck().get(this.#job) ?? null;
  }

  record(): StoreRecord {
    const row = this.#database.prepare<[string], StoreRow>('SELECT * FROM git_store WHERE job = ?').get(this.#job);
    if (row === undefined) return unknownStore;
    return {
      proof: row.proof_json === null ? null : JSON.parse(row.proof_json),
      problem: row.problem_json === null ? null : JSON.parse(row.problem_json),
      failures: row.failures,
      retryAtMs: row.retry_at_ms,
      safeAtMs: row.safe_at_ms,
    };
  }
}

/** An item from its row. */
export function toItem(row: GitItemRow): GitItem {
  const { error_code: code, error_hint: hint, error_message: message } = row;
  return {
    item: row.item,
    paths: JSON.parse(row.paths_json),
    reason: row.reason,
    state: row.state,
    lastBackupAtMs: row.last_backup_at_ms,
    lastError: code === null || message === null ? null : { code, message, ...(hint === null ? {} : { hint }) },
    found: row.found === 1,
    committed: row.committed === 1,
    pushed: row.pushed === 1,
    updatedAtMs: row.updated_at_ms,
  };
}
