import type { Anomaly } from '../../domain/anomaly.ts';
import type { Drill } from '../../domain/drill.ts';
import type { Told } from '../../domain/notifications.ts';
import type { SpaceSample } from '../../domain/space-forecast.ts';
import type { ReadableDatabase } from './database.ts';

interface DrillRow {
  readonly job: string;
  readonly place: string;
  readonly started_at_ms: number;
  readonly ended_at_ms: number;
  readonly level: Drill['level'];
  readonly outcome: Drill['outcome'];
  readonly snapshot_id: string | null;
  readonly code: Drill['code'];
  readonly message: string;
  readonly rows: number | null;
}

interface AnomalyRow {
  readonly snapshot_id: string;
  readonly job: string;
  readonly found_at_ms: number;
  readonly former_json: string;
  readonly losses_json: string;
  readonly acknowledged_at_ms: number | null;
}

/** So many drills of a job are enough to know its last proof. */
const readDrills = 200;
/** A forecast looks at so many samples of a place. */
const readSamples = 30;

/** The questions that can be asked about the evidence that status is computed from. */
export class EvidenceReader {
  readonly #database: ReadableDatabase;

  constructor(database: ReadableDatabase) {
    this.#database = database;
  }

  /** The drills of a job, newest first. */
  drills(job: string): Drill[] {
    const sql = 'SELECT * FROM drill WHERE job = ? ORDER BY started_at_ms DESC, place LIMIT ?';
    return this.#database.prepare<[string, number], DrillRow>(sql).all(job, readDrills).map(toDrill);
  }

  /** What shrank and nobody has acknowledged, oldest first; of one job or of all. */
  openAnomalies(job?: string): Anomaly[] {
    const sql = 'SELECT * FROM anomaly WHERE acknowledged_at_ms IS NULL AND (? IS NULL OR job = ?) ORDER BY found_at_ms, snapshot_id';
    return this.#database
      .prepare<[string | null, string | null], AnomalyRow>(sql)
      .all(job ?? null, job ?? null)
      .map(toAnomaly);
  }

  /** Free space at a destination, or with '' where snapshots are staged, newest first. */
  spaceSamples(place: string): SpaceSample[] {
    const sql = 'SELECT at_ms, free_bytes, total_bytes FROM space_sample WHERE place = ? ORDER BY at_ms DESC LIMIT ?';
    return this.#database
      .prepare<[string, number], { at_ms: number; free_bytes: number; total_bytes: number }>(sql)
      .all(place, readSamples)
      .map(({ at_ms, free_bytes, total_bytes }) => ({ atMs: at_ms, freeBytes: free_bytes, totalBytes: total_bytes }));
  }

  /** What was told of a job and is not over yet. */
  told(job: string): Told[] {
    return this.#database
      .prepare<[string], { kind: Told['kind']; about: string }>('SELECT kind, about FROM told WHERE job = ? ORDER BY kind')
      .all(job)
      .map(({ about, kind }) => ({ kind, about: JSON.parse(about) as string[] }));
  }
}

function toDrill(row: DrillRow): Drill {
  return {
    job: row.job,
    place: row.place,
    level: row.level,
    outcome: row.outcome,
    snapshotId: row.snapshot_id,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    message: row.message,
    code: row.code,
    rows: row.rows,
  };
}

function toAnomaly(row: AnomalyRow): Anomaly {
  return {
    snapshotId: row.snapshot_id,
    job: row.job,
    foundAtMs: row.found_at_ms,
    former: JSON.parse(row.former_json) as Anomaly['former'],
    losses: JSON.parse(row.losses_json) as string[],
    acknowledgedAtMs: row.acknowledged_at_ms,
  };
}
