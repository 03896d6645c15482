import type { ErrorFacts } from '../../domain/errors.ts';
import { type Manifest, manifestSchema } from '../../domain/manifest.ts';
import { type Run, type RunStatus, sameName } from '../../domain/model.ts';
import type { SnapshotRecord } from '../../domain/snapshot-record.ts';
import type { TimeSpan } from '../../domain/zoned-time.ts';
import { type ReadableDatabase, readCatalogDatabase } from './database.ts';
import { EvidenceReader } from './evidence-reader.ts';
import { GitReader } from './git-reader.ts';
import { LedgerReader } from './ledger-reader.ts';
import {
  type CopyRow,
  type Delivery,
  type Intent,
  type RestoreRecord,
  type RestoreRow,
  type RunRow,
  type SnapshotRow,
  type StepRow,
  toCopy,
  toRestore,
  toRun,
} from './rows.ts';

/** Opens the catalog beside a living engine, without writing; `null` where there is none yet or it has another version. */
export function openCatalogReader(path: string): CatalogReader | null {
  const database = readCatalogDatabase(path);
  return database && new CatalogReader(database);
}

/** Which runs are asked for. */
export interface RunFilter {
  readonly job?: string | undefined;
  readonly statuses?: readonly RunStatus[] | undefined;
  /** Those that started from the one instant up to but not including the other. */
  readonly fromMs?: number | undefined;
  readonly beforeMs?: number | undefined;
  readonly limit?: number | undefined;
}

/** So many runs of a status started in the span of time that begins then. */
export interface RunCount {
  readonly atMs: number;
  readonly status: RunStatus;
  readonly count: number;
}

/** The questions that can be asked of the catalog; a handle that only reads suffices. */
export class CatalogReader {
  readonly #database: ReadableDatabase;

  constructor(database: ReadableDatabase) {
    this.#database = database;
  }

  /** Runs, newest first; the more is asked for of them, the fewer they are. */
  runs({ beforeMs, fromMs, job, limit = -1, statuses }: RunFilter = {}): Run[] {
    // Only what is asked for is in the question: then the index of a job's runs answers it.
    const conditions = [
      job === undefined ? [] : 'job = @job',
      fromMs === undefined ? [] : 'started_at_ms >= @fromMs',
      beforeMs === undefined ? [] : 'started_at_ms < @beforeMs',
      statuses === undefined ? [] : 'status IN (SELECT value FROM json_each(@statuses))',
    ].flat();
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const rows = this.#database
      .prepare<object, RunRow>(`SELECT * FROM run ${where} ORDER BY started_at_ms DESC, id DESC LIMIT @limit`)
      .all({ job, fromMs, beforeMs, limit, statuses: statuses && JSON.stringify(statuses) });
    return rows.map((row) => this.#toRun(row));
  }

  /** How many runs of a job started in each span of time, by their status. */
  countRuns(job: string, spans: readonly TimeSpan[]): RunCount[] {
    const count = this.#database.prepare<[string, number, number], Omit<RunCount, 'atMs'>>(
      'SELECT status, count(*) AS count FROM run WHERE job = ? AND started_at_ms >= ? AND started_at_ms < ? GROUP BY status',
    );
    return spans.flatMap(({ endMs, startMs: atMs }) => count.all(job, atMs, endMs).map((counted) => ({ ...counted, atMs })));
  }

  run(id: string): Run | undefined {
    const row = this.#database.prepare<[string], RunRow>('SELECT * FROM run WHERE id = ?').get(id);
    return row && this.#toRun(row);
  }

  /** Snapshots with at least one copy that is not expired, newest first; of one job or of all. */
  snapshots(job?: string): SnapshotRecord[] {
    const rows = this.#database
      .prepare<[string | null, string | null], SnapshotRow>(
        `SELECT * FROM snapshot WHERE (? IS NULL OR job = ?)
           AND EXISTS (SELECT 1 FROM copy WHERE snapshot_id = snapshot.id AND state <> 'expired')
         ORDER BY created_at_ms DESC, id DESC`,
      )
      .all(job ?? null, job ?? null);
    return rows.map((row) => this.#toSnapshot(row));
  }

  /** The manifests of copies that were expired at a destination, newest first; only the last 500 can still matter. */
  expiredManifests(job: string, destination: string): Manifest[] {
    const texts = this.#database
      .prepare<[string, string], string>(
        `SELECT manifest_json FROM snapshot JOIN copy ON snapshot_id = snapshot.id
         WHERE job = ? AND destination = ? AND state = 'expired' ORDER BY created_at_ms DESC LIMIT 500`,
      )
      .pluck()
      .all(job, destination) as string[];
    return texts.map((text) => manifestSchema.parse(JSON.parse(text)));
  }

  /** The object names of all snapshots that a job ever had, the expired ones included: a name means one snapshot for good. */
  objectNames(job: string): string[] {
    return this.#database
      .prepare<[string], string>("SELECT json_extract(manifest_json, '$.object.name') FROM snapshot WHERE job = ?")
      .pluck()
      .all(job) as string[];
  }

  /** How many deltas were ever made on a base, the expired ones included, and the bytes of their objects together. */
  deltasOn(base: string): { readonly deltas: number; readonly deltaBytes: number } {
    return this.#database
      .prepare<[string], { deltas: number; deltaBytes: number }>(
        `SELECT count(*) AS deltas, coalesce(sum(json_extract(manifest_json, '$.object.bytes')), 0) AS deltaBytes
         FROM snapshot WHERE json_extract(manifest_json, '$.delta.base.id') = ?`,
      )
      .get(base) as { deltas: number; deltaBytes: number };
  }

  snapshot(id: string): SnapshotRecord | undefined {
    const row = this.#database.prepare<[string], SnapshotRow>('SELECT * FROM snapshot WHERE id = ?').get(id);
    return row && this.#toSnapshot(row);
  }

  /** Jobs that have snapshots or runs, configured or not. */
  knownJobs(): string[] {
    // From name to name along the index of runs: there may be half a million of them.
    return this.#database
      .prepare<[], string>(
        `WITH RECURSIVE ran (job) AS (
           SELECT min(job) FROM run
           UNION ALL SELECT (SELECT min(run.job) FROM run WHERE run.job > ran.job) FROM ran WHERE ran.job IS NOT NULL
         )
         SELECT job FROM ran WHERE job IS NOT NULL UNION SELECT job FROM snapshot ORDER BY 1`,
      )
      .pluck()
      .all() as string[];
  }

  /** Every destination that holds a copy: the names of the configured ones, and the folders of one-off backups. */
  destinations(): string[] {
    return this.#database.prepare<[], string>("SELECT DISTINCT destination FROM copy WHERE state = 'stored'").pluck().all() as string[];
  }

  /** The name as it is written in the catalog, whatever case it was asked for in; `undefined` where nothing is known of it. */
  knownJob(name: string): string | undefined {
    return this.knownJobs().find((known) => sameName(known, name));
  }

  intents(destination: string): Intent[] {
    const rows = this.#database
      .prepare<[string], { run_id: string; destination: string; object_name: string; created_at_ms: number }>(
        'SELECT * FROM intent WHERE destination = ?',
      )
      .all(destination);
    return rows.map((row) => ({
      runId: row.run_id,
      destination: row.destination,
      objectName: row.object_name,
      createdAtMs: row.created_at_ms,
    }));
  }

  /** Packed snapshots that are still to be sent, oldest first; of one job or of all. */
  deliveries(job?: string): Delivery[] {
    const rows = this.#database
      .prepare<[string | null, string | null], { manifest_json: string; destination: string; created_at_ms: number }>(
        'SELECT * FROM delivery WHERE (? IS NULL OR job = ?) ORDER BY created_at_ms, snapshot_id, destination',
      )
      .all(job ?? null, job ?? null);
    return rows.map(({ manifest_json, destination, created_at_ms }) => ({
      manifest: manifestSchema.parse(JSON.parse(manifest_json)),
      destination,
      createdAtMs: created_at_ms,
    }));
  }

  /** Why a destination's account could not be used the last time; `null` where it could. */
  accountProblem(destination: string): ErrorFacts | null {
    const row = this.#database
      .prepare<[string], { code: ErrorFacts['code']; message: string; hint: string | null }>(
        'SELECT code, message, hint FROM account_problem WHERE destination = ?',
      )
      .get(destination);
    return row ? { code: row.code, message: row.message, ...(row.hint === null ? {} : { hint: row.hint }) } : null;
  }

  /** What is known of the queue of a git job. */
  git(job: string): GitReader {
    return new GitReader(this.#database, job);
  }

  /** What is known of drills, losses and free space. */
  evidence(): EvidenceReader {
    return new EvidenceReader(this.#database);
  }

  /** What is known of when a job was due. */
  ledger(job: string): LedgerReader {
    return new LedgerReader(this.#database, job);
  }

  /** Restores, newest first. */
  restores(): RestoreRecord[] {
    return this.#database.prepare<[], RestoreRow>('SELECT * FROM restore ORDER BY started_at_ms DESC, id DESC').all().map(toRestore);
  }

  restore(id: string): RestoreRecord | undefined {
    const row = this.#database.prepare<[string], RestoreRow>('SELECT * FROM restore WHERE id = ?').get(id);
    return row && toRestore(row);
  }

  unreadDestinations(): string[] {
    return this.#database.prepare<[], string>('SELECT destination FROM unread_destination').pluck().all() as string[];
  }

  close(): void {
    this.#database.close();
  }

  #toRun(row: RunRow): Run {
    const steps = this.#database.prepare<[string], StepRow>('SELECT * FROM run_step WHERE run_id = ? ORDER BY seq').all(row.id);
    return toRun(row, steps);
  }

  #toSnapshot(row: SnapshotRow): SnapshotRecord {
    const manifest = manifestSchema.parse(JSON.parse(row.manifest_json));
    const copiesOf = (id: string) =>
      this.#database.prepare<[string], CopyRow>('SELECT * FROM copy WHERE snapshot_id = ? ORDER BY destination').all(id);
    const ofBase = new Map((manifest.delta ? copiesOf(manifest.delta.base.id) : []).map((copy) => [copy.destination, copy]));
    return {
      id: row.id,
      job: row.job,
      createdAtMs: row.created_at_ms,
      pinned: row.pinned === 1,
      walGrowthBytes: row.wal_growth_bytes,
      manifest,
      copies: copiesOf(row.id).map((copy) => toCopy(copy, manifest, ofBase.get(copy.destination))),
    };
  }
}
