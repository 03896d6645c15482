import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { startPageDigests } from '../../electron/engine/pipeline/page-digests.ts';
import { openDelta } from '../../electron/engine/sqlite/delta-reader.ts';
import type { DeltaBase } from '../../electron/engine/sqlite/worker-protocol.ts';

/** What the object is called that a delta of the tests has as its base; the recipe for people calls it so, too. */
export const baseObject = '2026-11-01.db.gz';

/** Describes a database file as the base of deltas, and writes the digests of its pages beside it. */
export function describeBase(path: string): DeltaBase {
  const bytes = readFileSync(path);
  const digester = startPageDigests();
  digester.update(bytes);
  const pages = digester.finish();
  if (pages === null) throw new Error(`${path} has no whole pages`);
  const { pageSize, encoding, digests } = pages;
  writeFileSync(`${path}.pages`, digests);
  return {
    name: baseObject,
    rawSha256: sha256(bytes),
    pageSize,
    encoding,
    pages: { path: `${path}.pages`, sha256: sha256(digests) },
  };
}

/** Lays a delta over its base as a restore does: block by block, and then what lies beyond the base. */
export function layOver(basePath: string, deltaPath: string, pagesInBlock: number): Buffer {
  const delta = openDelta(deltaPath, deltaPath);
  try {
    const { pageSize, pageCount } = delta.meta;
    const restored = Buffer.alloc(pageCount * pageSize);
    readFileSync(basePath).copy(restored);
    for (let first = 1; first <= pageCount; first += pagesInBlock) {
      for (const { pgno, data } of delta.pagesBetween(first, first + pagesInBlock - 1)) data.copy(restored, (pgno - 1) * pageSize);
    }
    return restored;
  } finally {
    delta.close();
  }
}

/** The numbers of the pages of a copy that differ from the base's, or lie beyond its end. */
export function changedPagesOf(base: Buffer, copy: Buffer, pageSize: number): number[] {
  const pageAt = (bytes: Buffer, pgno: number) => bytes.subarray((pgno - 1) * pageSize, pgno * pageSize);
  return Array.from({ length: copy.length / pageSize }, (_, index) => index + 1).filter(
    (pgno) => !pageAt(copy, pgno).equals(pageAt(base, pgno)),
  );
}

/** SHA-256 in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
