import { z } from 'zod';
import { parseRetryAfter } from '../../../domain/backoff.ts';
import { BackupError, type ErrorCode } from '../../../domain/errors.ts';
import type { HttpResponse } from './http.ts';
import { type Account, signInProblem } from './sign-in-errors.ts';

/** The part of Google's error document that says why (Drive API, "Resolve errors"). */
const errorDocument = z.object({
  error: z.object({
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
    details: z.array(z.object({ reason: z.string().optional() })).optional(),
    status: z.string().optional(),
  }),
});

/** What each reason means. Those that pass by themselves are tried again; all others stop at once, with the reason. */
const rateReasons = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'sharingRateLimitExceeded', 'RATE_LIMIT_EXCEEDED']);
const quotaReasons = new Set(['storageQuotaExceeded', 'quotaExceeded', 'teamDriveFileLimitExceeded']);
const scopeReasons = new Set(['insufficientPermissions', 'insufficientScopes', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']);
const disabledReasons = new Set(['accessNotConfigured', 'SERVICE_DISABLED']);

/** The reasons in an answer, in Google's own words; none where it says none. */
export function reasonsOf(response: HttpResponse): readonly string[] {
  const parsed = errorDocument.safeParse(parseJson(response.body));
  if (!parsed.success) return [];
  const { details = [], errors = [] } = parsed.data.error;
  return [...errors, ...details].flatMap(({ reason }) => reason ?? []);
}

/**
 * What an answer that is no success means for the destination with this account. `retryable` is true where the same request may succeed
 * later; `details.retryAfterMs` is what the service asks for.
 */
export function apiError(response: HttpResponse, account: Account, nowMs: number): BackupError {
  const { name } = account;
  const { status } = response;
  const reasons = reasonsOf(response);
  const retryAfterMs = parseRetryAfter(response.header('retry-after'), nowMs);
  const details = { status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const because = reasons[0] === undefined ? `HTTP ${status}` : `HTTP ${status}, ${reasons[0]}`;
  const make = (code: ErrorCode, message: string, hint: string, retryable = false) =>
    new BackupError(code, message, { hint, retryable, details });

  if (status === 401) return signInProblem('sign-in-revoked', account);
  if (status === 403 && reasons.some((reason) => scopeReasons.has(reason))) return signInProblem('sign-in-scope', account);
  if (status === 403 && reasons.some((reason) => disabledReasons.has(reason))) return signInProblem('sign-in-api-disabled', account);
  if (reasons.some((reason) => quotaReasons.has(reason))) {
    return make('destination-full', `the Google account of ${name} is full (${because})`, 'free some space there, or empty its trash');
  }
  if (reasons.includes('dailyLimitExceeded')) {
    return make('destination-busy', `Google takes no more from ${name} today (${because})`, 'it goes on tomorrow');
  }
  if (status === 429 || status === 408 || status >= 500 || reasons.some((reason) => rateReasons.has(reason))) {
    return make(
      'destination-busy',
      `Google Drive does not take requests of ${name} at the moment (${because})`,
      'run it again later',
      true,
    );
  }
  if (status === 404)
    return make('object-missing', `Google Drive does not know what ${name} asked for (${because})`, 'see nightjar doctor');
  return make('destination-refused', `Google Drive refuses what ${name} asked for (${because})`, 'see nightjar doctor');
}

/** The JSON in an answer; `undefined` for what is none, as from a proxy in between. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
