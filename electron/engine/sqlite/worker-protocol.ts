import type { ErrorCode } from '../../domain/errors.ts';
import type { Progress } from '../../domain/progress.ts';
import type { SqliteCheck, TextEncoding } from '../../domain/source.ts';
import type { TableRows } from '../../domain/table-rows.ts';

/** What a worker process can be asked; it answers one task and ends. */
export type SqliteTask =
  | {
      readonly kind: 'probe';
      readonly path: string;
      readonly lockWaitMs: number;
      /** To be tried, where that changes nothing: a database that nobody has open is not opened for it. */
      readonly sentinel?: string;
      /** A folder that may come to be for a moment, to find out whether the database can be cloned to where that would be. */
      readonly trialFolder?: string;
    }
  | { readonly kind: 'snapshot'; readonly path: string; readonly target: string; readonly lockWaitMs: number }
  /** For the process of a snapshot, which asks for it itself; it goes on with a `CopyOrder` each time, until it is ended. */
  | { readonly kind: 'copy-files'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'inspect';
      readonly path: string;
      /** What the copy is called in sentences: people do not know our staging folder. */
      readonly shownAs: string;
      readonly check: SqliteCheck;
      readonly sentinel?: string;
    }
  | { readonly kind: 'recover'; readonly path: string }
  /** `quick_check` of a database of ours that others have open, too. */
  | { readonly kind: 'check'; readonly path: string }
  | {
      readonly kind: 'delta';
      /** The finished copy. */
      readonly path: string;
      /** What the copy is called in sentences. */
      readonly shownAs: string;
      readonly base: DeltaBase;
      /** The delta file that is made; it must not exist. */
      readonly target: string;
      /** The pages in it may have so many bytes. */
      readonly mostBytes?: number;
    }
  | { readonly kind: 'settle'; readonly path: string; readonly lockWaitMs: number };

/** What a source is, read without changing it. */
export interface SourceFacts {
  readonly journalMode: 'wal' | 'rollback';
  readonly pageSize: number;
  /** Pages times page size as a reader would see them now, the WAL included. */
  readonly rawBytes: number;
  readonly walBytes: number;
  /** The database could be cloned; false where that was not to be tried. */
  readonly canClone: boolean;
}

/**
 * The way in which a snapshot was taken. `quiet`: nobody had the database open, so its files were copied. Inside one held read
 * transaction: `clone`, the file system made copies of its files that share their blocks; `copy`, its files were read; `online`,
 * SQLite's online backup.
 */
export type SnapshotMethod = 'quiet' | 'clone' | 'copy' | 'online';

/** How a snapshot was taken. */
export interface SnapshotFacts {
  readonly method: SnapshotMethod;
  readonly journalMode: 'wal' | 'rollback';
  readonly bytes: number;
  /** How often the copy had to begin again; a held read transaction makes it 0. */
  readonly restarts: number;
  readonly walGrowthBytes: number;
  /** How long the read transaction was held: so long the WAL was not reset, and writers waited in rollback mode. Nobody holds a write lock. */
  readonly heldMs: number;
}

/** How files are copied: by the file system, sharing their blocks, or by reading and writing. */
export type CopyMeans = 'clone' | 'copy';

/** What the process that copies files can be told. */
export interface CopyOrder {
  readonly means: CopyMeans;
  /** The database is in WAL mode. */
  readonly withLog: boolean;
}

/** The full that a delta is made against, as it is known without its bytes. */
export interface DeltaBase {
  /** Of its object. */
  readonly name: string;
  readonly rawSha256: string;
  readonly pageSize: number;
  readonly encoding: TextEncoding;
  /** The file of its page digests, and the SHA-256 which that file had when it was made. */
  readonly pages: { readonly path: string; readonly sha256: string };
}

/** A delta that was made and proven. */
export interface DeltaFacts {
  /** Of the copy. */
  readonly raw: { readonly bytes: number; readonly sha256: string };
  readonly pageSize: number;
  readonly pageCount: number;
  readonly changedPages: number;
  /** Size of the delta file, which is not compressed yet. */
  readonly deltaBytes: number;
}

/**
 * Why a copy has to be stored as a full: the base's page digests are gone or damaged, its page size or text encoding is another one, the
 * copy is no whole number of pages, more than half of its pages have changed, or more than there is room for.
 */
export type DeltaObstacle = 'base-digests' | 'page-size' | 'encoding' | 'part-page' | 'most-pages' | 'no-room';

export type DeltaOutcome = DeltaFacts | { readonly reason: DeltaObstacle };

/** What the finished copy says of itself. */
export interface DatabaseFacts {
  readonly pageSize: number;
  readonly pageCount: number;
  readonly encoding: TextEncoding;
  readonly userVersion: number;
  readonly applicationId: number;
  readonly journalMode: 'wal' | 'rollback';
  readonly schemaSha256: string;
  readonly tables: readonly TableRows[];
  readonly sentinel?: string | number | null;
}

export interface TaskResults {
  readonly probe: SourceFacts;
  readonly snapshot: SnapshotFacts;
  /** Whether cloning is worth a try; then nothing after each order. */
  readonly 'copy-files': { readonly mayClone: boolean } | null;
  readonly inspect: DatabaseFacts;
  readonly recover: null;
  readonly check: null;
  readonly delta: DeltaOutcome;
  /** `settle` keeps the lock until it is told to release it. */
  readonly settle: null;
}

export type WorkerMessage =
  /** For the second process of this task, which is started by the first such message. */
  | { readonly type: 'to-second'; readonly message: SqliteTask | CopyOrder }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly result: TaskResults[SqliteTask['kind']] }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string };

/** What a worker hears of its second process: what that says, and that it has ended. */
export type SecondMessage =
  | { readonly type: 'from-second'; readonly message: WorkerMessage }
  | { readonly type: 'second-ended'; readonly note: string };

/** Sent to a worker that holds a lock. */
export const releaseMessage = 'release';
