import type { WritableDatabase } from './database.ts';

/** An upload that has not been proven yet. */
export interface PendingUpload {
  /** The id that the file has, or will have. */
  readonly fileId: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly startedAtMs: number;
  readonly offered: { readonly bytes: number; readonly sha256: string };
}

interface UploadRow {
  readonly file_id: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly started_at_ms: number;
  readonly offered_bytes: number;
  readonly offered_sha256: string;
}

/** What is remembered of one remote destination, in the catalog of the engine that holds it. Names are `JOB` and `JOB/FILE`. */
export class RemoteMemory {
  readonly #database: WritableDatabase;
  readonly #destination: string;

  constructor(database: WritableDatabase, destination: string) {
    this.#database = database;
    this.#destination = destination;
  }

  /** The id of a folder or object; `null` where none is remembered. */
  fileId(name: string): string | null {
    const sql = 'SELECT file_id FROM remote_file WHERE destination = ? AND name = ?';
    return (this.#database.prepare<[string, string], string>(sql).pluck().get(this.#destination, name) as string | undefined) ?? null;
  }

  rememberFile(name: string, fileId: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO remote_file VALUES (?, ?, ?)').run(this.#destination, name, fileId);
  }

  forgetFile(name: string): void {
    this.#database.prepare('DELETE FROM remote_file WHERE destination = ? AND name = ?').run(this.#destination, name);
  }

  upload(name: string): PendingUpload | null {
    const sql = 'SELECT * FROM upload WHERE destination = ? AND name = ?';
    const row = this.#database.prepare<[string, string], UploadRow>(sql).get(this.#destination, name);
    return row
      ? {
          fileId: row.file_id,
          bytes: row.bytes,
          sha256: row.sha256,
          startedAtMs: row.started_at_ms,
          offered: { bytes: row.offered_bytes, sha256: row.offered_sha256 },
        }
      : null;
  }

  /** Notes an upload before its file exists, so that a repetition finds its id. */
  saveUpload(name: string, upload: PendingUpload): void {
    const { bytes, fileId, offered, sha256, startedAtMs } = upload;
    this.#database
      .prepare('INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(this.#destination, name, fileId, bytes, sha256, startedAtMs, offered.bytes, offered.sha256);
  }

  /** Ends an upload: its file is proven, and is found by its id from now on. */
  completeUpload(name: string, fileId: string): void {
    this.#database.transaction(() => {
      this.rememberFile(name, fileId);
      this.forgetUpload(name);
    })();
  }

  forgetUpload(name: string): void {
    this.#database.prepare('DELETE FROM upload WHERE destination = ? AND name = ?').run(this.#destination, name);
  }

  /** The names of uploads that were begun before an instant. */
  uploadsBefore(atMs: number): string[] {
    const sql = 'SELECT name FROM upload WHERE destination = ? AND started_at_ms < ?';
    return this.#database.prepare<[string, number], string>(sql).pluck().all(this.#destination, atMs) as string[];
  }
}
