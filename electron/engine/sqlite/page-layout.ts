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
  // As SQLite takes it: counted from 1, in two bits; 0, where no table was made yet, is UTF-8.
  const encoding = textEncodings[(start.readUInt32BE(56) & 3) - 1] ?? 'UTF-8';
  return isPageSize ? { pageSize, encoding } : null;
}
