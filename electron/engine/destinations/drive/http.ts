import type { Readable } from 'node:stream';
import type { Gaxios } from 'gaxios';
import { BackupError } from '../../../domain/errors.ts';
import { type Account, certificateProblem } from './sign-in-errors.ts';

/** One request as it goes out. A body is a Buffer, never a stream: what has to be sent again is still there. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** How much comes back, where it is much: it is given time for that. */
  readonly expectedBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What came back, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  header(name: string): string | null;
  readonly body: Buffer;
}

/**
 * Sends one request, once. Resolves for every answer of the service; redirects are not followed, since 308 means something else here.
 * Throws `destination-absent` where nobody can be reached, `destination-busy` where the answer does not come in time, both retryable,
 * and the signal's reason. No error names the address or a header: they are secrets.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** So many bytes get the time of one answer more: under a minute for each, a line of 35 kB/s still gets through. */
const bytesPerAnswerTime = 2 * 1024 * 1024;

/** The loopback needs no proxy, whatever the environment says of others. */
export const withoutProxy = ['127.0.0.1', 'localhost', '[::1]'];

/** HTTP through the Google libraries' own client, for the destination with this account. */
export function openHttp(account: Account, answerWithinMs: number): Http {
  return async ({ method, url, headers = {}, body, expectedBytes = 0, signal }) => {
    signal?.throwIfAborted();
    const timeout = Math.ceil(answerWithinMs * (1 + ((body?.length ?? 0) + expectedBytes) / bytesPerAnswerTime));
    try {
      const client = await httpClient();
      const response = await client.request<Readable>({
        method,
        url,
        headers: { ...headers },
        responseType: 'stream',
        timeout,
        ...(body === undefined ? {} : { data: body }),
        ...(signal ? { signal } : {}),
      });
      return { status: response.status, header: (name) => response.headers.get(name), body: await readAll(response.data) };
    } catch (error) {
      signal?.throwIfAborted();
      throw networkError(account, error);
    }
  };
}

let opened: Promise<Gaxios> | undefined;

/** One client, loaded at the first request: a command that needs no network does without it. */
function httpClient(): Promise<Gaxios> {
  opened ??= import('gaxios').then(
    ({ Gaxios }) => new Gaxios({ retry: false, redirect: 'manual', validateStatus: () => true, noProxy: withoutProxy }),
  );
  return opened;
}

async function readAll(stream: Readable | null): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of stream ?? []) blocks.push(block as Buffer);
  return Buffer.concat(blocks);
}

/** Only the code is kept of what failed: everything else may hold the address or a header. */
function networkError(account: Account, error: unknown): BackupError {
  const code = codeOf(error);
  const certificate = certificateProblem(code, account);
  if (certificate) return certificate;
  if (code === 'TimeoutError' || code === 'ETIMEDOUT' || code === 'AbortError') {
    return new BackupError('destination-busy', `Google Drive did not answer ${account.name} in time`, { retryable: true });
  }
  return new BackupError('destination-absent', `Google Drive cannot be reached for ${account.name} (${code})`, {
    retryable: true,
    hint: 'check the connection to the internet',
  });
}

function codeOf(error: unknown): string {
  const found = [error, (error as { cause?: unknown }).cause].map((candidate) => {
    return candidate instanceof Error ? ((candidate as { code?: unknown }).code ?? candidate.name) : undefined;
  });
  return String(found.find((code) => typeof code === 'string') ?? 'no code');
}
