import { STATUS_CODES } from 'node:http';

/** An answer of Google's that is not the one hoped for. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Wording {
  readonly message: string;
  readonly domain?: string;
  readonly location?: readonly [type: 'parameter' | 'header', name: string];
  readonly status?: string;
  readonly details?: readonly unknown[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown where real Drive would refuse; the top of a request turns it into its answer. */
export class Refusal extends Error {
  readonly answer: ErrorAnswer;

  constructor(answer: ErrorAnswer) {
    super(answer.body);
    this.answer = answer;
  }
}

/** An error of the API in Google's JSON form. */
export function refuse(code: number, reason: string, wording: Wording): Refusal {
  return new Refusal(apiError(code, reason, wording));
}

/** One of the errors whose wording is known; others by the status alone. */
export function knownError(code: number, reason: string | undefined): ErrorAnswer {
  if (code === 502 || code === 504) return htmlError(code);
  const name = reason ?? reasonOfStatus[code] ?? 'badRequest';
  return apiError(code, name, wordings[name] ?? { message: STATUS_CODES[code] ?? name });
}

export function refuseKnown(code: number, reason: string): Refusal {
  return new Refusal(knownError(code, reason));
}

export function notFound(id: string): Refusal {
  return refuse(404, 'notFound', { message: `File not found: ${id}.`, location: ['parameter', 'fileId'] });
}

export function invalidParameter(name: string, message: string, reason = 'invalidParameter'): Refusal {
  return refuse(400, reason, { message, location: ['parameter', name] });
}

/** What the upload servers say, which is text and not JSON. */
export function refuseUpload(status: number, text: string): Refusal {
  return new Refusal({ status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text });
}

/** The page that a person sees in front of the consent screen. */
export function htmlError(status: number, text = `${status}. That is an error. ${STATUS_CODES[status] ?? ''}`): ErrorAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="en"><title>Error ${status}</title><p>${escapeHtml(text)}</p></html>\n`,
  };
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function apiError(code: number, reason: string, wording: Wording): ErrorAnswer {
  const { message, domain = 'global', location, status, details } = wording;
  const where = location ? { locationType: location[0], location: location[1] } : {};
  const error = {
    code,
    message,
    errors: [{ message, domain, reason, ...where }],
    ...(status ? { status } : {}),
    ...(details ? { details } : {}),
  };
  return {
    status: code,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...wording.headers },
    body: `${JSON.stringify({ error }, null, 1)}\n`,
  };
}

const reasonOfStatus: Readonly<Record<number, string>> = {
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  409: 'fileIdInUse',
  429: 'rateLimitExceeded',
  500: 'internalError',
  503: 'backendError',
};

function errorInfo(reason: string): unknown {
  return {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'googleapis.com',
    metadata: { service: 'drive.googleapis.com' },
  };
}

const challenge = 'Bearer realm="https://accounts.google.com/"';
const disabled =
  'Google Drive API has not been used in project 407408718192 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/drive.googleapis.com/overview?project=407408718192 then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.';

const wordings: Readonly<Record<string, Wording>> = {
  required: {
    message: 'Login Required.',
    location: ['header', 'Authorization'],
    status: 'UNAUTHENTICATED',
    details: [errorInfo('CREDENTIALS_MISSING')],
    headers: { 'www-authenticate': challenge },
  },
  authError: {
    message: 'Invalid Credentials',
    location: ['header', 'Authorization'],
    status: 'UNAUTHENTICATED',
    details: [errorInfo('ACCESS_TOKEN_EXPIRED')],
    headers: { 'www-authenticate': `${challenge}, error="invalid_token"` },
  },
  insufficientPermissions: {
    message: 'Request had insufficient authentication scopes.',
    status: 'PERMISSION_DENIED',
    details: [errorInfo('ACCESS_TOKEN_SCOPE_INSUFFICIENT')],
    headers: { 'www-authenticate': `${challenge}, error="insufficient_scope"` },
  },
  accessNotConfigured: {
    message: disabled,
    domain: 'usageLimits',
    status: 'PERMISSION_DENIED',
    details: [errorInfo('SERVICE_DISABLED')],
  },
  appNotAuthorizedToFile: { message: 'The user has not granted the app write access to the file.' },
  insufficientFilePermissions: { message: 'The user does not have sufficient permissions for this file.' },
  rateLimitExceeded: { message: 'Rate Limit Exceeded', domain: 'usageLimits' },
  userRateLimitExceeded: { message: 'User Rate Limit Exceeded', domain: 'usageLimits' },
  dailyLimitExceeded: { message: 'Daily Limit Exceeded', domain: 'usageLimits' },
  storageQuotaExceeded: { message: "The user's Drive storage quota has been exceeded." },
  fileIdInUse: { message: 'A file already exists with the provided ID.' },
  notFound: { message: 'File not found.', location: ['parameter', 'fileId'] },
  backendError: { message: 'Backend Error' },
  internalError: { message: 'Internal Error' },
};
