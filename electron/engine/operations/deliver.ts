import { BackupError, errorFacts, inStep } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { MissedDestination } from '../../domain/outcomes.ts';
import { recipeFileName, restoreRecipe } from '../../domain/restore-recipe.ts';
import type { Destination } from '../destinations/destination.ts';
import { manifestPath, objectPath, objectsOf, pagesPath, putManifest } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import { localPagesPath } from './base.ts';
import { guardQuota } from './guard.ts';
import { canContinue, keepForLater, type Parcel, releaseParcel } from './outbox.ts';
import type { Prepared } from './prepare.ts';
import type { StepReport, Steps } from './steps.ts';

export interface Delivered {
  readonly copies: readonly { readonly destination: string; readonly verified: { readonly level: 'quick'; readonly atMs: number } }[];
  /** The destinations that now hold a proven copy. */
  readonly destinations: readonly Destination[];
  readonly failed: readonly MissedDestination[];
}

/**
 * Sends a packed snapshot to every destination and proves it there. One that fails does not keep the others from their copy;
 * throws only where none of them got one.
 */
export async function deliver(engine: Engine, packed: Parcel, prepared: Prepared, steps: Steps): Promise<Delivered> {
  try {
    const parcel = await keepForLater(engine, packed, prepared.destinations);
    return await sendEverywhere(engine, parcel, prepared, steps);
  } finally {
    await releaseParcel(engine, packed.manifest);
  }
}

async function sendEverywhere(engine: Engine, parcel: Parcel, prepared: Prepared, steps: Steps): Promise<Delivered> {
  const copies: Delivered['copies'][number][] = [];
  const destinations: Destination[] = [];
  const failed = [...prepared.unreachable];
  let firstError: unknown;
  for (const destination of prepared.destinations) {
    try {
      await sendTo(engine, destination, parcel, steps);
      engine.catalog.removeDelivery(parcel.manifest.id, destination.name);
      copies.push({ destination: destination.name, verified: { level: 'quick', atMs: engine.ports.clock.now() } });
      destinations.push(destination);
    } catch (error) {
      if (steps.signal.aborted) throw error;
      firstError ??= error;
      failed.push({ destination: destination.name, message: errorFacts(error).message });
      if (prepared.destinations.length + prepared.unreachable.length > 1) steps.warn(errorFacts(error).message);
    }
  }
  if (destinations.length === 0) throw firstError;
  return { copies, destinations, failed };
}

/** Object, proof, manifest: in this order, so that a manifest never stands beside bytes that were not read back. */
export async function sendTo(engine: Engine, destination: Destination, parcel: Parcel, steps: Steps): Promise<void> {
  const { manifest } = parcel;
  const objectName = objectPath(manifest);
  const { name } = destination;
  for (const stored of objectsOf(manifest).slice(1)) {
    engine.catalog.addIntent({ runId: steps.runId, destination: name, objectName: stored, createdAtMs: engine.ports.clock.now() });
  }
  for (const attempt of ['first', 'last'] as const) {
    try {
      await steps.take('send', `Sending to ${name}`, (report) => send(destination, parcel, steps.signal, report));
      if (await commit(engine, destination, manifest, steps)) return;
    } catch (error) {
      // What failed first is thrown on; the sweep finds what cannot be taken back now.
      if (!goesOnLater(destination, error, steps.signal)) await giveUp(engine, destination, manifest, error).catch(() => {});
      throw error;
    }
    await destination.remove(objectName);
    if (attempt === 'first') steps.warn(`what ${name} gave back was not what was sent; it is sent once more`);
  }
  engine.catalog.removeDelivery(manifest.id, name);
  throw new BackupError('digest-mismatch', `${name} gave back other bytes than were sent, twice`, {
    hint: 'do not trust that disk: check it, or use another destination',
  });
}

/** Proves the object that is there and marks it as a snapshot; resolves to false where its bytes are others. */
export async function commit(engine: Engine, destination: Destination, manifest: Manifest, steps: Steps): Promise<boolean> {
  const label = `Reading back from ${destination.name}`;
  const proven = await steps.take('verify', label, (report) => prove(destination, manifest, steps.signal, report));
  if (!proven) return false;
  await storePages(engine, destination, manifest, steps);
  await putManifest(destination, manifest, { signal: steps.signal });
  await leaveRecipe(destination, manifest.job, steps);
  return true;
}

/** The page digests of a full, beside it, unless a former attempt got them there. They only save space: without them the next one is a full. */
async function storePages(engine: Engine, destination: Destination, manifest: Manifest, { signal, warn }: Steps): Promise<void> {
  const { pages } = manifest;
  if (pages === undefined) return;
  const name = pagesPath(manifest);
  try {
    if ((await destination.stat(name, signal)) !== null && (await destination.digest(name, { signal })).sha256 === pages.sha256) return;
    await destination.remove(name);
    await destination.put(name, { kind: 'file', path: localPagesPath(engine.home, manifest), digests: pages }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    warn(`${name} could not be stored at ${destination.name}: ${errorFacts(error).message}`);
  }
}

/** How to restore without Nightjar, once beside the snapshots of a job (issue 7). They are safe without it, too. */
async function leaveRecipe(destination: Destination, job: string, { signal, warn }: Steps): Promise<void> {
  const name = `${job}/${recipeFileName}`;
  try {
    if ((await destination.stat(name, signal)) === null) await destination.put(name, { kind: 'text', text: restoreRecipe }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    // Another machine's may be there under the same name.
    if (errorFacts(error).code !== 'destination-ambiguous')
      warn(`${name} could not be written at ${destination.name}: ${errorFacts(error).message}`);
  }
}

/** An upload that a stop, a passing trouble or an ended sign-in cut short is kept: later only what is missing is sent. */
function goesOnLater(destination: Destination, error: unknown, signal: AbortSignal): boolean {
  if (!canContinue(destination)) return false;
  const { code } = errorFacts(error);
  return signal.aborted || code === 'destination-busy' || code === 'destination-absent' || code.startsWith('sign-in-');
}

/** Takes an object of ours back that will not become a snapshot, unless its manifest stands already: then it is one, and the next run finds it. */
async function giveUp(engine: Engine, destination: Destination, manifest: Manifest, error: unknown): Promise<void> {
  // The object first: the disk of the catalog may be the one that is full.
  const isOurs = errorFacts(error).code !== 'object-exists' && (await destination.stat(manifestPath(manifest))) === null;
  if (isOurs) {
    for (const stored of objectsOf(manifest).slice(1)) {
      await destination.remove(stored);
      engine.catalog.removeIntent(destination.name, stored);
    }
  }
  engine.catalog.removeDelivery(manifest.id, destination.name);
}

async function send(destination: Destination, { manifest, path }: Parcel, signal: AbortSignal, report: StepReport): Promise<void> {
  const { object } = manifest;
  const totalBytes = object.bytes;
  report.fact('destination', destination.name);
  report.fact('bytes', totalBytes);
  try {
    await guardQuota(destination, totalBytes);
    const content = { kind: 'file', path, digests: object } as const;
    const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes });
    await destination.put(objectPath(manifest), content, { signal, onBytes });
  } catch (error) {
    throw signal.aborted ? error : inStep(`send to ${destination.name}`, error);
  }
}

async function prove(destination: Destination, manifest: Manifest, signal: AbortSignal, report: StepReport): Promise<boolean> {
  const { object } = manifest;
  report.fact('destination', destination.name);
  const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes: object.bytes });
  const found = await destination.digest(objectPath(manifest), { signal, onBytes });
  return found.bytes === object.bytes && found.sha256 === object.sha256 && (found.md5 ?? object.md5) === object.md5;
}
