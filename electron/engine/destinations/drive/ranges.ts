import { BackupError } from '../../../domain/errors.ts';
import type { Patience } from '../patience.ts';
import { type DriveCalls, googleRoot, isSuccess } from './calls.ts';

export interface Ranges {
  readonly offset: number;
  /** The first byte that is not wanted. */
  readonly end: number;
  /** Size of the whole file. */
  readonly size: number;
  readonly rangeBytes: number;
}

/**
 * Reads a file by ranges, the next one while the present one is used. A range that breaks off is asked for again; attempts are bounded and
 * counted anew with every range that came whole. What comes is checked by its length only: digests are the caller's business.
 */
export async function* readRanges(calls: DriveCalls, fileId: string, ranges: Ranges, patience: Patience, signal?: AbortSignal) {
  const { end, rangeBytes, size } = ranges;
  const url = `${googleRoot}/drive/v3/files/${encodeURIComponent(fileId)}?alt=media`;

  const ask = async (from: number, to: number): Promise<Buffer> => {
    const headers = { range: `bytes=${from}-${to - 1}` };
    const response = await calls.send({ method: 'GET', url, headers, expectedBytes: to - from, signal });
    if (!isSuccess(response.status)) throw calls.problem(response);
    // A service that does not know ranges gives the whole file.
    const bytes = response.status === 206 || from === 0 ? response.body : response.body.subarray(from, to);
    if (bytes.length === to - from) return bytes;
    if (response.status !== 206 && response.body.length === size) return response.body.subarray(from, to);
    throw new BackupError('destination-busy', `Google Drive gave ${bytes.length} bytes where ${to - from} were asked for`, {
      retryable: true,
    });
  };
  const fetchRange = async (from: number): Promise<Buffer> => {
    for (;;) {
      try {
        const bytes = await ask(from, Math.min(end, from + rangeBytes));
        patience.renew();
        return bytes;
      } catch (error) {
        await patience.await(error, signal);
      }
    }
  };

  let next = ranges.offset < end ? fetchRange(ranges.offset) : undefined;
  for (let offset = ranges.offset; next !== undefined; ) {
    const bytes = await next;
    offset += bytes.length;
    next = offset < end ? fetchRange(offset) : undefined;
    // It is awaited in its turn; until then its failure is nobody's.
    next?.catch(() => {});
    yield bytes;
    signal?.throwIfAborted();
  }
}
