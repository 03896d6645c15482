import type { FoundDatabase, SourceReport } from '../../../electron/domain/found-sources.ts';
import { defaultRetention, type Job, type Settings } from '../../../electron/domain/model.ts';
import { defaultCron } from '../../../electron/domain/schedule.ts';

/** A database or repository that can be backed up. */
export type FoundSource = Exclude<SourceReport, { readonly kind: 'none' }>;

/** A job as the engine is asked for it; what it does not say is as it usually is. */
type NewJob = Pick<Job, 'name' | 'schedule'> & Readonly<Record<string, unknown>>;

/** What is set up for a first backup. */
export interface FirstRunPlan {
  /** The folder that becomes a destination; `null` where it is one already, or where none is needed. */
  readonly destination: { readonly name: string; readonly path: string } | null;
  readonly jobs: readonly NewJob[];
  /** The names of all jobs that are to run: those, and those of the chosen sources that there are already. */
  readonly runs: readonly string[];
}

/**
 * The destination and the jobs for what a person has chosen: every night at 03:17 in their zone, with the retention that is usual. What an
 * attempt before has set up is taken as it is. `nameOf` gives a name that none of the others has. Pure.
 */
export function planFirstRun(
  sources: readonly FoundSource[],
  folder: string,
  { destinations, jobs }: Pick<Settings, 'destinations' | 'jobs'>,
  zone: string,
  nameOf: (path: string, taken: readonly string[]) => string,
): FirstRunPlan {
  const known = destinations.find((destination) => destination.kind === 'folder' && destination.path === folder);
  const destination =
    known?.name ??
    nameOf(
      folder,
      destinations.map(({ name }) => name),
    );
  const isNeeded = known === undefined && sources.some(({ kind }) => kind === 'sqlite');
  const taken = jobs.map(({ name }) => name);
  const runs: string[] = [];
  const added: NewJob[] = [];
  for (const source of sources) {
    const present = jobs.find((job) => job.source.kind === source.kind && job.source.path === source.path);
    const name = present?.name ?? nameOf(source.path, taken);
    runs.push(name);
    if (present !== undefined) continue;
    taken.push(name);
    added.push({ name, schedule: { cron: defaultCron, zone }, ...partsOf(source, destination) });
  }
  return { destination: isNeeded ? { name: destination, path: folder } : null, jobs: added, runs };
}

function partsOf(source: FoundSource, destination: string) {
  if (source.kind === 'sqlite') {
    return { source: { kind: 'sqlite', path: source.path }, destinations: [destination], retention: defaultRetention };
  }
  const { branch, path, remote } = source;
  return { source: { kind: 'git', path, stores: [''], push: remote !== null, ...(branch === null ? {} : { branch }) } };
}

const recentMs = 7 * 86_400_000;
const mostAtFirst = 3;

/** The databases that are switched on before a person has chosen: what is in use or was written lately, and not too many. Pure. */
export function suggestSources(databases: readonly FoundDatabase[], nowMs: number): ReadonlySet<string> {
  const likely = databases.filter(({ isInUse, lastWriteMs }) => isInUse === true || nowMs - lastWriteMs < recentMs);
  return new Set(likely.slice(0, mostAtFirst).map(({ path }) => path));
}
