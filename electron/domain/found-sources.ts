/** A database that was found on this machine, or that a person has named. */
export interface FoundDatabase {
  readonly path: string;
  /** A name for its job that is not taken. */
  readonly name: string;
  readonly bytes: number;
  /** When it, or its write-ahead log, was written last. */
  readonly lastWriteMs: number;
  readonly journalMode: 'wal' | 'rollback';
  /** True where another program has it open now; `null` where the system cannot tell. */
  readonly isInUse: boolean | null;
  /** The job that backs it up already; `null` where there is none. */
  readonly job: string | null;
}

/** A git repository that was found on this machine, or that a person has named. */
export interface FoundStore {
  readonly path: string;
  readonly name: string;
  readonly branch: string | null;
  /** The remote's address without credentials; `null` where there is none. */
  readonly remote: string | null;
  readonly job: string | null;
}

/** What lies in the usual places. */
export interface FoundSources {
  readonly databases: readonly FoundDatabase[];
  readonly stores: readonly FoundStore[];
}

/** What a path turned out to be. */
export type SourceReport =
  | ({ readonly kind: 'sqlite' } & FoundDatabase)
  | ({ readonly kind: 'git' } & FoundStore)
  | { readonly kind: 'none'; readonly path: string; readonly message: string };

/** How a path that a person types may go on. */
export interface PathSuggestion {
  readonly path: string;
  readonly isFolder: boolean;
}
