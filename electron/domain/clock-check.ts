import { formatDuration } from './units.ts';
import { isZone } from './zoned-time.ts';

/** What a clock is judged by. */
export interface ClockFacts {
  readonly nowMs: number;
  /** The zone that the machine is set to. */
  readonly zone: string | undefined;
  /** The zones of the jobs. */
  readonly jobZones: readonly string[];
  /** When something was last recorded; `null` where nothing was. */
  readonly lastRecordedMs: number | null;
}

/** Clocks of one machine differ by this much over a correction, and nobody minds. */
const toleranceMs = 5 * 60_000;

/** What is wrong with the clock, one sentence for each; schedules and ages are counted with it. */
export function clockProblems({ nowMs, zone, jobZones, lastRecordedMs }: ClockFacts): string[] {
  const problems: string[] = [];
  if (zone === undefined || !isZone(zone)) problems.push(`the time zone of this machine (${zone ?? 'none'}) is not known`);
  for (const name of new Set(jobZones)) if (!isZone(name)) problems.push(`the time zone "${name}" of a job is not known`);
  if (lastRecordedMs !== null && lastRecordedMs - nowMs > toleranceMs) {
    const ahead = formatDuration(lastRecordedMs - nowMs);
    problems.push(`the clock was set back: the last run is recorded ${ahead} from now`);
  }
  return problems;
}
