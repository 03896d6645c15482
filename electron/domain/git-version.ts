/** A commit that changed something of what was asked for. */
export interface Version {
  /** Its full name. */
  readonly commit: string;
  /** When it was committed, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly subject: string;
  readonly author: string;
  /** What it changed of the paths that were asked for, for showing; the first hundred. */
  readonly paths: readonly string[];
  /** How many there are. */
  readonly pathCount: number;
}

/** The files of a store as a commit has them. */
export interface StoreFiles {
  readonly commit: string;
  /** Paths in the repository, sorted; the first thousands. */
  readonly paths: readonly string[];
  /** How many there are. */
  readonly pathCount: number;
}

/** A file or folder that was brought back. */
export interface RestoredVersion {
  /** Where it is now. */
  readonly path: string;
  /** Files and links. */
  readonly files: number;
  readonly bytes: number;
  /** Submodules: their files are in repositories of their own. */
  readonly skipped: number;
}
