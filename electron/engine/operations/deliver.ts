import { BackupError, errorFacts, inStep } from '../../domain/errors.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Destination } from '../destinations/destination.ts';
import { manifestPath, objectPath, putManifest } from '../destinations/manifests.ts';
import type { Engine } from '../engine.ts';
import type { Digests } from '../pipeline/digest.ts';
import type { Packed } from './pack.ts';
import type { MissedDestination, Prepared } from './prepare.ts';
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
export async function deliver(engine: Engine, manifest: Manifest, packed: Packed, prepared: Prepared, steps: Steps): Promise<Delivered> {
  const copies: Delivered['copies'][number][] = [];
  const destinations: Destination[] = [];
  const failed = [...prepared.unreachable];
  let firstError: unknown;
  for (const destination of prepared.destinations) {
    try {
      await sendTo(engine, destination, manifest, packed, steps);
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
async function sendTo(engine: Engine, destination: Destination, manifest: Manifest, packed: Packed, steps: Steps): Promise<void> {
  const objectName = objectPath(manifest);
  const { name } = destination;
  engine.catalog.addIntent({ runId: steps.runId, destination: name, objectName, createdAtMs: engine.ports.clock.now() });
  for (const attempt of ['first', 'last'] as const) {
    try {
      await steps.take('send', `Sending to ${name}`, (report) => send(destination, objectName, packed, steps.signal, report));
      const label = `Reading back from ${name}`;
      const proven = await steps.take('verify', label, (report) => prove(destination, objectName, packed.object, steps.signal, report));
      if (proven) return await putManifest(destination, manifest, { signal: steps.signal });
    } catch (error) {
      // What failed first is thrown on; the sweep finds what cannot be taken back now.
      if (errorFacts(error).code !== 'object-exists') await withdraw(engine, destination, manifest).catch(() => {});
      throw error;
    }
    await destination.remove(objectName);
    if (attempt === 'first') steps.warn(`what ${name} gave back was not what was sent; it is sent once more`);
  }
  throw new BackupError('digest-mismatch', `${name} gave back other bytes than were sent, twice`, {
    hint: 'do not trust that disk: check it, or use another destination',
  });
}

/** Takes an object of ours back that will not become a snapshot, unless its manifest stands already: then it is one, and the next run finds it. */
async function withdraw(engine: Engine, destination: Destination, manifest: Manifest): Promise<void> {
  if ((await destination.stat(manifestPath(manifest))) !== null) return;
  await destination.remove(objectPath(manifest));
  engine.catalog.removeIntent(destination.name, objectPath(manifest));
}

async function send(destination: Destination, objectName: string, packed: Packed, signal: AbortSignal, report: StepReport): Promise<void> {
  const totalBytes = packed.object.bytes;
  report.fact('destination', destination.name);
  report.fact('bytes', totalBytes);
  try {
    const content = { kind: 'file', path: packed.path, digests: packed.object } as const;
    await destination.put(objectName, content, { signal, onBytes: (doneBytes) => report.progress({ doneBytes, totalBytes }) });
  } catch (error) {
    throw signal.aborted ? error : inStep(`send to ${destination.name}`, error);
  }
}

async function prove(
  destination: Destination,
  objectName: string,
  expected: Digests,
  signal: AbortSignal,
  report: StepReport,
): Promise<boolean> {
  report.fact('destination', destination.name);
  const onBytes = (doneBytes: number) => report.progress({ doneBytes, totalBytes: expected.bytes });
  const found = await destination.digest(objectName, { signal, onBytes });
  return found.bytes === expected.bytes && found.sha256 === expected.sha256;
}
