import type { Anomaly } from './anomaly.ts';
import type { VolumeNeed } from './disk-guard.ts';
import type { ErrorFacts } from './errors.ts';
import type { GitItem } from './git-item.ts';
import type { Manifest } from './manifest.ts';
import type { DestinationConfig, DriveConfig, Job, Restore, Run, VerifyLevel } from './model.ts';
import type { RetentionVerdict } from './retention.ts';
import type { SnapshotRecord } from './snapshot-record.ts';
import type { TableRows } from './table-rows.ts';

/** What the operations of an engine resolve to: plain data that can be sent to a client. */

/** A destination that did not get its copy, and why. */
export interface MissedDestination {
  readonly destination: string;
  readonly message: string;
}

/** What became of one upload that had been cut short. */
export interface SentPending {
  readonly job: string;
  readonly destination: string;
  readonly snapshotId: string;
  readonly objectName: string;
  /** Missing where the snapshot is whole and proven at the destination now. */
  readonly error?: ErrorFacts;
}

export interface RetainVerdict extends RetentionVerdict {
  readonly objectName: string;
}

/** What retention decided at one destination, and what it removed. */
export interface RetainOutcome {
  readonly destination: string;
  readonly verdicts: readonly RetainVerdict[];
  readonly removed: readonly RetainVerdict[];
  /** What the job has lost and nobody has acknowledged: until then nothing is decided away. Empty in good times. */
  readonly frozenBy: readonly string[];
}

export interface BackupOutcome {
  readonly run: Run;
  readonly snapshot: SnapshotRecord;
  readonly retained: readonly RetainOutcome[];
  /** Destinations that did not get their copy. */
  readonly failed: readonly MissedDestination[];
  /** Uploads of earlier runs that were gone on with before. */
  readonly pending: readonly SentPending[];
}

/** The proof of a push: what the remote answered when it was asked afterwards. */
export interface PushProof {
  /** The commit that was to arrive. */
  readonly commit: string;
  /** The branch at the remote that has it. */
  readonly branch: string;
  /** The commit of that branch at the remote: the same one, or one after it. */
  readonly remoteHead: string;
}

export interface StoreOutcome {
  readonly run: Run;
  /** The commits of this run, oldest first. */
  readonly commits: readonly string[];
  /** How many items are safe now that were not before. */
  readonly saved: number;
  readonly failed: readonly { readonly item: string; readonly error: ErrorFacts }[];
  /** Why nothing was pushed: the last push failed a short time ago, and its next attempt is not due. */
  readonly held: ErrorFacts | null;
  /** What the remote answered after the push; `null` where nothing was to be pushed. */
  readonly proof: PushProof | null;
}

/** What became of a job's run. */
export type JobOutcome = ({ readonly kind: 'sqlite' } & BackupOutcome) | ({ readonly kind: 'git' } & StoreOutcome);

/** A git store as it stands. */
export interface StoreStatus {
  /** The branch's commit here; `null` where there is none, or where git cannot tell. */
  readonly head: string | null;
  /** The branch's commit at the remote, as it was last answered; `null` where it never was. */
  readonly remoteHead: string | null;
  readonly remoteCheckedAtMs: number | null;
  /** True where the remote lacks a commit of the branch; `null` where the job does not push, or nothing is known. */
  readonly ahead: boolean | null;
  /** Why nothing of the repository can be backed up, or pushed, now; `null` where it can. */
  readonly blocked: ErrorFacts | null;
  /** Files of the store that have changed since the last commit, and that nobody has asked for; `null` where git cannot tell. */
  readonly unasked: readonly string[] | null;
  /** True where everything of the store is in a commit, and, where the job pushes, at the remote. */
  readonly safe: boolean;
  readonly items: readonly GitItem[];
}

export interface CopyProof {
  readonly destination: string;
  readonly ok: boolean;
  readonly message?: string;
}

export interface VerifyOutcome {
  readonly ok: boolean;
  readonly level: VerifyLevel;
  readonly snapshot: SnapshotRecord;
  readonly proofs: readonly CopyProof[];
  /** Rows of every table as they were found; only a full verification counts them. */
  readonly found: readonly TableRows[] | null;
}

export interface RestoreOutcome {
  readonly id: string;
  readonly path: string;
  /** As they were counted in it; empty for an undo, which compares bytes. */
  readonly tables: readonly TableRows[];
  /** The digest of the file as it was proven; `null` where an undo has brought back that there was none. */
  readonly sha256: string | null;
  /** The restore that can be undone, for one in place. */
  readonly undo: string | null;
  readonly warnings: readonly string[];
}

/** What an examination has to say about one thing. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'good' | 'warning' | 'bad';
  readonly message: string;
  readonly hint?: string;
}

export interface DestinationCheck {
  readonly what: string;
  readonly ok: boolean;
  readonly message?: string;
}

/** A destination in Drive that was signed in to. */
export interface Connected {
  readonly config: DriveConfig;
  readonly account: { readonly id: string; readonly email: string };
  /** What was found there, for people. */
  readonly found: readonly string[];
}

/** A destination as it was found. */
export interface DestinationReport {
  readonly config: DestinationConfig;
  /** Snapshots that it holds, and their size. */
  readonly snapshots: number;
  readonly bytes: number;
  /** Its space; `null` where it has none to speak of, or cannot be reached. */
  readonly space: { readonly freeBytes: number; readonly totalBytes: number; readonly trashBytes?: number } | null;
  /** Why it cannot be reached; `null` where it can. */
  readonly error: ErrorFacts | null;
}

/** A job that was set up or changed. */
export interface JobSetUp {
  readonly job: Job;
  /** Snapshots of its name that its destinations held, and that were not known before. */
  readonly adopted: number;
  /** What a person should know of it. */
  readonly notes: readonly string[];
}

/** What a person has said is meant to be so. */
export interface Acknowledged {
  readonly job: string;
  readonly acknowledged: readonly Anomaly[];
}

/** What a restore in place would do. */
export interface RestorePlan {
  readonly snapshot: SnapshotRecord;
  /** The database that it would replace. */
  readonly target: string;
  /** That database as it is now; `null` where there is none. */
  readonly present: { readonly bytes: number; readonly walBytes: number } | null;
  /** Other programs that have it open; `null` where the system cannot tell. */
  readonly openBy: readonly { readonly pid: number; readonly command: string }[] | null;
  /** What the restore writes, volume by volume, with the disk guard's verdict. */
  readonly needs: readonly VolumeNeed[];
}

/** What a destination holds, read from there. */
export interface DestinationContents {
  /** Of every job, newest first. */
  readonly manifests: readonly Manifest[];
  /** What lies there and could not be read. */
  readonly notes: readonly string[];
}

/** A restore from a destination of which nothing is known here. */
export interface ForeignRestore {
  readonly snapshotId: string;
  readonly outcome: RestoreOutcome;
  /** What lies there and could not be read. */
  readonly notes: readonly string[];
}

/** A restore that is over, with what it has kept. */
export interface PastRestore extends Restore {
  /** Whether what it replaced can still be brought back. */
  readonly isKept: boolean;
}

/** What a sign-in tells while it waits for a person. */
export interface SignInEvent {
  readonly type: 'address';
  /** To be opened in a browser on the engine's machine. */
  readonly url: string;
}
