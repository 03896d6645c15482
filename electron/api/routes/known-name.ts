import { jobNamed } from '../../engine/settings-store.ts';
import type { EngineView } from '../engine-host.ts';

/** A job's name as it is written where it is known: in the catalog, or else in the settings. Throws `job-unknown`. */
export function knownName({ catalog, settings }: EngineView, name: string): string {
  return catalog?.knownJob(name) ?? jobNamed(settings, name).name;
}
