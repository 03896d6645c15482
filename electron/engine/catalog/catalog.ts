import type { Anomaly } from '../../domain/anomaly.ts';
import type { ErrorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { CopyState, Restore, RunStatus, RunStep, StepName, Trigger, VerifyLevel } from '../../domain/model.ts';
import { objectsOf } from '../destinations/manifests.ts';
import { CatalogReader } from './catalog-reader.ts';
import type { WritableDatabase } from './database.ts';
import { EvidenceMemory } from './evidence-memory.ts';
import { GitMemory } from './git-memory.ts';
import { LedgerMemory } from './ledger-memory.ts';
import { RemoteMemory } from './remote-memory.ts';
import type { Delivery, Intent, RestoreRecord } from './rows.ts';

/** How a run has ended. */
export interface RunEnd {
  readonly status: RunStatus;
  readonly endedAtMs: number;
  readonly warnings: readonly string[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** The catalog of a data folder, for the one engine that holds it. Every change is one transaction. */
export class Catalog extends CatalogReader {
  readonly #database: WritableDatabase;

  constructor(database: WritableDatabase) {
    super(database);
    this.#database = database;
  }

  startRun(run: { readonly id: string; readonly job: string; readonly trigger: Trigger; readonly startedAtMs: number }): void {
    this.#database
      .prepare("INSERT INTO run (id, job, trigger, status, started_at_ms) VALUES (?, ?, ?, 'running', ?)")
      .run(run.id, run.job, run.trigger, run.startedAtMs);
  }

  startStep(runId: string, seq: number, name: StepName, atMs: number): void {
    this.#database
      .prepare("INSERT INTO run_step (run_id, seq, name, status, started_at_ms) VALUES (?, ?, ?, 'running', ?)")
      .run(runId, seq, name, atMs);
  }

  endStep(runId: string, seq: number, status: 'done' | 'failed', atMs: number, facts: RunStep['facts']): void {
    this.#database
      .prepare('UPDATE run_step SET status = ?, ended_at_ms = ?, facts_json = ? WHERE run_id = ? AND seq = ?')
      .run(status, atMs, JSON.stringify(facts), runId, seq);
  }

  /** Ends a run, and with it whatever step of it has not. */
  endRun(id: string, end: RunEnd): void {
    this.#database.transaction(() => {
      this.#database
        .prepare("UPDATE run_step SET status = 'failed', ended_at_ms = ? WHERE run_id = ? AND status = 'running'")
        .run(end.endedAtMs, id);
      this.#database
        .prepare(
          'UPDATE run SET status = ?, ended_at_ms = ?, warnings_json = ?, error_code = ?, error_message = ?, error_hint = ? WHERE id = ?',
        )
        .run(
          end.status,
          end.endedAtMs,
          JSON.stringify(end.warnings),
          end.error?.code ?? null,
          end.error?.message ?? null,
          end.error?.hint ?? null,
          id,
        );
    })();
  }

  /** Closes the runs that a dead engine left behind, and resolves to them (S1-95: nothing stays "running" for ever). */
  interruptRunning(atMs: number): string[] {
    return this.#database.transaction(() => {
      this.#database.prepare("UPDATE run_step SET status = 'failed', ended_at_ms = ? WHERE status = 'running'").run(atMs);
      return this.#database
        .prepare<[number], string>(
          `UPDATE run SET status = 'interrupted', ended_at_ms = ?, error_code = 'interrupted',
             error_message = 'the program or the machine stopped in the middle of this run' WHERE status IN ('queued', 'running') RETURNING id`,
        )
        .pluck()
        .all(atMs) as string[];
    })();
  }

  addIntent(intent: Intent): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO intent (run_id, destination, object_name, created_at_ms) VALUES (?, ?, ?, ?)')
      .run(intent.runId, intent.destination, intent.objectName, intent.createdAtMs);
  }

  removeIntent(destination: string, objectName: string): void {
    this.#database.prepare('DELETE FROM intent WHERE destination = ? AND object_name = ?').run(destination, objectName);
  }

  /** Records a finished snapshot with its proven copies and what it has lost, and ends their intents, all in one transaction. */
  recordSnapshot(
    manifest: Manifest,
    copies: readonly { readonly destination: string; readonly verified: { readonly level: VerifyLevel; readonly atMs: number } }[],
    extra: { readonly runId?: string; readonly walGrowthBytes?: number; readonly anomaly?: Anomaly } = {},
  ): void {
    this.#database.transaction(() => {
      this.#database
        .prepare(
          `INSERT INTO snapshot (id, job, created_at_ms, pinned, wal_growth_bytes, manifest_json) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET pinned = max(pinned, excluded.pinned), manifest_json = excluded.manifest_json`,
        )
        .run(
          manifest.id,
          manifest.job,
          Date.parse(manifest.createdAt),
          manifest.pinned ? 1 : 0,
          extra.walGrowthBytes ?? null,
          JSON.stringify(manifest),
        );
      for (const { destination, verified } of copies) {
        this.#database
          .prepare(
            `INSERT INTO copy (snapshot_id, destination, state, verified_level, verified_at_ms) VALUES (?, ?, 'stored', ?, ?)
             ON CONFLICT (snapshot_id, destination) DO UPDATE SET state = 'stored'`,
          )
          .run(manifest.id, destination, verified.level, verified.atMs);
        for (const name of objectsOf(manifest)) this.removeIntent(destination, name);
      }
      if (extra.anomaly !== undefined) this.evidence().addAnomaly(extra.anomaly);
      if (extra.runId !== undefined) this.#database.prepare('UPDATE run SET snapshot_id = ? WHERE id = ?').run(manifest.id, extra.runId);
    })();
  }

  /** Records the result of a proof of one copy; a success clears an earlier failure, a failure keeps the earlier success. */
  recordVerification(snapshotId: string, destination: string, result: { level: VerifyLevel; atMs: number; failure?: string }): void {
    if (result.failure === undefined) {
      this.#database
        .prepare(
          `UPDATE copy SET state = 'stored', verified_level = ?, verified_at_ms = ?, failure_message = NULL, failure_at_ms = NULL
           WHERE snapshot_id = ? AND destination = ?`,
        )
        .run(result.level, result.atMs, snapshotId, destination);
    } else {
      this.#database
        .prepare('UPDATE copy SET failure_message = ?, failure_at_ms = ? WHERE snapshot_id = ? AND destination = ?')
        .run(result.failure, result.atMs, snapshotId, destination);
    }
  }

  setCopyState(snapshotId: string, destination: string, state: CopyState): void {
    this.#database.prepare('UPDATE copy SET state = ? WHERE snapshot_id = ? AND destination = ?').run(state, snapshotId, destination);
  }

  setPinned(snapshotId: string, manifest: Manifest): void {
    this.#database
      .prepare('UPDATE snapshot SET pinned = ?, manifest_json = ? WHERE id = ?')
      .run(manifest.pinned ? 1 : 0, JSON.stringify(manifest), snapshotId);
  }

  /** Forgets the copies at a destination that was removed from the settings; its objects stay where they are. */
  forgetDestination(destination: string): void {
    this.#database.transaction(() => {
      for (const table of ['copy', 'intent', 'unread_destination', 'remote_file', 'upload', 'delivery', 'account_problem']) {
        this.#database.prepare(`DELETE FROM ${table} WHERE destination = ?`).run(destination);
      }
      this.#database.prepare('DELETE FROM snapshot WHERE NOT EXISTS (SELECT 1 FROM copy WHERE snapshot_id = snapshot.id)').run();
    })();
  }

  /** Notes that a packed snapshot is to be sent; one of the same job that waits for the same destination gives way to it. */
  addDelivery({ manifest, destination, createdAtMs }: Delivery): void {
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM delivery WHERE job = ? AND destination = ?').run(manifest.job, destination);
      this.#database
        .prepare('INSERT INTO delivery (snapshot_id, destination, job, created_at_ms, manifest_json) VALUES (?, ?, ?, ?, ?)')
        .run(manifest.id, destination, manifest.job, createdAtMs, JSON.stringify(manifest));
    })();
  }

  removeDelivery(snapshotId: string, destination: string): void {
    this.#database.prepare('DELETE FROM delivery WHERE snapshot_id = ? AND destination = ?').run(snapshotId, destination);
  }

  /** Keeps why a destination's account cannot be used; `null` says that it can. */
  setAccountProblem(destination: string, problem: ErrorFacts | null, atMs: number): void {
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM account_problem WHERE destination = ?').run(destination);
      if (problem === null) return;
      this.#database
        .prepare('INSERT INTO account_problem (destination, code, message, hint, at_ms) VALUES (?, ?, ?, ?, ?)')
        .run(destination, problem.code, problem.message, problem.hint ?? null, atMs);
    })();
  }

  /** What is remembered of one remote destination. */
  remote(destination: string): RemoteMemory {
    return new RemoteMemory(this.#database, destination);
  }

  /** The durable queue of a git job. */
  override git(job: string): GitMemory {
    return new GitMemory(this.#database, job);
  }

  /** What is known of drills, losses and free space. */
  override evidence(): EvidenceMemory {
    return new EvidenceMemory(this.#database);
  }

  override ledger(job: string): LedgerMemory {
    return new LedgerMemory(this.#database, job);
  }

  /** Accepts again what a dead engine was working on (S2-29). */
  requeueRunning(): void {
    this.#database.prepare("UPDATE git_item SET state = 'queued', follow_up = 0 WHERE state = 'running'").run();
  }

  /** Forgets all but the latest runs of a job that runs many times a day. */
  forgetRuns(job: string, kept: number): void {
    this.#database
      .prepare(
        'DELETE FROM run WHERE job = ? AND id NOT IN (SELECT id FROM run WHERE job = ? ORDER BY started_at_ms DESC, id DESC LIMIT ?)',
      )
      .run(job, job, kept);
  }

  setUnread(destination: string, unread: boolean): void {
    const sql = unread ? 'INSERT OR IGNORE INTO unread_destination VALUES (?)' : 'DELETE FROM unread_destination WHERE destination = ?';
    this.#database.prepare(sql).run(destination);
  }

  addRestore(restore: RestoreRecord): void {
    this.#database
      .prepare(
        `INSERT INTO restore (id, job, snapshot_id, mode, state, target_path, part_path, kept_path, started_at_ms, ended_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        restore.id,
        restore.job,
        restore.snapshotId ?? null,
        restore.mode,
        restore.state,
        restore.targetPath,
        restore.partPath ?? null,
        restore.keptPath ?? null,
        restore.startedAtMs,
        restore.endedAtMs ?? null,
      );
  }

  setRestoreState(id: string, state: Restore['state'], endedAtMs?: number): void {
    this.#database
      .prepare('UPDATE restore SET state = ?, ended_at_ms = coalesce(?, ended_at_ms) WHERE id = ?')
      .run(state, endedAtMs ?? null, id);
  }
}
