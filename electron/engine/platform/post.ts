import { BackupError } from '../../domain/errors.ts';
import { isSafeUrl } from '../../domain/safe-url.ts';
import type { Clock } from '../ports.ts';
import { withinLimit } from './within-limit.ts';

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly contentType: 'application/json' | 'text/plain; charset=utf-8';
  /** For one attempt. */
  readonly limitMs: number;
  /** Attempts after the first that are made where an answer may come later. */
  readonly retries: number;
  readonly signal?: AbortSignal | undefined;
}

const retryAfterMs = 1000;

/**
 * Posts a text. Throws `usage-invalid` for an address that is neither encrypted nor of this machine, and else `destination-absent` or
 * `destination-refused`, none of which names more of the address than its host: the rest is a secret. Redirects are not followed.
 */
export async function post(request: Post, clock: Clock): Promise<void> {
  const { retries, signal, url } = request;
  const host = URL.parse(url)?.host ?? 'an address that cannot be read';
  if (!isSafeUrl(url)) throw new BackupError('usage-invalid', `${host} is neither an https address nor one of this machine`);
  for (let attempt = 0; ; attempt++) {
    const problem = await withinLimit(clock, request.limitMs, signal, (stop) => postOnce(request, stop)).catch(() => 'did not answer');
    if (problem === null) return;
    signal?.throwIfAborted();
    const isRefused = /^answered with 4/.test(problem) && !/ (408|429)$/.test(problem);
    if (isRefused || attempt >= retries) {
      throw new BackupError(isRefused ? 'destination-refused' : 'destination-absent', `${host} ${problem}`, { retryable: !isRefused });
    }
    await clock.sleep(retryAfterMs * 2 ** attempt, signal);
  }
}

async function postOnce({ body, contentType, url }: Post, signal: AbortSignal): Promise<string | null> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': contentType }, redirect: 'manual', signal });
  await response.body?.cancel();
  return response.ok ? null : `answered with ${response.status}`;
}
