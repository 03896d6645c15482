import { BackupError } from './errors.ts';
import { isGitJob, isSqliteJob, type Job, type Settings, sameName } from './model.ts';
import { checkSchedule } from './schedule.ts';

/** True for a path that does not depend on where a program was started, on any system. */
export function isAbsolutePath(path: string): boolean {
  return /^(?:\/|[a-z]:[\\/]|\\\\)/i.test(path);
}

/**
 * What is wrong with settings that each by itself have the right form: one sentence for each, with its field. A name that is there twice, a
 * destination that is not there, a schedule that never comes, a path that depends on where the program was started.
 */
export function settingsProblems({ destinations, jobs }: Settings, nowMs: number): string[] {
  return [
    ...repeated('destinations', destinations),
    ...repeated('jobs', jobs),
    ...destinations.flatMap((config, index) => {
      if (config.kind === 'folder') return relative(`destinations.${index}.path`, config.path);
      return config.credentials.kind === 'shared' ? relative(`destinations.${index}.credentials.path`, config.credentials.path) : [];
    }),
    ...jobs.flatMap((job, index) => {
      const known = (name: string) => destinations.some((config) => config.name === name);
      const missing = isSqliteJob(job) ? job.destinations.filter((name) => !known(name)) : [];
      return [
        ...relative(`jobs.${index}.source.path`, job.source.path),
        ...missing.map((name) => `jobs.${index}.destinations: there is no destination "${name}"`),
        ...scheduleProblem(`jobs.${index}.schedule`, job, nowMs),
      ];
    }),
  ];
}

function repeated(field: string, named: readonly { readonly name: string }[]): string[] {
  return named.flatMap(({ name }, index) =>
    named.slice(0, index).some((other) => sameName(other.name, name)) ? `${field}.${index}.name: "${name}" is there twice` : [],
  );
}

function relative(field: string, path: string): string[] {
  return isAbsolutePath(path) ? [] : [`${field}: "${path}" must be an absolute path`];
}

function scheduleProblem(field: string, { schedule }: Job, nowMs: number): string[] {
  try {
    checkSchedule(schedule, nowMs);
    return [];
  } catch (error) {
    if (error instanceof BackupError) return [`${field}: ${error.message}`];
    throw error;
  }
}

/**
 * What may not change while jobs are at work, one sentence for each: a job of one kind does not become one of the other, and a git job keeps
 * its repository (S2-06), since its queue is about the files in there.
 */
export function refusedChanges(before: Settings, after: Settings): string[] {
  return after.jobs.flatMap((job) => {
    const former = before.jobs.find(({ name }) => sameName(name, job.name));
    if (former === undefined) return [];
    if (former.source.kind !== job.source.kind) {
      return [`the job ${job.name} cannot become a ${isGitJob(job) ? 'git store' : 'database'}: remove it, and add another one`];
    }
    if (isGitJob(job) && job.source.path !== former.source.path) {
      return [
        `the path of the git job ${job.name} cannot change while Nightjar is running: nightjar job set ${job.name} --git ${job.source.path}`,
      ];
    }
    return [];
  });
}
