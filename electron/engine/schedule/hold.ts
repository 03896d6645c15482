import { holdByPower } from '../../domain/job-rules.ts';
import type { WaitingSlot } from '../../domain/ledger.ts';
import { isGitJob, type Job } from '../../domain/model.ts';
import { googleRoot } from '../destinations/drive/calls.ts';
import type { Engine } from '../engine.ts';

/** A missed run waits so long for the network; then it does what it can, such as the copy on a disk here. */
const networkPatienceMs = 30 * 60_000;

/** Why a slot that is ready may not start now, by the job's rules and what the machine has; `null` where it may. */
export async function findHold(engine: Engine, job: Job, slot: WaitingSlot, nowMs: number, signal: AbortSignal): Promise<string | null> {
  const hold = await findPowerHold(engine, job);
  if (hold !== null) return hold;
  if (slot.trigger === 'schedule' || nowMs - slot.notBeforeMs >= networkPatienceMs) return null;
  const reached = await Promise.all(remotesOf(engine, job).map((url) => engine.ports.reaches(url, signal)));
  return reached.includes(false) ? 'it waits for the network' : null;
}

/** Why nothing of a job may start by itself now, by what its rules say of power; `null` where it may. */
export async function findPowerHold(engine: Engine, { rules }: Job): Promise<string | null> {
  if (!rules.onlyOnMains && rules.minBatteryPercent === 0) return null;
  return holdByPower(rules, await engine.ports.power());
}

/** Where a job sends its snapshots over the network. A git store's remote is asked by its own run. */
function remotesOf(engine: Engine, job: Job): string[] {
  if (isGitJob(job)) return [];
  const used = engine.settings.current.destinations.filter(({ name }) => job.destinations.includes(name));
  return used.flatMap((config) => (config.kind === 'drive' ? (config.apiRoot ?? googleRoot) : []));
}
