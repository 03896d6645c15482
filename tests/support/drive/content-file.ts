import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { StoredContent } from '../drive-server.ts';

const algorithms = ['md5', 'sha1', 'sha256'] as const;
const readAtOnceBytes = 4 * 1024 * 1024;

/**
 * A file that grows, with the checksums of what is in it. It opens with what an earlier process left there. Everything is synchronous, so
 * that nobody ever sees half of a step; the bytes of a test go to the page cache.
 */
export class ContentFile {
  readonly path: string;
  readonly #fd: number;
  #size: number;
  #hashes: Hash[] | null;

  constructor(path: string) {
    this.path = path;
    // Not "a+": a file that is opened for appending cannot have a byte of it changed.
    this.#fd = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
    this.#size = fstatSync(this.#fd).size;
    this.#hashes = this.#size === 0 ? startHashes() : null;
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Uint8Array): void {
    const hashes = this.#currentHashes();
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#size + done);
    for (const hash of hashes) hash.update(bytes);
    this.#size += bytes.length;
  }

  /** What `restore` needs to forget everything that is appended from here on. */
  mark(): { readonly size: number; readonly hashes: Hash[] } {
    return { size: this.#size, hashes: this.#currentHashes().map((hash) => hash.copy()) };
  }

  restore(mark: { readonly size: number; readonly hashes: Hash[] }): void {
    ftruncateSync(this.#fd, mark.size);
    this.#size = mark.size;
    this.#hashes = mark.hashes;
  }

  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
    this.#size = size;
    this.#hashes = size === 0 ? startHashes() : null;
  }

  /** Changes one bit in the middle, behind the back of whoever sent it. */
  flipByte(): void {
    if (this.#size === 0) return;
    const at = Math.floor(this.#size / 2);
    const byte = Buffer.alloc(1);
    readSync(this.#fd, byte, 0, 1, at);
    writeSync(this.#fd, Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, at);
    this.#hashes = null;
  }

  /** Closes it and makes it the content of a file. */
  finish(folder: (name: string) => string, name: string): StoredContent {
    const [md5 = '', sha1 = '', sha256 = ''] = this.#currentHashes().map((hash) => hash.digest('hex'));
    closeSync(this.#fd);
    renameSync(this.path, folder(name));
    return { file: name, size: this.#size, md5, sha1, sha256 };
  }

  close(): void {
    closeSync(this.#fd);
  }

  discard(): void {
    closeSync(this.#fd);
    rmSync(this.path, { force: true });
  }

  /** Only after a restart or a flipped byte there is something to read again. */
  #currentHashes(): Hash[] {
    if (this.#hashes) return this.#hashes;
    const hashes = startHashes();
    const block = Buffer.allocUnsafe(readAtOnceBytes);
    for (let at = 0; at < this.#size; ) {
      const count = readSync(this.#fd, block, 0, Math.min(block.length, this.#size - at), at);
      for (const hash of hashes) hash.update(block.subarray(0, count));
      at += count;
    }
    this.#hashes = hashes;
    return hashes;
  }
}

function startHashes(): Hash[] {
  return algorithms.map((algorithm) => createHash(algorithm));
}
