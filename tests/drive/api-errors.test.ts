import { describe, expect, it } from 'vitest';
import { apiError } from '../../electron/engine/destinations/drive/api-errors.ts';
import type { HttpResponse } from '../../electron/engine/destinations/drive/http.ts';

const account = { name: 'gdrive', credentials: { kind: 'own' } } as const;
const nowMs = Date.parse('2026-11-22T03:17:00Z');

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, header: (name) => headers[name] ?? null, body: Buffer.from(text) };
}

const withReason = (reason: string) => ({ error: { code: 403, message: 'No.', errors: [{ domain: 'global', reason, message: 'No.' }] } });
const withDetail = (reason: string) => ({
  error: { code: 403, status: 'PERMISSION_DENIED', details: [{ reason, domain: 'googleapis.com' }] },
});

describe('an answer of Drive that is no success', () => {
  it.each<[number, unknown, string, boolean]>([
    [400, withReason('badRequest'), 'destination-refused', false],
    [401, withReason('authError'), 'sign-in-revoked', false],
    [403, withReason('rateLimitExceeded'), 'destination-busy', true],
    [403, withReason('userRateLimitExceeded'), 'destination-busy', true],
    [403, withDetail('RATE_LIMIT_EXCEEDED'), 'destination-busy', true],
    [403, withReason('storageQuotaExceeded'), 'destination-full', false],
    [403, withReason('quotaExceeded'), 'destination-full', false],
    [403, withReason('dailyLimitExceeded'), 'destination-busy', false],
    [403, withReason('insufficientPermissions'), 'sign-in-scope', false],
    [403, withDetail('ACCESS_TOKEN_SCOPE_INSUFFICIENT'), 'sign-in-scope', false],
    [403, withReason('accessNotConfigured'), 'sign-in-api-disabled', false],
    [403, withDetail('SERVICE_DISABLED'), 'sign-in-api-disabled', false],
    [403, withReason('insufficientFilePermissions'), 'destination-refused', false],
    [403, withReason('appNotAuthorizedToFile'), 'destination-refused', false],
    [403, '<html>a proxy says no</html>', 'destination-refused', false],
    [404, withReason('notFound'), 'object-missing', false],
    [408, '', 'destination-busy', true],
    [409, withReason('fileIdInUse'), 'destination-refused', false],
    [429, withReason('rateLimitExceeded'), 'destination-busy', true],
    [500, withReason('backendError'), 'destination-busy', true],
    [503, 'Service Unavailable', 'destination-busy', true],
  ])('%d %j is %s, to be tried again: %s', (status, body, code, retryable) => {
    expect(apiError(answer(status, body), account, nowMs)).toMatchObject({ code, retryable, hint: expect.any(String) });
  });

  it('names the status and the reason in its sentence', () => {
    expect(apiError(answer(403, withReason('storageQuotaExceeded')), account, nowMs).message).toBe(
      'the Google account of gdrive is full (HTTP 403, storageQuotaExceeded)',
    );
    expect(apiError(answer(418, 'a teapot'), account, nowMs).message).toBe('Google Drive refuses what gdrive asked for (HTTP 418)');
  });

  it.each([
    ['7', 7000],
    ['Sun, 22 Nov 2026 03:17:30 GMT', 30_000],
  ])('keeps what Retry-After asks for: %s', (header, retryAfterMs) => {
    expect(apiError(answer(429, '', { 'retry-after': header }), account, nowMs).details).toEqual({ status: 429, retryAfterMs });
  });
});
