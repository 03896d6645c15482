import { errorFacts } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { withinLimit } from '../platform/within-limit.ts';

const askWithinMs = 15_000;

interface Space {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/**
 * Notes the free space that a run has left, where snapshots are staged and at each destination, for the forecast. What cannot be asked is
 * a line in the log: a run never fails by it.
 */
export async function noteSpace(engine: Engine, job: SqliteJob, signal?: AbortSignal): Promise<void> {
  const { clock, disk } = engine.ports;
  const note = async (place: string, ask: (stop: AbortSignal) => Promise<Space | null>) => {
    try {
      const space = await withinLimit(clock, askWithinMs, signal, ask);
      if (space !== null) engine.catalog.evidence().addSpaceSample(place, { atMs: clock.now(), ...space });
    } catch (error) {
      engine.log.info(`free space is not known: ${errorFacts(error).message}`, { job: job.name, place });
    }
  };
  await note('', () => disk.of(engine.home.stagingFolder));
  for (const name of job.destinations) await note(name, async (stop) => engine.destination(name, stop).freeSpace());
}
