import type { Anomaly } from '../../domain/anomaly.ts';
import type { Drill } from '../../domain/drill.ts';
import type { Told } from '../../domain/notifications.ts';
import type { SpaceSample } from '../../domain/space-forecast.ts';
import type { WritableDatabase } from './database.ts';
import { EvidenceReader } from './evidence-reader.ts';

/** So many samples of free space are kept of each place. */
const keptSamples = 400;

/** The evidence that status is computed from, in the catalog of the engine that holds it. */
export class EvidenceMemory extends EvidenceReader {
  readonly #database: WritableDatabase;

  constructor(database: WritableDatabase) {
    super(database);
    this.#database = database;
  }

  addDrill(drill: Drill): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO drill (job, place, started_at_ms, ended_at_ms, level, outcome, snapshot_id, code, message, rows)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        drill.job,
        drill.place,
        drill.startedAtMs,
        drill.endedAtMs,
        drill.level,
        drill.outcome,
        drill.snapshotId,
        drill.code,
        drill.message,
        drill.rows,
      );
  }

  addAnomaly({ snapshotId, job, foundAtMs, former, losses }: Anomaly): void {
    this.#database
      .prepare('INSERT OR IGNORE INTO anomaly (snapshot_id, job, found_at_ms, former_json, losses_json) VALUES (?, ?, ?, ?, ?)')
      .run(snapshotId, job, foundAtMs, JSON.stringify(former), JSON.stringify(losses));
  }

  /** Notes that what a job has lost is meant to be so. */
  acknowledge(job: string, atMs: number): void {
    this.#database.prepare('UPDATE anomaly SET acknowledged_at_ms = ? WHERE job = ? AND acknowledged_at_ms IS NULL').run(atMs, job);
  }

  addSpaceSample(place: string, { atMs, freeBytes, totalBytes }: SpaceSample): void {
    this.#database.transaction(() => {
      this.#database.prepare('INSERT OR REPLACE INTO space_sample VALUES (?, ?, ?, ?)').run(place, atMs, freeBytes, totalBytes);
      this.#database
        .prepare(
          `DELETE FROM space_sample WHERE place = ? AND at_ms NOT IN
             (SELECT at_ms FROM space_sample WHERE place = ? ORDER BY at_ms DESC LIMIT ?)`,
        )
        .run(place, place, keptSamples);
    })();
  }

  /** Replaces what was told of a job and is not over yet. */
  setTold(job: string, told: readonly Told[], atMs: number): void {
    this.#database.transaction(() => {
      const kinds = JSON.stringify(told.map(({ kind }) => kind));
      this.#database.prepare('DELETE FROM told WHERE job = ? AND kind NOT IN (SELECT value FROM json_each(?))').run(job, kinds);
      for (const { about, kind } of told) {
        this.#database.prepare('INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)').run(job, kind, JSON.stringify(about), atMs);
      }
    })();
  }

  /** Forgets what is known of a job that is gone; what it lost concerns nobody any more. */
  forgetJob(job: string): void {
    this.#database.transaction(() => {
      for (const table of ['drill', 'anomaly', 'told']) this.#database.prepare(`DELETE FROM ${table} WHERE job = ?`).run(job);
    })();
  }
}
