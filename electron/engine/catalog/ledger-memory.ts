import type { Decision, ScheduleState, SlotState } from '../../domain/ledger.ts';
import type { Schedule } from '../../domain/schedule.ts';
import type { WritableDatabase } from './database.ts';
import { LedgerReader, scheduleText } from './ledger-reader.ts';

/** The ledger of one job, for the one engine that holds it. */
export class LedgerMemory extends LedgerReader {
  readonly #database: WritableDatabase;
  readonly #job: string;

  constructor(database: WritableDatabase, job: string) {
    super(database, job);
    this.#database = database;
    this.#job = job;
  }

  /** Begins a schedule anew: what another one had planned does not come. */
  begin(schedule: Schedule, state: ScheduleState): void {
    this.#database.transaction(() => {
      this.#database
        .prepare("UPDATE slot SET state = 'skipped', reason = 'the schedule was changed' WHERE job = ? AND state = 'planned'")
        .run(this.#job);
      this.setState(schedule, state);
    })();
  }

  /** Keeps a decision: its entries and its state in one transaction, before anything is started. */
  keep(schedule: Schedule, { entries, state, voidAfterMs }: Decision): void {
    this.#database.transaction(() => {
      if (voidAfterMs !== null) {
        this.#database
          .prepare("DELETE FROM slot WHERE job = ? AND at_ms > ? AND state IN ('planned', 'missed', 'skipped')")
          .run(this.#job, voidAfterMs);
      }
      for (const { atMs, reason, state: slotState } of entries) this.#enter(atMs, slotState, reason);
      this.setState(schedule, state);
    })();
  }

  /** Takes the waiting slot of a state, for its run is about to start. */
  start(schedule: Schedule, state: ScheduleState, atMs: number): void {
    this.#database.transaction(() => {
      this.#enter(atMs, 'started', null);
      this.setState(schedule, { ...state, waiting: null });
    })();
  }

  /** Says of a planned slot why it still waits. */
  explain(atMs: number, reason: string | null): void {
    this.#database
      .prepare("UPDATE slot SET reason = ? WHERE job = ? AND at_ms = ? AND state = 'planned' AND reason IS NOT ?")
      .run(reason, this.#job, atMs, reason);
  }

  /** Keeps what became of the run of a slot. */
  end(atMs: number, state: 'done' | 'failed' | 'skipped', reason: string | null, runId: string | null): void {
    this.#database
      .prepare('UPDATE slot SET state = ?, reason = ?, run_id = coalesce(?, run_id) WHERE job = ? AND at_ms = ?')
      .run(state, reason, runId, this.#job, atMs);
  }

  setState(schedule: Schedule, { attempts, decidedUntilMs, skipsAtMs, waiting }: ScheduleState): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO job_schedule VALUES (?, ?, ?, ?, ?, ?)')
      .run(this.#job, scheduleText(schedule), decidedUntilMs, waiting && JSON.stringify(waiting), attempts, skipsAtMs);
  }

  /** Forgets slots before an instant. */
  forgetBefore(atMs: number): void {
    this.#database.prepare('DELETE FROM slot WHERE job = ? AND at_ms < ?').run(this.#job, atMs);
  }

  /** Forgets everything; a job of the same name begins anew. */
  forget(): void {
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM slot WHERE job = ?').run(this.#job);
      this.#database.prepare('DELETE FROM job_schedule WHERE job = ?').run(this.#job);
    })();
  }

  #enter(atMs: number, state: SlotState, reason: string | null): void {
    this.#database
      .prepare(
        `INSERT INTO slot (job, at_ms, state, reason) VALUES (?, ?, ?, ?)
         ON CONFLICT (job, at_ms) DO UPDATE SET state = excluded.state, reason = excluded.reason`,
      )
      .run(this.#job, atMs, state, reason);
  }
}
