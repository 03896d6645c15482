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
import { isWholePath } from '../../path-text.ts';

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
    ...Object.fromEntries(issues.toReversed().map((issue) => [issue.path.join('.'), `${sentence(demandOf(issue))}.`])),
    ...(isWholePath(job.source.path) && !job.source.path.startsWith('~') ? {} : { 'source.path': 'Write the whole path, from / or ~ on.' }),
    ...(isGitJob(job) || job.destinations.length > 0 ? {} : { destinations: 'Choose at least one place for its snapshots.' }),
    ...scheduleErrors(job, nowMs),
  };
}

function scheduleErrors({ schedule }: Job, nowMs: number): FieldErrors {
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
  return field === undefined ? {} : { [field]: `${message}.${hint === null ? '' : ` ${hint}.`}` };
}

/** True where a person has changed something: pauses are no part of what is edited. Pure. */
export function isChanged(draft: Job, job: Job): boolean {
  return JSON.stringify(withPause(draft, job)) !== JSON.stringify(job);
}

/** The draft with the pause that the job has now. Pure. */
export function withPause<J extends Job>(draft: J, { paused, pausedUntil }: Job): J {
  return { ...draft, paused, pausedUntil };
}
