import type { Volume } from '../../domain/disk-guard.ts';
import type { DestinationConfig } from '../../domain/model.ts';
import type { Digests, Fingerprint } from '../pipeline/digest.ts';

/** An object as the destination lists it. */
export interface StoredObject {
  /** `JOB/NAME`, with `/` on every platform. */
  readonly name: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
}

/** What is to be stored: a finished file, whose digests are known, or a small text. */
export type Content =
  | { readonly kind: 'file'; readonly path: string; readonly digests: Digests }
  | { readonly kind: 'text'; readonly text: string };

export interface PutOptions {
  readonly signal?: AbortSignal | undefined;
  /** Replace an object of this name. Without it, a name that is taken is an error. */
  readonly replace?: boolean;
  readonly onBytes?: ((doneBytes: number) => void) | undefined;
}

export interface GetOptions {
  readonly signal?: AbortSignal | undefined;
  /** The first byte wanted; 0 by default. */
  readonly offset?: number;
  /** How many bytes are wanted at most; to the end by default. */
  readonly length?: number;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((doneBytes: number) => void) | undefined;
}

/** Room at a destination; `null` where it has no bound that it tells. */
export interface FreeSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Space that expired snapshots still take. */
  readonly trashBytes?: number;
}

/**
 * A place that keeps objects. Names are `JOB/FILE`; no part begins with a dot.
 *
 * Every implementation guarantees, and `tests/contract/destination.contract.ts` proves:
 * - **Whole or not at all.** A name that `stat`, `get` or `list` shows holds all the bytes of one `put`; a put that failed, was
 *   cancelled or died leaves nothing under the name (with `replace`, the former bytes).
 * - **Durable.** When `put` resolves, the object survives a power cut at the destination.
 * - **Never over another.** Without `replace`, a taken name is refused with `object-exists`, and the object there stays as it is.
 * - **Read your writes.** After `put`, `stat`, `get` and `digest` by that name see it. `list` may be late; nothing is ever
 *   deleted or called missing on a listing alone.
 * - **Absent is not empty.** Where the place cannot be reached, or is not the one that was set up, every call throws
 *   `destination-absent` or `destination-foreign`, and nothing is created.
 *
 * Errors: `destination-absent`, `destination-foreign`, `destination-refused` (permissions, read-only), `disk-full`,
 * `object-exists`, `object-missing`, the signal's reason.
 */
export interface Destination {
  readonly kind: DestinationConfig['kind'];
  /** The name it has in the settings, for sentences. */
  readonly name: string;
  /** Resolves when the place is there and is the one that was set up. */
  check(signal?: AbortSignal): Promise<void>;
  put(name: string, content: Content, options?: PutOptions): Promise<void>;
  /** The bytes of an object from `offset` on. Throws `object-missing`. */
  get(name: string, options?: GetOptions): AsyncIterable<Buffer>;
  /** `null` where there is no such object. */
  stat(name: string, signal?: AbortSignal): Promise<StoredObject | null>;
  /**
   * What the bytes are as the destination holds them now: read back, or computed by its provider, who may tell the MD5 as well. Throws
   * `object-missing`.
   */
  digest(name: string, options?: ReadOptions): Promise<Fingerprint & { readonly md5?: string }>;
  /** The objects of one job, or of all, in no order. */
  list(job?: string, signal?: AbortSignal): Promise<StoredObject[]>;
  /** Deletes an object for good; a missing object is no error. */
  remove(name: string): Promise<void>;
  /** Takes an object out of sight, to be found again in the destination's trash for a while; a missing object is no error. */
  trash(name: string, nowMs: number): Promise<void>;
  /** Removes for good what was put into the trash before an instant; resolves to the names. */
  emptyTrash(beforeMs: number): Promise<string[]>;
  /** Deletes the parts of puts that died before an instant; resolves to their names. Never a file that is not ours. */
  sweep(beforeMs: number): Promise<string[]>;
  freeSpace(): Promise<FreeSpace | null>;
  /** The local file system that it writes to, for the disk guard; `null` for a remote place. */
  volume(): Promise<Volume | null>;
}
