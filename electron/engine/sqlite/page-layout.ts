import { type TextEncoding, textEncodings } from '../../domain/source.ts';

/** What the header of a database says of its pages and of its text (SQLite file format, section 1.3). */
export interface PageLayout {
  readonly pageSize: number;
  readonly encoding: TextEncoding;
}

/** The bytes at the beginning of a database file that are its header. */
export const headerBytes = 100;

const magic = 'SQLite format 3\u0000';

/** Reads the header at the beginning of a database file; `null` for bytes that are none. */
export function readPageLayout(start: Buffer): PageLayout | null {
  if (start.length < headerBytes || start.toString('latin1', 0, magic.length) !== magic) return null;
  const stored = start.readUInt16BE(16);
  const pageSize = stored === 1 ? 65_536 : stored;
  const isPageSize = pageSize >= 512 && (pageSize & (pageSize - 1)) === 0;
  // Counted from 1; 0 where no table was made yet, which SQLite takes for the first.
  const encoding = textEncodings[Math.max(0, start.readUInt32BE(56) - 1)];
  return isPageSize && encoding !== undefined ? { pageSize, encoding } : null;
}
