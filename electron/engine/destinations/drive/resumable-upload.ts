import { createHash } from 'node:crypto';
import { BackupError } from '../../../domain/errors.ts';
import { isSafeUrl } from '../../../domain/safe-url.ts';
import type { Digests } from '../../pipeline/digest.ts';
import type { Clock, Ids } from '../../ports.ts';
import type { Patience } from '../patience.ts';
import { parseJson } from './api-errors.ts';
import { type DriveCalls, isSuccess } from './calls.ts';
import { type DriveFile, driveFileSchema } from './drive-file.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { openUploadFile, type UploadFile } from './upload-file.ts';
import { isUsable, type SessionKeeper } from './upload-session.ts';

export interface Upload {
  readonly path: string;
  readonly digests: Digests;
  /** A multiple of 256 KiB. */
  readonly chunkBytes: number;
  /** The request that begins a session: where the content goes, and its metadata. */
  readonly begin: Pick<HttpRequest, 'method' | 'url'> & { readonly metadata: object };
  /** What Drive has under the id of the new file, where it says that the id is in use: a former attempt had succeeded after all. */
  readonly existing: () => Promise<DriveFile | null>;
  readonly keeper: SessionKeeper;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((doneBytes: number) => void) | undefined;
}

export interface UploadTools {
  readonly calls: DriveCalls;
  readonly ports: { readonly clock: Clock; readonly ids: Ids };
}

/** What the service says of a session. */
type Held =
  | { readonly kind: 'finished'; readonly file: DriveFile }
  | { readonly kind: 'open'; readonly bytes: number }
  /** The session is over: it takes nothing more. */
  | { readonly kind: 'gone' };

/**
 * Sends a file by Drive's resumable protocol (Drive API, "Perform a resumable upload") and resolves to what Drive then has.
 *
 * - The next byte to send is always the one after those that the service says it holds: none without a `Range`, and fewer than were sent
 *   where it says so.
 * - After any doubt (5xx, a dropped connection, no answer) it is asked what it holds before anything is sent again.
 * - A session that is gone is begun anew; one that a former process left is gone on with, if the file begins as it did.
 * - Attempts are bounded over the whole upload and counted anew only by progress. Waits are bounded in all, and so is how often the
 *   service may lose what it held.
 *
 * Throws what the service's last answer means, the signal's reason, and `internal` where the file changes meanwhile.
 */
export async function uploadResumably(upload: Upload, tools: UploadTools): Promise<DriveFile> {
  await using file = await openUploadFile(upload.path, upload.digests);
  const patience = tools.calls.patience();
  const session = openSession(upload, file, tools, patience);
  const tell = tellForward(upload.onBytes);
  let held = await session.resume();
  let losses = 0;
  while (held.kind !== 'finished') {
    if (held.kind === 'gone') held = await session.begin();
    if (held.kind !== 'open') continue;
    const offset = held.bytes;
    tell(offset);
    const sent = await session.sendFrom(offset);
    held = sent.held;
    const gain = gainOf(held, offset);
    if (gain > 0) {
      patience.renew();
      continue;
    }
    const trouble = gain === 0 ? noProgress(offset) : lostBytes();
    if (gain < 0 && ++losses > maxLosses) throw trouble;
    // A chunk that failed was waited for already, with its own reason.
    if (!sent.failed) await patience.await(trouble, upload.signal);
  }
  tell(file.bytes);
  return held.file;
}

/** So often the service may lose what it held, and get it again from there, before the upload is given up. */
const maxLosses = 4;

/** How many bytes more the service holds than before; all that it held are lost where the session is gone. */
function gainOf(held: Held, offset: number): number {
  switch (held.kind) {
    case 'finished':
      return Number.POSITIVE_INFINITY;
    case 'open':
      return held.bytes - offset;
    case 'gone':
      return Number.NEGATIVE_INFINITY;
  }
}

/** Tells how many bytes are done, and never fewer than before. */
function tellForward(onBytes: Upload['onBytes']): (doneBytes: number) => void {
  let mostBytes = 0;
  return (doneBytes) => {
    mostBytes = Math.max(mostBytes, doneBytes);
    onBytes?.(mostBytes);
  };
}

/** The upload's session with the service, one after another where one ends too early. */
function openSession(upload: Upload, file: UploadFile, { calls, ports }: UploadTools, patience: Patience) {
  const { chunkBytes, digests, keeper, signal } = upload;
  let address = '';
  let offeredBytes = 0;

  const put = (range: string, body: Buffer) =>
    calls.send({ method: 'PUT', url: address, headers: { 'content-range': range, 'content-type': contentType }, body, signal });

  /** Asks what the service holds, until it answers. */
  const ask = async (): Promise<Held> => {
    for (;;) {
      try {
        return heldAfter(await put(`bytes */${file.bytes}`, Buffer.alloc(0)), offeredBytes, calls);
      } catch (error) {
        await patience.await(error, signal);
      }
    }
  };

  return {
    /** Goes on with the session that a former process left, if it is for this content and was offered the same bytes so far. */
    resume: async (): Promise<Held> => {
      const former = await keeper.load();
      if (former === null) return { kind: 'gone' };
      if (!isUsable(former, digests, ports.clock.now()) || !(await file.beginsWith(former.offered))) {
        await keeper.forget();
        return { kind: 'gone' };
      }
      address = former.address;
      offeredBytes = former.offered.bytes;
      return ask();
    },

    begin: async (): Promise<Held> => {
      const { metadata, ...request } = upload.begin;
      const headers = {
        'content-type': 'application/json; charset=UTF-8',
        'x-upload-content-type': contentType,
        'x-upload-content-length': String(file.bytes),
      };
      const response = await calls.call({ ...request, headers, body: JSON.stringify(metadata), signal }, [409]);
      const finished = response.status === 409 ? await upload.existing() : null;
      if (finished !== null) return { kind: 'finished', file: finished };
      const location = response.header('location');
      if (location === null || !isSafeUrl(location)) throw calls.problem(response);
      address = location;
      offeredBytes = 0;
      await keeper.save({ address, startedAtMs: ports.clock.now(), bytes: file.bytes, sha256: digests.sha256, offered: nothing });
      return { kind: 'open', bytes: 0 };
    },

    /** Offers the next chunk; resolves to what the service then says it holds, after asking it where its answer left a doubt. */
    sendFrom: async (offset: number): Promise<{ readonly held: Held; readonly failed: boolean }> => {
      // It holds everything and has not finished: there is nothing more to send, only to ask.
      if (offset === file.bytes) return { held: await ask(), failed: false };
      const { bytes, prefix } = await file.chunk(offset, chunkBytes);
      offeredBytes = prefix.bytes;
      keeper.offer(prefix);
      try {
        const answer = await put(`bytes ${offset}-${offset + bytes.length - 1}/${file.bytes}`, bytes);
        return { held: heldAfter(answer, offeredBytes, calls), failed: false };
      } catch (error) {
        await patience.await(error, signal);
        return { held: await ask(), failed: true };
      }
    },
  };
}

const contentType = 'application/gzip';
const nothing = { bytes: 0, sha256: createHash('sha256').digest('hex') };

/** Reads an answer within a session. Throws what any other answer means. */
function heldAfter(response: HttpResponse, offeredBytes: number, calls: DriveCalls): Held {
  const { status } = response;
  if (isSuccess(status)) {
    const parsed = driveFileSchema.safeParse(parseJson(response.body));
    if (parsed.success) return { kind: 'finished', file: parsed.data };
    throw new BackupError('destination-busy', 'Google Drive finished an upload without saying what it has now', { retryable: true });
  }
  if (isOver(status)) return { kind: 'gone' };
  if (status !== 308) throw calls.problem(response);
  const bytes = parseHeldRange(response.header('range'));
  // A service that holds what was never offered speaks of another upload: this one begins anew.
  return bytes > offeredBytes ? { kind: 'gone' } : { kind: 'open', bytes };
}

/** 404 and 410 end a session, and so does any other refusal of it that is not of the request, the account or the rate. */
function isOver(status: number): boolean {
  return status >= 404 && status < 500 && status !== 408 && status !== 429;
}

/** How many bytes a 308 says are held: `bytes=0-N` are N + 1, and no `Range` at all is none (S1-57). */
export function parseHeldRange(header: string | null): number {
  const match = header === null ? null : /^bytes=0-(\d{1,15})$/.exec(header.trim());
  return match ? Number(match[1]) + 1 : 0;
}

function lostBytes(): BackupError {
  return new BackupError('destination-busy', 'Google Drive lost what it held of the upload', {
    retryable: true,
    hint: 'run it again; it is sent anew',
  });
}

function noProgress(bytes: number): BackupError {
  return new BackupError('destination-busy', `Google Drive takes no more of the upload than the first ${bytes} bytes`, {
    retryable: true,
    hint: 'run it again later; it goes on where it is',
  });
}
