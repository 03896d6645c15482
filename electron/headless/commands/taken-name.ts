import { BackupError } from '../../domain/errors.ts';
import { type DestinationConfig, placeOf } from '../../domain/model.ts';
import type { Engine } from '../../engine/engine.ts';

/** Throws `destination-exists` where one that is set up is `taken`. */
export function refuseTaken(engine: Engine, isTaken: (other: DestinationConfig) => boolean): void {
  const clash = engine.settings.current.destinations.find(isTaken);
  if (!clash) return;
  throw new BackupError('destination-exists', `${placeOf(clash)} is set up as the destination ${clash.name} already`, {
    hint: `use it, or remove it first: nightjar destination remove ${clash.name}`,
  });
}
