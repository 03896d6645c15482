import { errorFacts } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { isSqliteJob, type SqliteJob } from '../../domain/model.ts';
import type { SentPending } from '../../domain/outcomes.ts';
import type { Delivery } from '../catalog/rows.ts';
import type { Destination } from '../destinations/destination.ts';
import { manifestPath, objectPath, readManifest } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import { commit, sendTo } from './deliver.ts';
import { outboxPath, releaseParcel } from './outbox.ts';
import { lossWarning, recordTaken } from './record-snapshot.ts';
import { asRun } from './run.ts';
import type { Steps } from './steps.ts';

/**
 * Goes on with uploads that a crash, a sleep or an absent network cut short, of one job or of all, each as a run of its own. No snapshot
 * is taken. One that cannot be gone on with now stays for the next time; one that never can is dropped, with its reason.
 */
export async function sendPending(engine: Engine, jobName: string | undefined, signal?: AbortSignal): Promise<SentPending[]> {
  const outcomes: SentPending[] = [];
  for (const delivery of engine.catalog.deliveries(jobName)) {
    const { destination, manifest } = delivery;
    const job = engine.settings.current.jobs
      .filter(isSqliteJob)
      .find(({ destinations, name }) => name === manifest.job && destinations.includes(destination));
    if (job) {
      const error = await sendOne(engine, job, delivery, signal);
      const { name: objectName } = manifest.object;
      outcomes.push({ job: job.name, destination, snapshotId: manifest.id, objectName, ...(error ? { error } : {}) });
    } else {
      engine.catalog.removeDelivery(manifest.id, destination);
    }
    await releaseParcel(engine, manifest);
    signal?.throwIfAborted();
  }
  return outcomes;
}

async function sendOne(engine: Engine, job: SqliteJob, { destination: name, manifest: packed }: Delivery, signal?: AbortSignal) {
  // Another destination may have it already, and a person may have pinned it there.
  const manifest = engine.catalog.snapshot(packed.id)?.manifest ?? packed;
  try {
    const destination = engine.destination(name, signal, job);
    // A place that is away does not make a failed run each time.
    await destination.check(signal);
    await asRun(engine, job, 'retry', signal, async (steps) => {
      if (!(await isThere(engine, destination, manifest, steps)))
        await sendTo(engine, destination, { manifest, path: outboxPath(engine, manifest) }, steps);
      await steps.complete('record', 'Recording the snapshot', async () => {
        const verified = { level: 'quick', atMs: engine.ports.clock.now() } as const;
        const losses = recordTaken(engine, manifest, [{ destination: name, verified }], { runId: steps.runId });
        if (losses.length > 0) steps.warn(lossWarning(job.name, losses));
        engine.catalog.removeDelivery(manifest.id, name);
      });
    });
    return undefined;
  } catch (error) {
    return errorFacts(error);
  }
}

/** True where a former attempt got as far as the whole object, or to its manifest: then only what is missing behind it is done. */
async function isThere(engine: Engine, destination: Destination, manifest: Manifest, steps: Steps): Promise<boolean> {
  const standing = await unlessGone(() => readManifest(destination, manifestPath(manifest), steps.signal));
  if (standing !== null) return standing.id === manifest.id;
  const isWhole = await unlessGone(() => commit(engine, destination, manifest, steps));
  // What stands there with other bytes makes room for the right ones.
  if (isWhole === false) await destination.remove(objectPath(manifest));
  return isWhole ?? false;
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (errorFacts(error).code === 'object-missing') return null;
    throw error;
  }
}
