import { encodeManifest, type Manifest, parseManifest } from '../../domain/manifest.ts';
import { formatObjectName, parseObjectName, type SnapshotStamp } from '../../domain/object-name.ts';
import type { Destination } from './destination.ts';

/** The name of a snapshot's object at every destination: `JOB/YYYY-MM-DD.db.gz`, `.db.zst` or `.delta.gz`. */
export function objectPath(manifest: Manifest): string {
  return `${manifest.job}/${manifest.object.name}`;
}

/** The name of the manifest that belongs to a snapshot's object. */
export function manifestPath(manifest: Manifest): string {
  return `${manifest.job}/${formatObjectName(stampOf(manifest), 'manifest')}`;
}

/** The name of the page digests that lie beside a full. */
export function pagesPath(manifest: Manifest): string {
  return `${manifest.job}/${formatObjectName(stampOf(manifest), 'pages')}`;
}

/** Every object of a snapshot, its manifest, the mark of its existence, first. */
export function objectsOf(manifest: Manifest): string[] {
  return [manifestPath(manifest), objectPath(manifest), ...(manifest.pages ? [pagesPath(manifest)] : [])];
}

/** The name of the manifest that an object belongs to, by the object's own name `JOB/NAME`. */
export function manifestBeside(name: string): string {
  const [job = '', file = ''] = name.split('/');
  const parsed = parseObjectName(file);
  if (!parsed) throw new TypeError(`${name} is not the name of an object`);
  return `${job}/${formatObjectName(parsed.stamp, 'manifest')}`;
}

/** The day, and for a repeat the time, in a manifest's object name. */
export function stampOf(manifest: Manifest): SnapshotStamp {
  const parsed = parseObjectName(manifest.object.name);
  if (!parsed) throw new TypeError(`${manifest.object.name} passed the manifest's schema`);
  return parsed.stamp;
}

/** Stores a manifest: from then on the snapshot exists at the destination. With `replace`, changes it, as for a pin. */
export async function putManifest(
  destination: Destination,
  manifest: Manifest,
  options: { replace?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  await destination.put(manifestPath(manifest), { kind: 'text', text: encodeManifest(manifest) }, options);
}

/** Reads one manifest. Throws `object-missing` or `manifest-invalid`. */
export async function readManifest(destination: Destination, name: string, signal?: AbortSignal): Promise<Manifest> {
  const blocks: Buffer[] = [];
  for await (const block of destination.get(name, signal ? { signal } : {})) blocks.push(block);
  return parseManifest(Buffer.concat(blocks).toString('utf8'), name);
}

/** Reads every manifest of one job or of all; what cannot be read is told to `onInvalid`, never thrown. */
export async function readManifests(
  destination: Destination,
  job: string | undefined,
  onInvalid: (error: unknown) => void,
): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (const { name } of await destination.list(job)) {
    if (parseObjectName(name.slice(name.indexOf('/') + 1))?.kind !== 'manifest') continue;
    try {
      manifests.push(await readManifest(destination, name));
    } catch (error) {
      onInvalid(error);
    }
  }
  return manifests;
}
