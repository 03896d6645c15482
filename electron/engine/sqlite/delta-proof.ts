import { BackupError } from '../../domain/errors.ts';
import { digestPage, type PageDigests, pageDigestBytes } from '../pipeline/page-digests.ts';
import { type DeltaPage, openDelta } from './delta-reader.ts';

/** How much of the database is looked at in one go. */
const rangeBytes = 4 * 1024 * 1024;

/**
 * Proves by reading it back that a finished delta file gives the copy: every page in it has the digest of the copy's page, every other page
 * of the copy has the base's digest, and the number and size of the pages are the copy's. Throws `digest-mismatch`, naming the first page
 * that is wrong.
 */
export function proveDelta(path: string, copy: PageDigests, base: Buffer, changedPages: number): void {
  const shownAs = 'that was just made';
  const delta = openDelta(path, shownAs);
  try {
    const { pageSize, pageCount } = delta.meta;
    if (pageSize !== copy.pageSize || pageCount !== copy.pageCount) throw unproven(`it says ${pageCount} pages of ${pageSize} bytes`);
    let found = 0;
    const step = rangeBytes / pageSize;
    for (let first = 1; first <= pageCount; first += step) {
      const last = Math.min(first + step - 1, pageCount);
      // From and to the ends of all numbers, so that no page is left over before the first or after the last.
      const pages = delta.pagesBetween(first === 1 ? Number.MIN_SAFE_INTEGER : first, last === pageCount ? Number.MAX_SAFE_INTEGER : last);
      proveRange(copy.digests, base, first, last, pages);
      found += pages.length;
    }
    if (found !== changedPages) throw unproven(`it has ${found} pages instead of ${changedPages}`);
  } finally {
    delta.close();
  }
}

function proveRange(copy: Buffer, base: Buffer, first: number, last: number, pages: readonly DeltaPage[]): void {
  let next = first;
  for (const { pgno, data } of pages) {
    proveUnchanged(copy, base, next, pgno);
    if (digestPage(data).compare(copy, ...digestRange(pgno, pgno + 1)) !== 0) throw unproven(`page ${pgno} is another one`);
    next = pgno + 1;
  }
  proveUnchanged(copy, base, next, last + 1);
}

/** The pages from `first` up to `end`, which itself is not meant, are the base's. */
function proveUnchanged(copy: Buffer, base: Buffer, first: number, end: number): void {
  if (first === end) return;
  const range = digestRange(first, end);
  if (range[1] <= base.length && copy.compare(base, ...range, ...range) === 0) return;
  throw unproven(first === end - 1 ? `page ${first} is missing` : `one of the pages ${first} to ${end - 1} is missing`);
}

function digestRange(first: number, end: number): [startByte: number, endByte: number] {
  return [(first - 1) * pageDigestBytes, (end - 1) * pageDigestBytes];
}

function unproven(what: string): BackupError {
  return new BackupError('digest-mismatch', `the delta that was just made does not give the copy: ${what}`, {
    hint: 'check the disk of the data folder; the next run tries again',
    retryable: true,
  });
}
