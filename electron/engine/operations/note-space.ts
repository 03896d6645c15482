import { errorFacts } from '../../domain/errors.ts';
import type { SqliteJob } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';
import { withinLimit } from '../platform/within-limit.ts';

const askWithinMs = 15_000;

/**
 * Notes the free space that a run has left, where snapshots are staged and at each destination, for the forecast. What cannot be asked is
 * a line in the log: a run never fails by it.
 */
export async function noteSpace(engine: Engine, job: SqliteJob, signal?: AbortSignal): Promise<void> {
  const { clock, disk } = engine.ports;
  const note = async (place: string, ask: () => Promise<{ readonly freeBytes: number; readonly totalBytes: number } | null>) => {
    try {
      const space = await ask();
      if (space !== null) engine.catalog.evidence().addSpaceSample(place, { atMs: clock.now(), ...space });
    } catch (error) {
      engine.log.info(`free space is not known: ${errorFacts(error).message}`, { job: job.name, place });
    }
  };
  await note('', () => disk.of(engine.home.stagingFolder));
  for (const name of job.destinations) {
    await note(name, () => withinLimit(clock, askWithinMs, signal, (stop) => engine.destination(name, stop).freeSpace()));
  }
}
