import { join } from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import { BackupError, type ErrorCode, type ErrorOptions } from '../../../domain/errors.ts';
import type { DriveConfig } from '../../../domain/model.ts';

export type SignInCode = Extract<ErrorCode, `sign-in-${string}`>;

/** Whose sign-in it is, for sentences: a destination's name alone stands for credentials of its own. */
export type Account = Pick<DriveConfig, 'name' | 'credentials'>;

/** What an endpoint answered, reduced to what holds no secret. */
export interface Refusal {
  /** The HTTP status; `null` where there was no answer. */
  readonly status: number | null;
  /** OAuth's error code or, without an answer, the system's. */
  readonly code: string | null;
  /** What the server's clock said. */
  readonly serverTimeMs: number | null;
}

export interface RefusalContext {
  readonly account: Account;
  readonly nowMs: number;
  /** What was asked for: a new access token, or the first tokens of a sign-in. */
  readonly grant: 'refresh' | 'code';
  readonly refreshEndsAtMs: number | null;
}

const clockToleranceMs = 5 * 60_000;
const clientCodes = new Set(['invalid_client', 'unauthorized_client', 'deleted_client', 'disabled_client', 'org_internal']);
const certificateCodes = new Map([
  ['CERT_NOT_YET_VALID', 'is not valid yet'],
  ['CERT_HAS_EXPIRED', 'has expired'],
]);

/** What is wrong with the sign-in of an account, and what helps. `note` is a fact for the sentence, such as Google's error code. */
export function signInProblem(code: SignInCode, account: Account | string, note?: string): BackupError {
  const { name, credentials } = typeof account === 'string' ? ownAccount(account) : account;
  const because = note === undefined ? '' : ` (${note})`;
  const renew = renewal(name, credentials);
  switch (code) {
    case 'sign-in-missing':
      return problem(code, `sign in: there is no complete sign-in for the destination ${name}${because}`, renew);
    case 'sign-in-expired':
      return problem(
        code,
        `sign in again: the sign-in of the destination ${name} has ended${because}`,
        `${renew}; a consent screen in "Testing" ends every sign-in after 7 days: set it to "In production" (Google Auth Platform > Audience)`,
      );
    case 'sign-in-revoked':
      return problem(code, `sign in again: Google no longer accepts the sign-in of the destination ${name}${because}`, renew);
    case 'sign-in-clock':
      return problem(
        code,
        `this machine's clock differs from Google's${because}, so Google refuses the destination ${name}`,
        'let the system set date and time by itself, then run it again',
      );
    case 'sign-in-scope':
      return problem(
        code,
        `sign in again: the sign-in of the destination ${name} does not allow what Nightjar needs in Google Drive${because}`,
        `${renew}, and leave every box on Google's page ticked`,
      );
    case 'sign-in-api-disabled':
      return problem(
        code,
        `the Google Drive API is not enabled in the Cloud project of the destination ${name}${because}`,
        'in console.cloud.google.com, in the project of the OAuth client: APIs & Services > Library > Google Drive API > Enable; it takes some minutes',
      );
    case 'sign-in-account':
      return problem(code, `the destination ${name} is signed in with another Google account than before${because}`, renew);
    case 'sign-in-client':
      return problem(
        code,
        `Google does not accept the OAuth client of the destination ${name}${because}`,
        clientRenewal(name, credentials),
      );
  }
}

/** The sign-in is of another account than the one that the destination's snapshots belong to. */
export function otherAccount(account: Account | string, expectedEmail: string, foundEmail: string): BackupError {
  const { name, credentials } = typeof account === 'string' ? ownAccount(account) : account;
  return problem(
    'sign-in-account',
    `the destination ${name} belongs to ${expectedEmail}, but the sign-in is of ${foundEmail}`,
    `choose ${expectedEmail} on Google's page: ${renewal(name, credentials)}`,
  );
}

/** The clock of this machine is `offMs` ahead of the server's, or behind where that is negative. */
export function clockProblem(account: Account | string, offMs: number): BackupError {
  const { name } = typeof account === 'string' ? ownAccount(account) : account;
  const minuteMs = 60_000;
  const off = prettyMilliseconds(Math.round(Math.abs(offMs) / minuteMs) * minuteMs, { verbose: true, unitCount: 2 });
  return problem(
    'sign-in-clock',
    `this machine's clock is ${off} ${offMs < 0 ? 'behind' : 'ahead'}, so Google refuses the destination ${name}`,
    'let the system set date and time by itself, then run it again',
  );
}

/** A certificate that is not valid now speaks of a wrong clock here; `null` for every other code of the system. */
export function certificateProblem(code: string | null, account: Account): BackupError | null {
  const certificate = certificateCodes.get(code ?? '');
  return certificate === undefined ? null : signInProblem('sign-in-clock', account, `Google's certificate ${certificate}`);
}

/** What a refused request for tokens means. */
export function classifyRefusal(refusal: Refusal, context: RefusalContext): BackupError {
  const { status, code } = refusal;
  const { account, nowMs } = context;
  const certificate = certificateProblem(code, account);
  if (certificate) return certificate;
  if (status === null) {
    return problem(
      'destination-absent',
      `Google's sign-in service cannot be reached for ${account.name} (${code ?? 'no answer'})`,
      network,
      {
        retryable: true,
      },
    );
  }
  if (status < 400 || status === 408 || status === 429 || status >= 500) {
    return problem('destination-busy', `Google's sign-in service does not answer ${account.name} as it should (HTTP ${status})`, later, {
      retryable: true,
      details: { status },
    });
  }
  const offMs = refusal.serverTimeMs === null ? 0 : nowMs - refusal.serverTimeMs;
  if (code === 'invalid_grant' && Math.abs(offMs) > clockToleranceMs) return clockProblem(account, offMs);
  if (code === 'invalid_grant') return refusedGrant(context);
  if (code === 'invalid_scope') return signInProblem('sign-in-scope', account, code);
  if (code !== null && clientCodes.has(code)) return signInProblem('sign-in-client', account, code);
  return problem(
    'destination-refused',
    `Google's sign-in service refuses the destination ${account.name} (HTTP ${status}${code === null ? '' : `, ${code}`})`,
    'sign in again; where an organisation runs the account, its administrator has to allow the OAuth client',
    { details: { status } },
  );
}

const network = 'check the connection to the internet; it goes on by itself when Google can be reached';
const later = 'run it again later';

function refusedGrant({ account, nowMs, grant, refreshEndsAtMs }: RefusalContext): BackupError {
  if (grant === 'code') return signInProblem('sign-in-missing', account, 'the code of the browser was too old or used before');
  return signInProblem(refreshEndsAtMs !== null && refreshEndsAtMs <= nowMs ? 'sign-in-expired' : 'sign-in-revoked', account);
}

function ownAccount(name: string): Account {
  return { name, credentials: { kind: 'own' } };
}

function renewal(name: string, credentials: Account['credentials']): string {
  return credentials.kind === 'own'
    ? `nightjar destination sign-in ${name}`
    : `sign in with the program that keeps ${join(credentials.path, 'tokens.json')}, such as google-drive-mcp`;
}

function clientRenewal(name: string, credentials: Account['credentials']): string {
  const console = 'see in console.cloud.google.com, APIs & Services > Credentials, whether the client is there, and download its JSON';
  return credentials.kind === 'own'
    ? `${console}; then nightjar destination sign-in ${name} --client FILE`
    : `${console} to ${join(credentials.path, 'gcp-oauth.keys.json')}`;
}

function problem(code: ErrorCode, message: string, hint: string, options: Omit<ErrorOptions, 'hint'> = {}): BackupError {
  return new BackupError(code, message, { hint, ...options });
}
