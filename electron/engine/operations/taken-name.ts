import { BackupError } from '../../domain/errors.ts';
import { type DestinationConfig, type Job, placeOf, sameName } from '../../domain/model.ts';
import type { Engine } from '../engine.ts';

/** Throws `destination-exists` where one that is set up is `taken`. */
export function refuseTaken(engine: Engine, isTaken: (other: DestinationConfig) => boolean): void {
  const clash = engine.settings.current.destinations.find(isTaken);
  if (!clash) return;
  throw new BackupError('destination-exists', `${placeOf(clash)} is set up as the destination ${clash.name} already`, {
    hint: `use it, or remove it first: nightjar destination remove ${clash.name}`,
  });
}

/** Throws `job-exists` where there is a job of this name. */
export function refuseKnown(jobs: readonly Job[], name: string): void {
  const clash = jobs.find((job) => sameName(job.name, name));
  if (!clash) return;
  throw new BackupError('job-exists', `there is a job ${clash.name} already`, { hint: `change it with: nightjar job set ${clash.name}` });
}
