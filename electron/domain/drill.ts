import { isDatedAhead, unlessAhead } from './dated-ahead.ts';
import { type ErrorFacts, errorFacts } from './errors.ts';
import { type DrillRhythm, isGitJob, type Job } from './model.ts';
import { localTime } from './zoned-time.ts';

/**
 * How a drill ended. `postponed` says nothing of what is stored: the place could not be reached, or there was no room; it is tried
 * again the next day.
 */
export const drillOutcomes = ['proven', 'failed', 'postponed'] as const;
export type DrillOutcome = (typeof drillOutcomes)[number];

/** What was proven: a database rebuilt from a destination, a fresh clone of a remote, or a repository on this machine alone. */
export const drillLevels = ['full', 'clone', 'local'] as const;
export type DrillLevel = (typeof drillLevels)[number];

/** One dated attempt to bring everything back from one place. */
export interface Drill {
  readonly job: string;
  /** The destination of a database's job; the remote of a store, or its own folder where it is not pushed. */
  readonly place: string;
  readonly level: DrillLevel;
  readonly outcome: DrillOutcome;
  /** The snapshot's id, or the commit; `null` where there was none to prove. */
  readonly snapshotId: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** One sentence: what came back, or why not. */
  readonly message: string;
  /** Why it did not; `null` where it was proven. */
  readonly code: ErrorFacts['code'] | null;
  /** The rows that were counted, or the files that were compared. */
  readonly rows: number | null;
}

/** What came of an attempt to prove something, without when and where. */
export type DrillProof = Pick<Drill, 'outcome' | 'level' | 'snapshotId' | 'message' | 'code' | 'rows'>;

/** A drill that did not prove anything: against what is stored where there is evidence of that, else postponed. */
export function unproven(level: DrillLevel, snapshotId: string | null, error: unknown, isEvidence: boolean): DrillProof {
  const { code, message } = errorFacts(error);
  return { outcome: isEvidence ? 'failed' : 'postponed', level, snapshotId, message, code, rows: null };
}

/** Where a job's drills bring back from: its destinations; a store's remote, or the repository itself where it is not pushed. */
export function drillPlaces(job: Job): readonly string[] {
  if (!isGitJob(job)) return job.destinations;
  return [job.source.push ? job.source.remote : job.source.path];
}

/** When a job was last proven restorable everywhere: the oldest of the last proofs of its places; `null` where one has none. */
export function lastProvenMs(job: Job, drills: readonly Drill[]): number | null {
  const proven = drillPlaces(job).map((place) => weighDrills(place, drills).lastProvenMs);
  const known = proven.filter((atMs) => atMs !== null);
  return known.length < proven.length ? null : Math.min(...known);
}

/** What the drills of one place say together. */
export interface DrillEvidence {
  readonly place: string;
  /** The last drill that proved something, for good or bad. */
  readonly last: Drill | null;
  readonly lastProvenMs: number | null;
  /** Why the last attempt had to be postponed; `null` where it had not. */
  readonly postponed: string | null;
}

/** What the drills of a place say, given newest first. Pure. */
export function weighDrills(place: string, drills: readonly Drill[]): DrillEvidence {
  const here = drills.filter((drill) => drill.place === place);
  const [newest] = here;
  return {
    place,
    last: here.find(({ outcome }) => outcome !== 'postponed') ?? null,
    lastProvenMs: here.find(({ outcome }) => outcome === 'proven')?.endedAtMs ?? null,
    postponed: newest?.outcome === 'postponed' ? newest.message : null,
  };
}

/**
 * Since when a place has not been proven: since its last proof, or where there never was one, since the first attempt of those given that
 * had to be put off; `null` where there is neither. Pure.
 */
export function unprovenSinceMs(place: string, drills: readonly Drill[]): number | null {
  const postponed = drills.filter((drill) => drill.place === place && drill.outcome === 'postponed');
  const proven = weighDrills(place, drills).lastProvenMs;
  return proven ?? (postponed.length === 0 ? null : Math.min(...postponed.map(({ startedAtMs }) => startedAtMs)));
}

/** Drills without those of each place that a clock that was ahead has dated, unless it has no other. Pure. */
export function drillsUnlessAhead(drills: readonly Drill[], nowMs: number): Drill[] {
  const places = Map.groupBy(drills, ({ place }) => place);
  const kept = new Set([...places.values()].flatMap((here) => unlessAhead(here, ({ startedAtMs }) => startedAtMs, nowMs)));
  return drills.filter((drill) => kept.has(drill));
}

/**
 * True where a job has to prove itself again, now that a run has succeeded: it never has; a Sunday (for `monthly` the first one of a
 * month) has begun in the job's zone since the last drill; or the last one failed or was postponed, on an earlier day. One that
 * was dated by a clock that was ahead says nothing of that. Pure.
 */
export function isDrillDue(
  job: { readonly drill: DrillRhythm; readonly schedule: { readonly zone: string } },
  lastDrill: Pick<Drill, 'startedAtMs' | 'outcome'> | null,
  nowMs: number,
): boolean {
  if (job.drill === 'off') return false;
  if (lastDrill === null || isDatedAhead(lastDrill.startedAtMs, nowMs)) return true;
  const { zone } = job.schedule;
  const today = localTime(nowMs, zone).day;
  const lastDay = localTime(lastDrill.startedAtMs, zone).day;
  if (lastDrill.outcome !== 'proven') return lastDay < today;
  return lastDay < lastDrillDay(today, job.drill);
}

/** The last Sunday up to this day; for `monthly` the last one that was the first of its month. */
function lastDrillDay(today: string, rhythm: Exclude<DrillRhythm, 'off'>): string {
  for (let back = 0; ; back++) {
    const date = new Date(Date.parse(`${today}T00:00:00Z`) - back * 86_400_000);
    if (date.getUTCDay() === 0 && (rhythm === 'weekly' || date.getUTCDate() <= 7)) return date.toISOString().slice(0, 10);
  }
}
