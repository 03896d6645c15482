import { BackupError, type ErrorCode } from '../../../electron/domain/errors.ts';
import { demandOf } from '../../../electron/domain/issues.ts';
import {
  defaultRetention,
  type GitJob,
  gitJobSchema,
  isGitJob,
  type Job,
  type SqliteJob,
  sqliteJobSchema,
} from '../../../electron/domain/model.ts';
import { checkSchedule, defaultCron } from '../../../electron/domain/schedule.ts';
import { type Failure, sentence } from '../../failure.ts';
import { pathError } from './name-text.ts';

/** What is wrong with a job, by the field that it is wrong with: `retention.daily`. */
export type FieldErrors = Readonly<Record<string, string>>;

/** A new job for a database, with what is usual. */
export function newDatabaseJob(path: string, name: string, destinations: readonly string[], zone: string): SqliteJob {
  const usual = sqliteJobSchema.parse({
    name: 'new',
    source: { kind: 'sqlite', path: '/' },
    destinations: ['new'],
    schedule: { cron: defaultCron, zone },
    retention: defaultRetention,
  });
  return { ...usual, name, source: { ...usual.source, path }, destinations: [...destinations] };
}

/** A new job for a git repository, with what is usual: it pushes where there is a remote to push to. */
export function newStoreJob(path: string, name: string, found: Pick<GitJob['source'], 'branch' | 'push'>, zone: string): GitJob {
  const usual = gitJobSchema.parse({
    name: 'new',
    source: { kind: 'git', path: '/', stores: [''] },
    schedule: { cron: '*/15 * * * *', zone },
  });
  return { ...usual, name, source: { ...usual.source, path, ...found } };
}

/** What of a job cannot be so; empty where the engine may be asked. Pure. */
export function errorsOf(job: Job, nowMs: number): FieldErrors {
  const parsed = (isGitJob(job) ? gitJobSchema : sqliteJobSchema).safeParse(job);
  const issues = parsed.success ? [] : parsed.error.issues;
  return {
    ...Object.fromEntries(issues.toReversed().map((issue) => [issue.path.join('.'), demand(issue.path.join('.'), demandOf(issue))])),
    ...named('source.path', pathError(job.source.path, 'Choose what is backed up.')),
    ...(isGitJob(job) || job.destinations.length > 0 ? {} : { destinations: 'Choose at least one place for its snapshots.' }),
    ...scheduleErrors(job, nowMs),
  };
}

/** In a sentence a field has no label beside it. */
const spoken: Readonly<Record<string, string>> = {
  'retention.daily': 'Days to keep',
  'retention.weekly': 'Weeks to keep',
  'retention.monthly': 'Months to keep',
  'retention.yearly': 'Years to keep',
  'retention.minVerified': 'Verified snapshots that always stay',
  'source.branch': 'Branch',
  'source.remote': 'Remote',
};

function demand(field: string, text: string): string {
  const name = spoken[field];
  return name === undefined ? `${sentence(text)}.` : `${name}: ${text}.`;
}

function named(field: string, error: string | null): FieldErrors {
  return error === null ? {} : { [field]: error };
}

/** Why a schedule cannot be one; empty where it can. Pure. */
export function scheduleErrors({ schedule }: Pick<Job, 'schedule'>, nowMs: number): FieldErrors {
  try {
    checkSchedule(schedule, nowMs);
    return {};
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    const { hint, message } = error;
    return { schedule: `${sentence(message)}.${hint === undefined ? '' : ` ${sentence(hint)}.`}` };
  }
}

const fields: Partial<Readonly<Record<ErrorCode, string>>> = {
  'job-exists': 'name',
  'source-missing': 'source.path',
  'source-not-database': 'source.path',
  'source-encrypted': 'source.path',
  'source-empty': 'source.path',
  'source-locked': 'source.path',
  'source-unreadable': 'source.path',
  'source-corrupt': 'source.path',
  'sentinel-failed': 'source.sentinel',
  'destination-unknown': 'destinations',
  'git-missing': 'source.path',
  'git-not-root': 'source.path',
  'git-detached': 'source.branch',
  'git-branch': 'source.branch',
  'git-remote-missing': 'source.remote',
  'git-path-refused': 'source.stores',
};

/** The engine's sentence at the field that it is about; empty where it is about the whole. Pure. */
export function errorsOfFailure({ code, hint, message }: Failure): FieldErrors {
  const field = fields[code as ErrorCode];
  // What is typed into a terminal is done right here.
  const way = hint === null || hint.includes('nightjar ') ? '' : ` ${hint}.`;
  return field === undefined ? {} : { [field]: `${message}.${way}` };
}

/** True where a person has changed something: pauses are no part of what is edited. Pure. */
export function isChanged(draft: Job, job: Job): boolean {
  return JSON.stringify(withPause(draft, job)) !== JSON.stringify(job);
}

/** The draft with the pause that the job has now. Pure. */
export function withPause<J extends Job>(draft: J, { paused, pausedUntil }: Job): J {
  return { ...draft, paused, pausedUntil };
}
