import type { ScheduleState, SlotRecord, SlotState } from '../../domain/ledger.ts';
import type { Schedule } from '../../domain/schedule.ts';
import type { TimeSpan } from '../../domain/zoned-time.ts';
import type { ReadableDatabase } from './database.ts';

interface ScheduleRow {
  readonly schedule_json: string;
  readonly decided_until_ms: number;
  readonly waiting_json: string | null;
  readonly attempts: number;
  readonly skips_at_ms: number | null;
}

interface SlotRow {
  readonly at_ms: number;
  readonly state: SlotState;
  readonly reason: string | null;
  readonly run_id: string | null;
}

/** The questions that can be asked of the ledger of one job. */
export class LedgerReader {
  readonly #database: ReadableDatabase;
  readonly #job: string;

  constructor(database: ReadableDatabase, job: string) {
    this.#database = database;
    this.#job = job;
  }

  /** How far the schedule has been decided; `null` for a job, or a schedule, that is new. */
  state(schedule: Schedule): ScheduleState | null {
    const row = this.#database.prepare<[string], ScheduleRow>('SELECT * FROM job_schedule WHERE job = ?').get(this.#job);
    if (row === undefined || row.schedule_json !== scheduleText(schedule)) return null;
    return {
      decidedUntilMs: row.decided_until_ms,
      waiting: row.waiting_json === null ? null : JSON.parse(row.waiting_json),
      attempts: row.attempts,
      skipsAtMs: row.skips_at_ms,
    };
  }

  /** Slots, the latest first. */
  slots(limit: number): SlotRecord[] {
    return this.#database
      .prepare<[string, number], SlotRow>('SELECT * FROM slot WHERE job = ? ORDER BY at_ms DESC LIMIT ?')
      .all(this.#job, limit)
      .map(toSlot);
  }

  /** How many slots were left out in each span of time; spans without any are not in it. */
  countSkipped(spans: readonly TimeSpan[]): { readonly atMs: number; readonly count: number }[] {
    const count = this.#database
      .prepare<[string, number, number], number>(
        "SELECT count(*) FROM slot WHERE job = ? AND at_ms >= ? AND at_ms < ? AND state IN ('skipped', 'missed')",
      )
      .pluck();
    return spans
      .map(({ endMs, startMs: atMs }) => ({ atMs, count: count.get(this.#job, atMs, endMs) as number }))
      .filter((counted) => counted.count > 0);
  }

  /** The slots whose run was started and has not ended. */
  started(): SlotRecord[] {
    const sql = "SELECT * FROM slot WHERE job = ? AND state = 'started' ORDER BY at_ms";
    return this.#database.prepare<[string], SlotRow>(sql).all(this.#job).map(toSlot);
  }

  /** The slots after an instant that have had their run. */
  ranAfter(atMs: number): Set<number> {
    const sql = "SELECT at_ms FROM slot WHERE job = ? AND at_ms > ? AND state IN ('started', 'done', 'failed')";
    return new Set(this.#database.prepare<[string, number], number>(sql).pluck().all(this.#job, atMs) as number[]);
  }
}

/** A schedule as its state is kept under: another one begins anew. */
export function scheduleText({ cron, zone }: Schedule): string {
  return JSON.stringify({ cron, zone });
}

function toSlot({ at_ms, reason, run_id, state }: SlotRow): SlotRecord {
  return { atMs: at_ms, state, reason, runId: run_id };
}
