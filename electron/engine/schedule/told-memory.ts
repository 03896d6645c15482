import { errorFacts } from '../../domain/errors.ts';
import type { Told } from '../../domain/notifications.ts';
import type { Engine } from '../engine.ts';

/** What was told of each job and is not over yet. */
export interface ToldMemory {
  of(job: string): readonly Told[];
  /** Keeps it in the catalog, or where that cannot be written, for as long as this lasts: it is told all the same. Never throws. */
  keep(job: string, told: readonly Told[]): void;
}

/** What was told, as the catalog has it, and before that as it could not be written. */
export function openToldMemory(engine: Engine): ToldMemory {
  const unwritten = new Map<string, readonly Told[]>();
  const written = (job: string) => engine.catalog.evidence().told(job);
  return {
    of: (job) => unwritten.get(job) ?? written(job),
    keep: (job, told) => {
      try {
        if (JSON.stringify(told) !== JSON.stringify(written(job))) engine.catalog.evidence().setTold(job, told, engine.ports.clock.now());
        unwritten.delete(job);
      } catch (error) {
        if (!unwritten.has(job)) engine.log.error(`what was told could not be kept: ${errorFacts(error).message}`, { job });
        unwritten.set(job, told);
      }
    },
  };
}
