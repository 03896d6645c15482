import { hash } from 'node:crypto';
import { headerBytes, type PageLayout, readPageLayout } from '../sqlite/page-layout.ts';

/**
 * What stands for one page: the first half of its SHA-256. Two pages that differ have the same with a chance of 2^-128; a page that was
 * taken for unchanged so would still be found by the SHA-256 of the whole database.
 */
export const pageDigestBytes = 16;

/** A database's pages, each by its digest. */
export interface PageDigests extends PageLayout {
  readonly pageCount: number;
  /** The digests in the order of the pages, and nothing else: also what the file of them holds. */
  readonly digests: Buffer;
}

/** Digests the pages of a database that goes by; `finish` may be called once. */
export interface PageDigester {
  /** Takes the next bytes, however many; they may change after the call. */
  update(block: Uint8Array): void;
  /** `null` where the bytes were no database, or no whole number of pages: nothing can then be told by its pages. */
  finish(): PageDigests | null;
}

/** The digest of a page. */
export function digestPage(page: Uint8Array): Buffer {
  return hash('sha256', page, 'buffer').subarray(0, pageDigestBytes);
}

/**
 * Digests a database's bytes page by page; `onPage` is called for each page in order, and may keep neither the page nor the digest. Where
 * it is told how many bytes will come, it takes just the memory that it needs: 16 bytes a page.
 */
export function startPageDigests(onPage: (pgno: number, page: Buffer, digest: Buffer) => void = () => {}, expectedBytes = 0): PageDigester {
  let digests = Buffer.alloc(0);
  let pageCount = 0;
  /** `undefined` until the header is there, `null` where there is none. */
  let layout: PageLayout | null | undefined;
  /** The part of a page, or of the header, that has come so far. */
  let part = Buffer.alloc(0);

  const take = (page: Buffer) => {
    const offset = pageCount * pageDigestBytes;
    if (offset === digests.length) digests = Buffer.concat([digests], Math.max(roomFor(expectedBytes / page.length), 2 * offset));
    const digest = digestPage(page);
    digests.set(digest, offset);
    pageCount++;
    onPage(pageCount, page, digest);
  };

  const roomFor = (pages: number) => pageDigestBytes * Math.max(4096, Math.ceil(pages));

  return {
    update: (block) => {
      const bytes = part.length === 0 ? Buffer.from(block.buffer, block.byteOffset, block.length) : Buffer.concat([part, block]);
      if (layout === undefined && bytes.length >= headerBytes) layout = readPageLayout(bytes);
      if (layout === null) return;
      const pageSize = layout?.pageSize ?? Number.POSITIVE_INFINITY;
      let offset = 0;
      for (; offset + pageSize <= bytes.length; offset += pageSize) take(bytes.subarray(offset, offset + pageSize));
      part = Buffer.from(bytes.subarray(offset));
    },
    finish: () => {
      if (!layout || pageCount === 0 || part.length > 0) return null;
      return { ...layout, pageCount, digests: digests.subarray(0, pageCount * pageDigestBytes) };
    },
  };
}
