import { refuseUpload } from './google-error.ts';
import type { HttpExchange } from './http-exchange.ts';

export const blockBytes = 256 * 1024;

/** Which bytes of the file a PUT brings; a length of 0 asks, or says that there are none. */
export interface Chunk {
  readonly start: number;
  readonly length: number;
  /** `null` while the client does not know the size of the file. */
  readonly total: number | null;
}

/** Reads the headers of a PUT to an upload session and refuses what the protocol does not allow. */
export function readChunk(exchange: HttpExchange, session: { readonly totalBytes: number | null }): Chunk {
  const length = readLength(exchange);
  const range = exchange.header('content-range');
  const chunk = range === null ? { start: 0, length, total: length } : parseRange(range, length);
  if (chunk.total !== null && session.totalBytes !== null && chunk.total !== session.totalBytes)
    throw refuseUpload(400, `the file has ${session.totalBytes} bytes, as was said before, and not ${chunk.total}`);
  return chunk;
}

function parseRange(range: string, length: number): Chunk {
  const match = /^bytes (?:(?<from>\d+)-(?<to>\d+)|\*)\/(?<size>\d+|\*)$/.exec(range);
  if (!match?.groups) throw refuseUpload(400, `malformed Content-Range: ${range}`);
  const { from, to, size } = match.groups;
  const total = size === undefined || size === '*' ? null : Number(size);
  if (from === undefined || to === undefined) {
    if (length > 0) throw refuseUpload(400, `Content-Range ${range} comes without a body`);
    return { start: 0, length: 0, total };
  }
  const [start, end] = [Number(from), Number(to) + 1];
  if (end <= start || (total !== null && end > total)) throw refuseUpload(400, `Content-Range ${range} does not lie within the file`);
  if (end - start !== length) throw refuseUpload(400, `Content-Range ${range} does not fit a body of ${length} bytes`);
  if (end !== total && length % blockBytes !== 0)
    throw refuseUpload(400, `a chunk that is not the last has to be a multiple of ${blockBytes} bytes, not ${length}`);
  return { start, length, total };
}

function readLength(exchange: HttpExchange): number {
  const length = exchange.header('content-length');
  if (length === null) throw refuseUpload(411, 'Content-Length is required');
  return Number(length);
}
