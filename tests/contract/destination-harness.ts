import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content, Destination, GetOptions } from '../../electron/engine/destinations/destination.ts';
import { type Digests, type Fingerprint, startDigests, startFingerprint } from '../../electron/engine/pipeline/digest.ts';

/** A destination that was just set up and is empty, with what a test has to do behind its back. */
export interface DestinationHarness {
  readonly destination: Destination;
  /** Where files are staged; the system's folder for temporary files by default. */
  readonly stagingParent?: string;
  /** Takes the place away, as by unplugging the disk or revoking the access. */
  makeAbsent(): Promise<void>;
  /** Puts a file of somebody else at `JOB/FILE` or at the top. */
  addForeignFile(name: string): Promise<void>;
  /** True while a foreign file is still there. */
  hasForeignFile(name: string): Promise<boolean>;
  /** Leaves behind what a put of this job leaves that died `ageMs` ago; missing where a dead put leaves nothing. */
  addStalePart?(job: string, ageMs: number): Promise<void>;
  cleanup(): Promise<void>;
}

export function digestsOf(bytes: Uint8Array): Digests {
  const digester = startDigests();
  digester.update(bytes);
  return digester.finish();
}

export function fingerprintOf(bytes: Uint8Array): Fingerprint {
  const digester = startFingerprint();
  digester.update(bytes);
  return digester.finish();
}

/** A finished file in a folder, as a run stages it. */
export async function stageFile(folder: string, bytes: Uint8Array): Promise<Content & { readonly kind: 'file' }> {
  const path = join(folder, `staged-${randomBytes(6).toString('hex')}`);
  await writeFile(path, bytes, { mode: 0o600 });
  return { kind: 'file', path, digests: digestsOf(bytes) };
}

export async function readObject(destination: Destination, object: string, options?: GetOptions): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of destination.get(object, options)) blocks.push(block);
  return Buffer.concat(blocks);
}

/** Every call that a destination takes, for what must hold of all of them. */
export function everyCall(destination: Destination, object: string, staged: Content): [string, () => Promise<unknown>][] {
  return [
    ['check', () => destination.check()],
    ['put of a file', () => destination.put(object, staged)],
    ['put of a text', () => destination.put(object, { kind: 'text', text: 'new' })],
    ['put that replaces', () => destination.put(object, staged, { replace: true })],
    ['get', () => readObject(destination, object)],
    ['stat', () => destination.stat(object)],
    ['digest', () => destination.digest(object)],
    ['list', () => destination.list()],
    ['list of a job', () => destination.list('notes')],
    ['trash', () => destination.trash(object, 0)],
    ['emptyTrash', () => destination.emptyTrash(0)],
    ['sweep', () => destination.sweep(0)],
    ['freeSpace', () => destination.freeSpace()],
    ['volume', () => destination.volume()],
  ];
}
