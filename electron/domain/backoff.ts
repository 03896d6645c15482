const longestWaitMs = 64_000;

/**
 * How long to wait before the next attempt: 1, 2, 4 ... 64 s after the first, second, third failure in a row, and up to one second more
 * (Drive API, "Resolve errors": exponential backoff). `fraction` is a random number from 0 to below 1. What the service itself asks for
 * in `Retry-After` goes before.
 */
export function nextWaitMs(failures: number, fraction: number, retryAfterMs?: number): number {
  const jitterMs = Math.floor(fraction * 1000);
  if (retryAfterMs !== undefined) return Math.max(0, retryAfterMs) + jitterMs;
  return Math.min(2 ** Math.max(0, failures - 1) * 1000, longestWaitMs) + jitterMs;
}

/** Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a date; `undefined` for what is neither. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
