import { eventIterator, oc, type Schema, type } from '@orpc/contract';
import { z } from 'zod';
import type { CalendarDay } from '../domain/calendar.ts';
import { type DesktopInfo, type LoginItem, pathWants, systemPages, type UpdateState } from '../domain/desktop.ts';
import type { Drill } from '../domain/drill.ts';
import type { EngineEvent } from '../domain/engine-event.ts';
import type { EngineInfo } from '../domain/engine-info.ts';
import { type ErrorCode, errorCodes, type FailureData } from '../domain/errors.ts';
import type { FoundSources, PathSuggestion, SourceReport } from '../domain/found-sources.ts';
import type { GitItem } from '../domain/git-item.ts';
import type { RestoredVersion, StoreFiles, Version } from '../domain/git-version.ts';
import type { JobHealth } from '../domain/health.ts';
import type { SlotRecord } from '../domain/ledger.ts';
import type { LogLine } from '../domain/log-line.ts';
import {
  type DestinationConfig,
  type DriveConfig,
  driveConfigSchema,
  type FolderConfig,
  type Job,
  jobLimitSchema,
  jobSchema,
  nameSchema,
  type Preferences,
  type Run,
  retentionPolicySchema,
  runStatuses,
  type Settings,
  verifyLevels,
} from '../domain/model.ts';
import type {
  Acknowledged,
  BackupOutcome,
  Connected,
  DestinationCheck,
  DestinationContents,
  DestinationReport,
  Finding,
  ForeignRestore,
  JobOutcome,
  JobSetUp,
  PastRestore,
  RestoreOutcome,
  RestorePlan,
  RetainOutcome,
  SentPending,
  SignInEvent,
  StoreStatus,
  VerifyOutcome,
} from '../domain/outcomes.ts';
import type { LiveRun, RunEvent } from '../domain/run-event.ts';
import type { ImportOutcome } from '../domain/settings-file.ts';
import type { SnapshotRecord } from '../domain/snapshot-record.ts';
import type { DiskGuardReport } from '../domain/volume-gauge.ts';

/** Every failure is an error of ours with its own code; the HTTP status is for programs that look at nothing else. */
const failures = Object.fromEntries(
  errorCodes.map((code) => [code, { status: statusOf(code), data: type<FailureData>() }]),
) as unknown as Readonly<Record<ErrorCode, { status: number; data: ReturnType<typeof type<FailureData>> }>>;

/** The status that an error of this code has over HTTP. */
export function statusOf(code: ErrorCode): number {
  if (code === 'usage-invalid') return 400;
  if (code.endsWith('-unknown')) return 404;
  return code === 'internal' ? 500 : 409;
}

const procedure = oc.errors(failures);

const name = z.string().min(1);
/** A job by its name. */
const ofJob = z.strictObject({ job: name });
/** All, or what belongs to one job. */
const ofJobOrAll = z.strictObject({ job: name.optional() });
/** A snapshot as a person names it: an id, `JOB`, `JOB@latest` or `JOB@YYYY-MM-DD`. */
const ofSnapshot = z.strictObject({ snapshot: name });
const ofRestore = z.strictObject({ restore: name });
const ofDestination = z.strictObject({ name });
/** An absolute path on the engine's machine. */
const path = z.string().regex(/^(\/|[A-Za-z]:[\\/]|\\\\)/, 'it must be an absolute path');
/** A file that a restore makes. */
const file = { target: path, force: z.boolean().default(false) };
const item = z.strictObject({ item: z.string(), paths: z.array(z.string()).readonly(), reason: z.string().default('asked for') });

/** What a run tells while it lasts, and its outcome at the end. Ending the iterator, or aborting the call, cancels the run. */
function run<T>(outcome: Schema<T, T>) {
  return eventIterator(type<RunEvent>(), outcome);
}

/**
 * Everything that can be asked of an engine, by nouns; the same for every client. Inputs are checked here. Outputs are the data of the
 * domain as they are: times end with `Ms` and count milliseconds since the epoch.
 */
export const contract = {
  engine: {
    hello: procedure.output(type<EngineInfo>()),
    /** Says who it is, and goes on until the client is gone: as long as that, the engine is not closed. */
    attach: procedure.output(eventIterator(type<EngineInfo>())),
    /** The health of every job. */
    status: procedure.output(type<readonly JobHealth[]>()),
    /** All that happens from now on, until the client or the engine ends. */
    events: procedure.output(eventIterator(type<EngineEvent>())),
    /** A new address of the window, which lets in one browser. */
    window: procedure.output(type<{ readonly url: string }>()),
    /** Looks at everything that a backup depends on. */
    examine: procedure.output(type<readonly Finding[]>()),
    /** The same as a text for an issue, with the last troubles of the log: without secrets, and without the names of person and machine. */
    report: procedure.output(type<{ readonly text: string }>()),
    /** The latest lines of its log, oldest first. */
    log: procedure.input(z.strictObject({ limit: z.int().min(1).max(10_000).default(200) })).output(type<readonly LogLine[]>()),
    /** Every volume that a run writes on, with what the next one of each job needs there. Nothing is created. */
    diskGuard: procedure.output(type<DiskGuardReport>()),
  },
  jobs: {
    list: procedure.output(type<readonly Job[]>()),
    get: procedure.input(ofJob).output(type<Job>()),
    /** Backs a job up now. `due` takes up only what waits in the queue of a git job. */
    backup: procedure
      .input(
        z.strictObject({
          job: name,
          scope: z.enum(['everything', 'due']).default('everything'),
          trigger: z.enum(['manual', 'api']).default('api'),
        }),
      )
      .output(run(type<JobOutcome>())),
    /** Backs up a database to folders, with nothing configured. All paths are absolute. */
    backupOnce: procedure
      .input(z.strictObject({ name: nameSchema, path, folders: z.array(path).min(1), zone: name, limitSeconds: jobLimitSchema.optional() }))
      .output(run(type<BackupOutcome>())),
    /** Starts a run and answers at once; `engine.events` and `runs.list` tell what becomes of it. */
    trigger: procedure.input(ofJob).output(type<{ readonly job: string }>()),
    add: procedure.input(z.strictObject({ job: jobSchema })).output(type<JobSetUp>()),
    /** Puts a job in the place of the one of its name; `take` says that a git store's remote is the right one as it is now. */
    change: procedure
      .input(z.strictObject({ job: jobSchema, identity: z.enum(['take', 'keep']).default('keep') }))
      .output(type<JobSetUp>()),
    /** No run starts by itself, until the end where there is one: `1h`, `tomorrow`, an instant. */
    pause: procedure.input(ofJob.extend({ until: z.string().optional() })).output(type<Job>()),
    resume: procedure.input(ofJob).output(type<Job>()),
    /** Leaves the next slot out; answers with its instant. */
    skipNext: procedure.input(ofJob).output(type<{ readonly job: string; readonly atMs: number }>()),
    /** When it was due, and what became of it; the latest first. */
    slots: procedure.input(ofJob.extend({ limit: z.int().min(1).max(10_000).default(50) })).output(type<readonly SlotRecord[]>()),
    /** Goes on with the snapshots of its name, whatever they were taken of. */
    adopt: procedure.input(ofJob).output(type<JobSetUp>()),
    /** Says that what a job has lost is meant to be so: its snapshots are pruned again. */
    acknowledge: procedure.input(ofJob).output(type<Acknowledged>()),
    /** Forgets a job; what it has stored stays. */
    remove: procedure.input(ofJob).output(type<Job>()),
    /** Sets up a git job from another program's configuration. */
    import: procedure.input(z.strictObject({ file: path, name: name.optional(), zone: name })).output(type<JobSetUp>()),
  },
  runs: {
    /** Newest first. */
    list: procedure
      .input(
        z.strictObject({
          job: name.optional(),
          statuses: z.array(z.enum(runStatuses)).min(1).optional(),
          /** Those that started from the one instant up to but not including the other. */
          fromMs: z.int().optional(),
          beforeMs: z.int().optional(),
          limit: z.int().min(0).default(50),
        }),
      )
      .output(type<readonly Run[]>()),
    get: procedure.input(z.strictObject({ run: name })).output(type<Run>()),
    /** Those under way, as far as they are: for a client that comes in the middle. */
    live: procedure.output(type<readonly LiveRun[]>()),
    /** What was said of one run or restore, oldest first; the last lines. */
    log: procedure.input(z.strictObject({ run: name, limit: z.int().min(1).max(10_000).default(1000) })).output(type<readonly LogLine[]>()),
    /** One entry for each of the latest days up to today, oldest first. */
    calendar: procedure
      .input(z.strictObject({ job: name.optional(), days: z.int().min(1).max(400).default(371), zone: name }))
      .output(type<readonly CalendarDay[]>()),
    /** Ends a run at its next safe point. */
    cancel: procedure.input(z.strictObject({ run: name })).output(type<{ readonly run: string }>()),
  },
  snapshots: {
    /** Newest first. */
    list: procedure.input(ofJobOrAll).output(type<readonly SnapshotRecord[]>()),
    get: procedure.input(ofSnapshot).output(type<SnapshotRecord>()),
    verify: procedure
      .input(z.strictObject({ snapshot: name, level: z.enum(verifyLevels).default('quick') }))
      .output(run(type<VerifyOutcome>())),
    pin: procedure.input(ofSnapshot).output(type<SnapshotRecord>()),
    unpin: procedure.input(ofSnapshot).output(type<SnapshotRecord>()),
    /** Stops counting the copies that were taken away by hand; `forgotten` are their destinations. */
    forget: procedure.input(ofSnapshot).output(type<{ readonly snapshot: SnapshotRecord; readonly forgotten: readonly string[] }>()),
  },
  drills: {
    /** Newest first. */
    list: procedure.input(ofJobOrAll).output(type<readonly Drill[]>()),
    /** Brings everything back from every place of a job, or of all, and keeps the dated proofs. */
    run: procedure.input(ofJobOrAll).output(run(type<readonly Drill[]>())),
  },
  retention: {
    /** What would stay, and why; with `asOf`, at the end of that day if every run until then succeeds. */
    plan: procedure.input(z.strictObject({ job: name, asOf: name.optional() })).output(type<readonly RetainOutcome[]>()),
    /** What would stay, and why, under a policy that is not in force. */
    preview: procedure.input(z.strictObject({ job: name, policy: retentionPolicySchema })).output(type<readonly RetainOutcome[]>()),
    apply: procedure.input(ofJob).output(type<readonly RetainOutcome[]>()),
  },
  sources: {
    /** Databases and repositories in the usual places of this machine. */
    find: procedure.output(type<FoundSources>()),
    inspect: procedure.input(z.strictObject({ path })).output(type<SourceReport>()),
    /** Folders that snapshots may go to, the best first; they need not be there. */
    folders: procedure.output(type<readonly string[]>()),
    /** How a path that is being typed may go on; `~` is the person's own folder. */
    complete: procedure
      .input(z.strictObject({ text: z.string().max(4096), want: z.enum(['file', 'folder']) }))
      .output(type<readonly PathSuggestion[]>()),
  },
  git: {
    /** Accepts items for backup: when this is answered, no crash loses them. */
    enqueue: procedure.input(z.strictObject({ job: name, items: z.array(item).min(1).max(10_000) })).output(type<readonly GitItem[]>()),
    /** Keeps that an item is about to be written; `enqueue` ends the intent. */
    intend: procedure.input(item.extend({ job: name })).output(type<{ readonly item: string }>()),
    /** The paths as they are in the repository. Refuses those that neither the disk nor the last commit has. */
    resolve: procedure.input(z.strictObject({ job: name, paths: z.array(z.string()).min(1) })).output(type<readonly string[]>()),
    /** The items of a job with their states, or those of these names. */
    items: procedure.input(z.strictObject({ job: name, items: z.array(z.string()).optional() })).output(type<readonly GitItem[]>()),
    /** The store as it stands; `ask` contacts the remote. */
    status: procedure.input(z.strictObject({ job: name, ask: z.boolean().default(false) })).output(type<StoreStatus>()),
    /** The files of the store as a commit has them: a commit, a day, or `latest`; those whose path has `text` in it. */
    files: procedure
      .input(z.strictObject({ job: name, at: z.string().default('latest'), text: z.string().default('') }))
      .output(type<StoreFiles>()),
    /** The commits that changed something of a file or folder, newest first; '' is the whole repository. */
    versions: procedure
      .input(z.strictObject({ job: name, path: z.string(), limit: z.int().min(1).max(1000).default(100) }))
      .output(type<readonly Version[]>()),
    /** What a commit changed of a file, as a unified diff. */
    diff: procedure.input(z.strictObject({ job: name, commit: name, path: z.string() })).output(type<{ readonly text: string }>()),
  },
  notes: {
    /** Writes a new file into a git store, never over another one, and asks for its backup. */
    add: procedure.input(z.strictObject({ job: name, file: z.string(), text: z.string().min(1) })).output(type<GitItem>()),
  },
  /** Goes on with uploads that were cut short, of one job or of all. */
  send: procedure.input(ofJobOrAll).output(run(type<readonly SentPending[]>())),
  restores: {
    /** Newest first. */
    list: procedure.output(type<readonly PastRestore[]>()),
    toFile: procedure.input(ofSnapshot.extend(file)).output(run(type<RestoreOutcome>())),
    /** A file or folder of a git store as a commit has it. A file goes into a folder that is there. */
    version: procedure
      .input(z.strictObject({ job: name, at: z.string(), path: z.string(), ...file }))
      .output(type<RestoredVersion & { readonly commit: string }>()),
    /** What `inPlace` would do. */
    plan: procedure.input(ofSnapshot).output(type<RestorePlan>()),
    /** Replaces the live database; the present one is kept. */
    inPlace: procedure.input(ofSnapshot).output(run(type<RestoreOutcome>())),
    /** From a destination of which nothing is known here; `at` is `latest`, a day, a day with a time, or a snapshot's id. */
    foreign: procedure
      .input(z.strictObject({ destination: name, job: name.optional(), at: z.string().default('latest'), ...file }))
      .output(run(type<ForeignRestore>())),
    undo: procedure.input(ofRestore).output(run(type<RestoreOutcome>())),
    /** Deletes what a restore in place had kept. */
    discard: procedure.input(ofRestore).output(type<PastRestore>()),
  },
  destinations: {
    addFolder: procedure
      // `make` makes the folder where only that is missing, and never one above it: that would be a disk which is away.
      .input(z.strictObject({ name: nameSchema, path, make: z.boolean().default(false) }))
      .output(type<{ readonly config: FolderConfig; readonly found: readonly string[] }>()),
    /** `null` where a sign-in has to follow. */
    addDrive: procedure
      .input(z.strictObject({ config: driveConfigSchema.omit({ id: true }), clientFile: path.optional() }))
      .output(type<Connected | null>()),
    /** Waits until a person has signed in at the address that it tells, in a browser on the engine's machine. */
    signIn: procedure
      .input(z.strictObject({ name, clientFile: path.optional(), switchAccount: z.boolean().default(false) }))
      .output(eventIterator(type<SignInEvent>(), type<Connected>())),
    set: procedure
      .input(
        z.strictObject({
          name,
          chunkBytes: z.int().optional(),
          bandwidth: z.int().nullable().optional(),
          apiRoot: z.string().nullable().optional(),
        }),
      )
      .output(type<DriveConfig>()),
    inspect: procedure.input(ofDestination).output(type<DestinationReport>()),
    /** The snapshots that a destination, or the folder of an absolute path, holds: read from there, of which nothing need be known here. */
    contents: procedure.input(z.strictObject({ destination: name })).output(type<DestinationContents>()),
    /** Writes, reads back, compares and trashes a small object. */
    test: procedure.input(ofDestination).output(type<readonly DestinationCheck[]>()),
    /** Forgets a destination; what it holds stays there. */
    remove: procedure.input(ofDestination).output(type<DestinationConfig>()),
  },
  settings: {
    get: procedure.output(type<Settings>()),
    /** All of it as a text for another machine; no secret is in it. */
    export: procedure.output(type<{ readonly text: string }>()),
    /** Changes one of the preferences. */
    set: procedure.input(z.strictObject({ key: name, value: z.unknown() })).output(type<Preferences>()),
    /** Takes exported settings over, or says what that would change; `name` is what the file is called in sentences. */
    import: procedure
      .input(
        z.strictObject({ text: z.string(), name, mode: z.enum(['merge', 'replace']).default('merge'), dryRun: z.boolean().default(false) }),
      )
      .output(type<ImportOutcome>()),
  },
  /** What the app around the window can do for it. In a browser everything but `info` is refused. */
  desktop: {
    info: procedure.output(type<DesktopInfo>()),
    /** Asks the person for a path; `null` where they chose none. */
    choosePath: procedure
      .input(z.strictObject({ want: z.enum(pathWants), title: name, start: path.optional() }))
      .output(type<{ readonly path: string | null }>()),
    /** Shows a file in its folder. */
    reveal: procedure.input(z.strictObject({ path })).output(type<{ readonly path: string }>()),
    openSystemPage: procedure.input(z.strictObject({ page: z.enum(systemPages) })).output(type<{ readonly page: string }>()),
    setLoginItem: procedure.input(z.strictObject({ on: z.boolean() })).output(type<LoginItem>()),
    checkForUpdate: procedure.output(type<UpdateState>()),
    /** Installs what was downloaded, when no run is under way any more. */
    installUpdate: procedure.output(type<UpdateState>()),
  },
};
