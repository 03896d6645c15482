import { z } from 'zod';
import { anomalyPolicySchema } from './anomaly.ts';
import { compressionSchema } from './compression.ts';
import { jobRulesSchema } from './job-rules.ts';
import { isSafeUrl } from './safe-url.ts';
import { gitSourceSchema, sqliteSourceSchema } from './source.ts';

/** Why a run was started. */
export const triggers = ['schedule', 'missed', 'manual', 'retry', 'api'] as const;
export type Trigger = (typeof triggers)[number];

/** Where a run is in its life. `warning` is a success with something a person should read. */
export const runStatuses = ['queued', 'running', 'succeeded', 'warning', 'failed', 'cancelled', 'interrupted', 'skipped'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** The steps of a backup in their order; `check` overlaps `delta` and `compress`. */
export const backupSteps = ['guard', 'snapshot', 'check', 'delta', 'compress', 'send', 'verify', 'record', 'retain'] as const;
/** The steps of a git job's backup in their order. */
export const gitSteps = ['guard', 'commit', 'push', 'record'] as const;
/** The steps of a restore in their order; a restore to a new file ends with `publish`. */
export const restoreSteps = ['guard', 'fetch', 'check', 'publish', 'keep', 'settle', 'swap', 'recheck'] as const;
export type StepName = (typeof backupSteps)[number] | (typeof gitSteps)[number] | (typeof restoreSteps)[number];

/** How strongly a copy was proven: `quick` compares digests, `full` rebuilds the database and counts its rows. */
export const verifyLevels = ['quick', 'full'] as const;
export type VerifyLevel = (typeof verifyLevels)[number];

/** What a stored copy is known to be. */
export const copyStates = ['stored', 'missing', 'expired'] as const;
export type CopyState = (typeof copyStates)[number];

/** The life of a restore; `interrupted` means the former database is still in place. */
export const restoreStates = ['running', 'swapping', 'done', 'failed', 'interrupted', 'undone', 'discarded'] as const;
export type RestoreState = (typeof restoreStates)[number];

export const restoreModes = ['file', 'in-place', 'undo'] as const;
export type RestoreMode = (typeof restoreModes)[number];

/** How often a job proves itself by a drill. */
export const drillRhythms = ['weekly', 'monthly', 'off'] as const;
export type DrillRhythm = (typeof drillRhythms)[number];

const windowsDeviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Names of jobs and destinations become folder names on every platform, so they are kept to what all of them take. */
export const nameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,62}$/u, 'use letters, digits, ".", "_" and "-", at most 63, starting with a letter or digit')
  .refine((name) => name === name.normalize('NFC'), 'use composed (NFC) characters')
  .refine((name) => !name.endsWith('.') && !windowsDeviceName.test(name), 'this name cannot be a folder on every system');

const count = (max: number) => z.int().min(0).max(max);

/** Names become folder names, and most file systems of people fold their case. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** How many snapshots stay: the newest of each of the latest N days, weeks, months and years that have one. */
export const retentionPolicySchema = z
  .strictObject({
    daily: count(3650).default(30),
    weekly: count(520).default(0),
    monthly: count(240).default(12),
    yearly: count(100).default(0),
    /** Never go below this many verified snapshots, whatever the tiers say. */
    minVerified: z.int().min(1).max(100).default(3),
  })
  .refine((policy) => policy.daily + policy.weekly + policy.monthly + policy.yearly > 0, 'a policy must keep at least one snapshot');
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

export const defaultRetention: RetentionPolicy = { daily: 30, weekly: 0, monthly: 12, yearly: 0, minVerified: 3 };

const safeAddress = z.string().refine(isSafeUrl, 'it must be an https address, or one of this machine');

/** Wall-clock limit of one run, in seconds; it cannot be switched off (S1-90). */
export const jobLimitSchema = z
  .int()
  .min(1)
  .max(7 * 86_400);

/** What every job has. */
const jobFields = {
  name: nameSchema,
  schedule: z.strictObject({ cron: z.string().min(1), zone: z.string().min(1) }),
  /** No run starts by itself, until the end of the pause where it has one. */
  paused: z.boolean().default(false),
  pausedUntil: z.iso.datetime().nullable().default(null),
  rules: jobRulesSchema.default(jobRulesSchema.parse({})),
  limitSeconds: jobLimitSchema.default(28_800),
  /** How often it proves itself by a drill. */
  drill: z.enum(drillRhythms).default('weekly'),
  /** Where runs report that they start, succeed and fail, in the way of healthchecks; a secret in itself. */
  healthCheckUrl: safeAddress.nullable().default(null),
};

/** Snapshots of a database, kept at destinations. */
export const sqliteJobSchema = z.strictObject({
  ...jobFields,
  source: sqliteSourceSchema,
  destinations: z.array(nameSchema).min(1),
  retention: retentionPolicySchema,
  /** Stores only the pages that have changed since the last full snapshot, where that takes less space. */
  deltas: z.boolean().default(true),
  compression: compressionSchema.default(compressionSchema.parse({})),
  /** A person has said that the snapshots of another database or machine under this name are this job's own. */
  adopted: z.boolean().default(false),
  /** How much may be lost between two snapshots before nothing is pruned until a person has looked. */
  anomaly: anomalyPolicySchema.default(anomalyPolicySchema.parse({})),
  /** How long a run waits for a source that another process has locked. */
  lockWaitSeconds: z.int().min(0).max(3600).default(60),
});
export type SqliteJob = z.infer<typeof sqliteJobSchema>;

/** Commits of a store, pushed to its remote; git itself keeps every version. */
export const gitJobSchema = z.strictObject({ ...jobFields, source: gitSourceSchema });
export type GitJob = z.infer<typeof gitJobSchema>;

export type Job = SqliteJob | GitJob;

/** A job of either kind. The kind of its source chooses the schema, so that an error is about the fields that it has. */
export const jobSchema = z.unknown().transform((value, context): Job => {
  const kind = (value as { readonly source?: { readonly kind?: unknown } } | null)?.source?.kind;
  const parsed = (kind === 'git' ? gitJobSchema : sqliteJobSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: value } as never);
  return z.NEVER;
});

export function isGitJob(job: Job): job is GitJob {
  return job.source.kind === 'git';
}

export function isSqliteJob(job: Job): job is SqliteJob {
  return job.source.kind === 'sqlite';
}

export const folderConfigSchema = z.strictObject({
  kind: z.literal('folder'),
  name: nameSchema,
  /** The identity written into the folder, so that an empty mount point is never taken for the disk. */
  id: z.string().min(1),
  path: z.string().min(1),
});
export type FolderConfig = z.infer<typeof folderConfigSchema>;

/** Drive takes chunks in multiples of this (resumable upload protocol). */
export const driveChunkUnitBytes = 256 * 1024;

export const driveConfigSchema = z.strictObject({
  kind: z.literal('drive'),
  name: nameSchema,
  id: z.string().min(1),
  /** The folder in Drive, from its root: `A/B/C` (S1-53: no part may be empty). */
  folder: z
    .string()
    .min(1)
    .refine((path) => path.split('/').every((part) => part.trim() !== ''), 'write it as "A/B/C", without an empty part'),
  /** That folder's id, from when it was found or made on; `null` before the first sign-in. */
  folderId: z.string().min(1).nullable(),
  /** Tokens of our own in the SecretStore, or a folder of credentials that other programs use too. */
  credentials: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('own') }),
    z.strictObject({ kind: z.literal('shared'), path: z.string().min(1) }),
  ]),
  /** The account that the destination belongs to, so that a later sign-in with another one is noticed. */
  account: z.strictObject({ id: z.string().min(1), email: z.string() }).nullable(),
  /** When the sign-in ends by itself, as it does under a consent screen in "Testing"; `null` where it does not. */
  signInEndsAtMs: z.int().nullable().default(null),
  chunkBytes: z
    .int()
    .min(driveChunkUnitBytes)
    .max(256 * 1024 * 1024)
    .multipleOf(driveChunkUnitBytes)
    .default(16 * 1024 * 1024),
  /** Bytes per second, up and down; `null` has no limit. */
  bandwidth: z.int().min(1024).nullable().default(null),
  /** Where every call goes instead of Google, for gateways and tests. */
  apiRoot: safeAddress.nullable().default(null),
});
export type DriveConfig = z.infer<typeof driveConfigSchema>;

export const destinationConfigSchema = z.discriminatedUnion('kind', [folderConfigSchema, driveConfigSchema]);
export type DestinationConfig = z.infer<typeof destinationConfigSchema>;

/** Where a destination is, for people. */
export function placeOf(config: DestinationConfig): string {
  if (config.kind === 'folder') return config.path;
  return `Google Drive, ${config.folder}${config.account ? ` (${config.account.email})` : ''}`;
}

/** The folders of this machine that destinations are in. */
export function localPaths(configs: readonly DestinationConfig[]): string[] {
  return configs.flatMap((config) => (config.kind === 'folder' ? config.path : []));
}

const mebibyte = 1024 * 1024;

/** Who is told of a failure: a program, by its path and arguments, that reads JSON; and an address that JSON is posted to. */
export const failureReportSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1).nullable().default(null),
  webhook: safeAddress.nullable().default(null),
});

/** The looks of the window: as the system's, or always the one. */
export const appearances = ['system', 'light', 'dark'] as const;

/** The numbers a person may change; each line says its effect. */
export const preferencesSchema = z.strictObject({
  /** Free space that Nightjar never uses. */
  reserveBytes: z
    .int()
    .min(0)
    .default(512 * mebibyte),
  /** A run that would leave less than this free warns. */
  warnFreeBytes: z
    .int()
    .min(0)
    .default(2048 * mebibyte),
  /** 1 (fast) to 9 (small); of deltas, and of jobs that have no level of their own. */
  gzipLevel: z.int().min(1).max(9).default(6),
  /** Days that expired snapshots stay in a folder destination's trash; 0 deletes at once. */
  trashDays: z.int().min(0).max(3650).default(7),
  /** A job whose newest verified snapshot is older than this is unhealthy (S1-104). */
  staleHours: z.int().min(1).max(10_000).default(36),
  /** A missed run is not made up for where the next one comes within so many minutes. */
  catchUpNearMinutes: z.int().min(0).max(1440).default(15),
  /** Whether the app shows notifications. */
  notifications: z.boolean().default(true),
  /** How the window looks. */
  appearance: z.enum(appearances).default('system'),
  /** Who is told of a failure beside the person at this machine. */
  onFailure: failureReportSchema.default(failureReportSchema.parse({})),
});
export type Preferences = z.infer<typeof preferencesSchema>;

const pixels = z.int().min(-100_000).max(100_000);

/** Where the app's window was, in points of the screen. */
export const windowPlaceSchema = z.strictObject({ x: pixels, y: pixels, width: pixels, height: pixels, isMaximized: z.boolean() });
export type WindowPlace = z.infer<typeof windowPlaceSchema>;

/** What the app keeps for itself on this machine; it goes to no other one. */
export const appStateSchema = z.strictObject({
  window: windowPlaceSchema.nullable().default(null),
  /** A person has let sign-ins be kept in a file, where the system has nothing to keep them safe with. */
  keepsSecretsInFile: z.boolean().default(false),
});
export type AppState = z.infer<typeof appStateSchema>;

export const settingsSchema = z.strictObject({
  preferences: preferencesSchema.default(preferencesSchema.parse({})),
  destinations: z.array(destinationConfigSchema).default([]),
  jobs: z.array(jobSchema).default([]),
  app: appStateSchema.optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/** One step of a run with its times; `endedAtMs` is missing while it runs. */
export interface RunStep {
  readonly name: StepName;
  readonly status: 'running' | 'done' | 'failed';
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** Numbers worth keeping: bytes written, pages, restarts, free space. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** One execution of a job. */
export interface Run {
  readonly id: string;
  readonly job: string;
  readonly trigger: Trigger;
  readonly status: RunStatus;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly snapshotId?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly warnings: readonly string[];
  readonly steps: readonly RunStep[];
}

/** A snapshot's stored object at one destination. */
export interface Copy {
  readonly destination: string;
  readonly objectName: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly state: CopyState;
  /** The last proof that succeeded. */
  readonly verified?: { readonly level: VerifyLevel; readonly atMs: number };
  /** The last proof, where it failed after the last success; of a delta also that of its base there, without which it is nothing. */
  readonly failure?: { readonly message: string; readonly atMs: number; readonly isOfBase?: true };
}

/** One restore, kept so that it can be undone. */
export interface Restore {
  readonly id: string;
  readonly job: string;
  readonly snapshotId?: string;
  readonly mode: RestoreMode;
  readonly state: RestoreState;
  readonly targetPath: string;
  /** The folder that holds the former database with its sidecars, byte for byte. */
  readonly keptPath?: string;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}
