import { nameForSource } from '../../../electron/domain/found-sources.ts';
import { client } from '../../client.ts';
import { zone } from '../../clock.ts';
import { type FoundSource, planFirstRun } from './first-run-plan.ts';

/**
 * Sets up what a person has chosen and asks for the first runs; resolves to the names of the jobs. It can be called again after a failure:
 * what was set up before is not set up twice.
 */
export async function makeFirstRun(sources: readonly FoundSource[], folder: string): Promise<readonly string[]> {
  const plan = planFirstRun(sources, folder, await client.settings.get(), zone, nameForSource);
  if (plan.destination !== null) await client.destinations.addFolder({ ...plan.destination, make: true });
  for (const job of plan.jobs) await client.jobs.add({ job });
  for (const job of plan.runs) await client.jobs.trigger({ job });
  return plan.runs;
}
