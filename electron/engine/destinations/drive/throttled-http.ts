import type { Clock } from '../../ports.ts';
import type { Http } from './http.ts';

/**
 * The same HTTP, in which all requests together move at most so many bytes a second, up and down, on the average: after each request
 * the next one waits as long as the bytes of the former ones were worth. `limit` gives the bytes a second that hold now, or `null`.
 */
export function throttledHttp(http: Http, limit: () => number | null, clock: Clock): Http {
  let freeAtMs = 0;
  return async (request) => {
    const nowMs = clock.now();
    if (freeAtMs > nowMs) await clock.sleep(freeAtMs - nowMs, request.signal);
    const startedAtMs = clock.now();
    const response = await http(request);
    const bytes = (request.body?.length ?? 0) + response.body.length;
    const bytesPerSecond = limit();
    if (bytesPerSecond !== null) freeAtMs = Math.max(freeAtMs, startedAtMs) + (bytes * 1000) / bytesPerSecond;
    return response;
  };
}
